// npm run rules:table: writes the table of rules into the README. It is generated, so that it cannot disagree with them.
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { rules } from '../dist/src/lint.js';
import { withRulesTable } from '../dist/src/report/rules-table.js';

const file = fileURLToPath(new URL('../README.md', import.meta.url));
const before = readFileSync(file, 'utf8');
const after = withRulesTable(before, rules);
if (after !== before) writeFileSync(file, after);
console.log(after === before ? 'The table of rules is up to date.' : 'Wrote the table of rules into README.md.');
