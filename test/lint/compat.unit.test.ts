/** `compat`: the comments and the names of other linters. */
import { beforeAll, describe, expect, test } from 'vitest';
import { rules } from '../../rules/index.ts';
import { builtInRules } from '../../src/lint/built-in-rules.ts';
import { otherNames, ownLevels } from '../../src/lint/compat/counterparts.ts';
import { otherLinters, rulesOfOthers, type OtherLinter } from '../../src/lint/compat/rule-names.ts';
import { loadParser } from '../../src/sql/parse.ts';
import { found, lintSql } from './lint-sql.ts';

beforeAll(loadParser);

test('each counterpart is a rule of ours', () => {
  const known = new Set([...rules, ...builtInRules].map(({ id }) => id));
  const named = otherLinters.flatMap((linter) =>
    Object.values(rulesOfOthers[linter]).flatMap((own) => (typeof own === 'string' ? [] : own)),
  );
  expect(named.length).toBeGreaterThan(100);
  expect(named.filter((rule) => !known.has(rule))).toEqual([]);
});

const drop = 'ALTER TABLE t DROP COLUMN c';
const twice = `${drop},\n  DROP COLUMN d`;
const index = 'CREATE INDEX ON t (a)';

describe('comments', () => {
  test.each<[OtherLinter, string, readonly string[]]>([
    ['squawk', `-- squawk-ignore ban-drop-column\n${drop};`, []],
    ['squawk', `/* squawk-ignore ban-drop-column */\n${drop};`, []],
    ['squawk', `-- squawk-ignore renaming-table, ban-drop-column -- nobody reads it\n${twice};`, []],
    ['squawk', `${drop}; -- squawk-ignore ban-drop-column\n\n${drop};`, ['no-drop-column:3']],
    ['squawk', `ALTER TABLE t\n-- squawk-ignore ban-drop-column\n${twice.slice(14)};`, ['no-drop-column:4']],
    ['squawk', `-- squawk-ignore ban-drop-column\n${drop};\n\n${drop};`, ['no-drop-column:4']],
    ['squawk', `-- squawk-ignore renaming-table\n${drop};`, ['no-drop-column:2']],
    ['squawk', `-- squawk-ignore ban-drop-colum\n${drop};`, ['no-unused-ignore:1', 'no-drop-column:2']],
    ['squawk', `-- squawk-ignore\n${drop};`, ['no-unused-ignore:1', 'no-drop-column:2']],
    ['squawk', `${drop};\n${index};\n-- squawk-ignore-file ban-drop-column`, ['require-concurrent-index:2']],
    ['squawk', `-- squawk-ignore-file\n${drop};\n${index};\nSELEC;`, ['no-syntax-error:4']],
    ['squawk', `-- squawk-ignore-file ban-drop\n${drop};`, ['no-unused-ignore:1', 'no-drop-column:2']],
    [
      'squawk',
      `-- squawk-enable-assume-in-transaction\n${index.replace('X', 'X CONCURRENTLY')};`,
      ['no-concurrent-in-transaction:2'],
    ],
    ['squawk', `-- eugene: ignore\n${drop};`, ['no-drop-column:2']],
    ['eugene', `-- eugene: ignore E6\n-- built at night\n${index};\n${index};`, ['require-concurrent-index:4']],
    ['eugene', `-- eugene: ignore\n${drop};`, []],
    ['eugene', `CREATE INDEX\n-- eugene: ignore E6, E9\nON t (a);`, []],
    ['eugene', `-- eugene: ignore E66\n${index};`, ['no-unused-ignore:1', 'require-concurrent-index:2']],
    ['eugene', `-- eugene: skip\n${index};`, ['no-unused-ignore:1', 'require-concurrent-index:2']],
    ['pgfence', `-- pgfence-ignore\n${drop};\n${index};`, ['require-concurrent-index:3']],
    ['pgfence', `-- pgfence-ignore: drop-table, drop-column\n${drop};`, []],
    ['pgfence', `-- pgfence: ignore drop-column\n${drop};`, []],
    ['pgfence', `-- pgfence-ignore: drop-table\n${drop};`, ['no-drop-column:2']],
    ['strong_migrations', `-- squawk-ignore-file\n${drop};`, ['no-drop-column:2']],
  ])('%s: %s', (compat, sql, left) => {
    expect(found(sql, { compat })).toEqual(left);
  });

  test('of pgfence above the first statement hold for what it finds once a file', () => {
    const sql = `-- pgfence-ignore: missing-lock-timeout\nSELECT 1;\nALTER TABLE t ADD COLUMN a int;`;
    expect(found(sql, { compat: 'pgfence', timeouts: 'file' })).toEqual([]);
    expect(found(sql, { timeouts: 'file' })).toEqual(['require-lock-timeout:3']);
  });

  test('count only when it was asked for', () => {
    expect(found(`-- squawk-ignore-file\n${drop};`)).toEqual(['no-drop-column:2']);
  });

  test('with a name that is nearly right say which one was meant', () => {
    const { findings } = lintSql(`-- squawk-ignore ban-drop-colum\nSELECT 1;`, { compat: 'squawk' });
    expect(findings).toMatchObject([
      {
        column: 1,
        message: 'squawk has no rule ban-drop-colum, so this silences nothing. Did you mean ban-drop-column?',
      },
    ]);
  });
});

describe('names', () => {
  test('of the other linter stand beside ours', () => {
    expect(lintSql('ALTER TABLE t ADD FOREIGN KEY (a) REFERENCES u;', { compat: 'squawk' }).findings).toMatchObject([
      {
        rule: 'require-not-valid-foreign-key',
        otherNames: ['adding-foreign-key-constraint', 'constraint-missing-not-valid'],
      },
    ]);
    expect(lintSql(drop).findings[0]).not.toHaveProperty('otherNames');
    expect(otherNames('eugene', 'no-truncate')).toEqual([]);
  });

  test('may stand in our own comments', () => {
    const sql = `-- migrate:ignore ban-drop-column -- nobody reads it\n${drop};`;
    expect(found(sql, { compat: 'squawk' })).toEqual([]);
    expect(lintSql(sql).findings[0]?.message).toBe(
      'There is no rule ban-drop-column. squawk has one: --compat squawk knows its names.',
    );
    expect(found('-- migrate:ignore E5 -- tiny\nSELECT 1;', { compat: 'eugene' })).toEqual(['no-unused-ignore:1']);
    expect(found('-- migrate:ignore W13 -- tiny\nSELECT 1;', { compat: 'eugene' })).toEqual([]);
  });

  test('carry levels to ours, and what is said by our name wins', () => {
    const levels = { 'no-drop-column': 'info', 'ban-drop-column': 'off', E7: 'off' };
    expect(ownLevels('squawk', levels)).toEqual({ 'no-drop-column': 'info', E7: 'off' });
    expect(ownLevels('eugene', { E8: 'off', W13: 'error' })).toEqual({ 'no-exclusion-constraint': 'off' });
  });
});
