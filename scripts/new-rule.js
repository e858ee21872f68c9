// npm run new:rule no-something: the folder of a new rule, and its lines in rules/index.ts. Refuses a name that exists.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const [id] = process.argv.slice(2);

function refuse(message) {
  console.error(message);
  process.exitCode = 1;
}

const readme = (name) => `# ${name}

One sentence: what is wrong, and what it does to whom.

## Why it hurts

Which lock, how long, who waits.

\`\`\`sql setup
CREATE TABLE users (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, email text);
\`\`\`

## Bad

\`\`\`sql bad
\`\`\`

## Good

\`\`\`sql good
\`\`\`

## When to ignore

When it is harmless after all.
`;

const rule = (name, camel) => `/**
 * What it looks for and why, where the fact comes from, and what is not reported.
 */
import { defineRule, nameText } from '../../src/rule-sdk.ts';

export const ${camel} = defineRule({
  id: '${name}',
  severity: 'warning',
  set: 'recommended',
  group: 'locks',
  summary: 'The same sentence as in the README.',
  kinds: ['drop_column'],

  check({ change, isNew }) {
    if (isNew(change.table)) return null;
    return { message: \`What is locked in \${nameText(change.table)}, who waits, and why.\` };
  },
});
`;

/** Every import and every entry on a line of its own, in the order of the alphabet. */
function withRule(index, name, camel) {
  const importLine = `import { ${camel} } from './${name}/rule.ts';`;
  const imports = [...index.matchAll(/^import \{ \w+ \} from '\.\/.*$/gm)].map(([line]) => line);
  const entries = [...index.matchAll(/^ {2}\w+,$/gm)].map(([line]) => line);
  return index
    .replace(imports.join('\n'), [...imports, importLine].toSorted(byName).join('\n'))
    .replace(entries.join('\n'), [...entries, `  ${camel},`].toSorted((a, b) => (a < b ? -1 : 1)).join('\n'));
}

function byName(a, b) {
  const name = (line) => /\{ (\w+) \}/.exec(line)?.[1] ?? '';
  return name(a) < name(b) ? -1 : 1;
}

if (!/^(no|require|prefer)-[a-z0-9]+(-[a-z0-9]+)*$/.test(id ?? '')) {
  refuse('Usage: npm run new:rule <id>, for instance no-drop-column. Ids begin with no-, require- or prefer-.');
} else if (existsSync(`${root}/rules/${id}`)) {
  refuse(`There is a rule ${id} already: rules/${id}`);
} else {
  const camel = id.replaceAll(/-([a-z0-9])/g, (_, letter) => letter.toUpperCase());
  const index = `${root}/rules/index.ts`;
  mkdirSync(`${root}/rules/${id}`);
  writeFileSync(`${root}/rules/${id}/README.md`, readme(id));
  writeFileSync(`${root}/rules/${id}/rule.ts`, rule(id, camel));
  writeFileSync(index, withRule(readFileSync(index, 'utf8'), id, camel));
  console.log(`Made rules/${id}. Fill README.md and rule.ts until "npm test -- rules" passes.`);
}
