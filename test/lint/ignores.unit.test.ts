/** `-- migrate:ignore`: what it silences, and what is said about one that silences nothing. */
import { beforeAll, expect, test } from 'vitest';
import { loadParser } from '../../src/sql/parse.ts';
import { found, lintSql } from './lint-sql.ts';

beforeAll(loadParser);

const index = 'CREATE INDEX ON orders (user_id);';
const ignore = '-- migrate:ignore require-concurrent-index -- nobody writes at night';

test('silences one rule for the next statement', () => {
  expect(found(`${ignore}\n${index}`)).toEqual([]);
  expect(found(`${ignore}\n${index}\n${index}`)).toEqual(['require-concurrent-index:3']);
});

test('works inside a statement, and several stand above one another', () => {
  expect(
    found(`ALTER TABLE users
  -- migrate:ignore no-set-not-null -- checked by hand
  ALTER COLUMN a SET NOT NULL,
  -- migrate:ignore no-not-null-without-default -- the table is empty
  ADD COLUMN b int NOT NULL;`),
  ).toEqual([]);
});

test('does not silence another rule', () => {
  expect(found('-- migrate:ignore no-set-not-null -- wrong one\nALTER TABLE users ADD COLUMN b int NOT NULL;')).toEqual(
    ['no-unused-ignore:1', 'no-not-null-without-default:2'],
  );
});

test('is reported when it silences nothing', () => {
  const { findings } = lintSql(`SELECT 1;\n  ${ignore}\nCREATE INDEX CONCURRENTLY ON orders (user_id);`);
  expect(findings).toMatchObject([
    {
      rule: 'no-unused-ignore',
      severity: 'warning',
      line: 2,
      column: 3,
      endColumn: 3 + ignore.length,
      message: 'This ignore silences nothing: require-concurrent-index finds nothing here. Remove the comment.',
    },
  ]);
});

test('is reported when no statement follows', () => {
  expect(lintSql(`SELECT 1;\n${ignore}\n`).findings).toMatchObject([
    { rule: 'no-unused-ignore', line: 2, message: expect.stringMatching(/^No statement follows/) },
  ]);
});

test('of a rule that does not exist says which one was meant', () => {
  const [finding] = lintSql(`-- migrate:ignore require-concurent-index -- why\n${index}`).findings;
  expect(finding?.message).toBe('There is no rule require-concurent-index. Did you mean require-concurrent-index?');
});

test('of a rule that is off is left alone', () => {
  expect(found(`${ignore}\n${index}`, { severities: { 'require-concurrent-index': 'off' } })).toEqual([]);
});
