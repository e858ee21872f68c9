/** Comments are found without the server's scanner where the quotes are plain: they must be the very same ones. */
import fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import { loadParser, readComments, type Comment } from '../../src/sql/grammar.ts';
import { migrationsOf, readAllCases } from '../operations/harness/case-file.ts';

beforeAll(loadParser);

/** A dollar quote behind the text makes it one for the scanner. */
function scanned(text: string): readonly Comment[] {
  return readComments(`${text}\nselect $$$$`);
}

test('in every case of an operation', () => {
  for (const { source } of readAllCases().flatMap(migrationsOf)) expect(readComments(source)).toEqual(scanned(source));
});

test('in any order of quotes, comments and line ends', () => {
  const pieces = [`'--'`, `'it''s -- "one"'`, `"a ""--"" b"`, `E'--'`, `n'"'`, `-- it's "\n`, '--\r', '--\n', '---\n'];
  const blocks = ['/**/', `/* it's "\n-- */`, '/*/ */', '/* a /* b */ c */', '/***/', '+/*é*/'];
  const others = ['a', '-', ' ', '\n', '\r', '+--é\n', 'é', ';', ',', '<->', `U&"d--"`, '/'];
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...pieces, ...blocks, ...others)), (chosen) => {
      const text = `${chosen.join('')}\n`;
      expect(readComments(text)).toEqual(scanned(text));
    }),
  );
});
