/** docs/compat.md has the table of `rule-names.ts`. `npm run docs:compat` writes it. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { otherLinters, rulesOfOthers, type OtherLinter } from '../../src/lint/compat/rule-names.ts';

const file = fileURLToPath(new URL('../../docs/compat.md', import.meta.url));

test('docs/compat.md is what the table says (write it anew: npm run docs:compat)', async () => {
  const document = readFileSync(file, 'utf8');
  const tables = otherLinters.map(tableOf).join('\n\n');
  await expect(document.replace(/(<!-- from .* -->\n)[^]*(<!-- end -->)/, `$1\n${tables}\n\n$2`)).toMatchFileSnapshot(
    file,
  );
});

function tableOf(linter: OtherLinter): string {
  const rows = Object.entries(rulesOfOthers[linter]).map(([name, own]) =>
    typeof own === 'string'
      ? `| \`${name}\` | none: ${own} |`
      : `| \`${name}\` | ${own.map((rule) => `\`${rule}\``).join(', ')} |`,
  );
  return [`## ${linter}`, '', `| ${linter} | ours |`, '|---|---|', ...rows].join('\n');
}
