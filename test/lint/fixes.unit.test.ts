/** Fixes keep what they are not about: layout, comments, the other commands of a statement, and the order of things. */
import { beforeAll, describe, expect, test } from 'vitest';
import { applyFixes } from '../../src/lint/fix.ts';
import { insertAfterWord, removePhrase } from '../../src/lint/statement-edit.ts';
import { loadParser } from '../../src/sql/parse.ts';
import { lintSql, type LintSqlOptions } from './lint-sql.ts';

beforeAll(loadParser);

/** Fixes until nothing changes any more, as a caller does. */
function fixed(sql: string, options: LintSqlOptions = {}): string {
  const once = applyFixes(sql, lintSql(sql, options).findings);
  return once.fixed.length === 0 ? sql : fixed(once.source, options);
}

test('the statement is replaced, and everything around it stays', () => {
  expect(fixed('-- before\nCREATE INDEX i ON t (a); -- after\nSELECT 1;\n')).toBe(
    '-- before\nCREATE INDEX CONCURRENTLY i ON t (a); -- after\nSELECT 1;\n',
  );
});

test('a statement of the user keeps its layout', () => {
  expect(
    fixed(
      'create unique index if not exists "I"\n  on public."T" using gin (lower(a) gin_trgm_ops) with (fastupdate = off)\n',
    ),
  ).toBe(
    'create unique index CONCURRENTLY "I"\n  on public."T" using gin (lower(a) gin_trgm_ops) with (fastupdate = off)\n',
  );
});

describe('of one command among several', () => {
  test('the command is replaced where it stands', () => {
    expect(fixed('ALTER TABLE t\n  ADD COLUMN a int NOT NULL, -- first\n  ADD COLUMN b text;')).toBe(
      'ALTER TABLE t\n  ADD COLUMN a int, -- first\n  ADD COLUMN b text;',
    );
  });

  test('what it takes besides follows behind the statement', () => {
    expect(fixed('  ALTER TABLE t DROP CONSTRAINT f, ADD CONSTRAINT f FOREIGN KEY (a) REFERENCES r (id);')).toBe(
      '  ALTER TABLE t DROP CONSTRAINT f, ADD CONSTRAINT f FOREIGN KEY (a) REFERENCES r (id) NOT VALID;\n' +
        '  ALTER TABLE t VALIDATE CONSTRAINT f;',
    );
  });

  test('several findings in one statement are fixed one after the other', () => {
    const sql = fixed('ALTER TABLE t ALTER a SET NOT NULL, ALTER b SET NOT NULL;');
    expect(lintSql(sql).findings).toEqual([]);
    expect(sql).toBe(
      [
        'ALTER TABLE t ADD CONSTRAINT t_a_not_null CHECK (a IS NOT NULL) NOT VALID, ADD CONSTRAINT t_b_not_null CHECK (b IS NOT NULL) NOT VALID;',
        'ALTER TABLE t VALIDATE CONSTRAINT t_b_not_null;',
        'ALTER TABLE t ALTER COLUMN b SET NOT NULL;',
        'ALTER TABLE t DROP CONSTRAINT t_b_not_null;',
        'ALTER TABLE t VALIDATE CONSTRAINT t_a_not_null;',
        'ALTER TABLE t ALTER COLUMN a SET NOT NULL;',
        'ALTER TABLE t DROP CONSTRAINT t_a_not_null;',
      ].join('\n'),
    );
  });

  test('a constraint behind a column is taken out, and the column stays', () => {
    expect(fixed('ALTER TABLE t ADD COLUMN c bigint DEFAULT 1 REFERENCES r (id), ADD COLUMN d int;')).toMatch(
      /^ALTER TABLE t ADD COLUMN c bigint DEFAULT 1;\nALTER TABLE t ADD CONSTRAINT t_c_fkey FOREIGN KEY \(c\) REFERENCES r \(id\) NOT VALID;\nALTER TABLE t VALIDATE CONSTRAINT t_c_fkey;\nALTER TABLE t ADD COLUMN d int;$/,
    );
  });
});

test('a foreign key on a partitioned table goes to the partitions first, before Postgres 18', () => {
  const before = `CREATE TABLE r (id int PRIMARY KEY);
CREATE TABLE p (a int, k int) PARTITION BY LIST (k);
CREATE TABLE p1 PARTITION OF p FOR VALUES IN (1);`;
  const add = 'ALTER TABLE p ADD CONSTRAINT f FOREIGN KEY (a) REFERENCES r (id);';
  expect(fixed(add, { before, version: 17 })).toBe(
    [
      'ALTER TABLE public.p1 ADD CONSTRAINT f FOREIGN KEY (a) REFERENCES r (id) NOT VALID;',
      'ALTER TABLE public.p1 VALIDATE CONSTRAINT f;',
      'ALTER TABLE p ADD CONSTRAINT f FOREIGN KEY (a) REFERENCES r (id);',
    ].join('\n'),
  );
  expect(fixed(add, { before, version: 18 })).toBe(
    'ALTER TABLE p ADD CONSTRAINT f FOREIGN KEY (a) REFERENCES r (id) NOT VALID;\nALTER TABLE p VALIDATE CONSTRAINT f;',
  );
});

test('on Postgres 18, NOT NULL is validated natively', () => {
  expect(fixed('ALTER TABLE t ALTER a SET NOT NULL;', { version: 18 })).toBe(
    'ALTER TABLE t ADD CONSTRAINT t_a_not_null NOT NULL a NOT VALID;\nALTER TABLE t VALIDATE CONSTRAINT t_a_not_null;',
  );
});

describe('edits of the wording', () => {
  test('see neither constants, comments nor parentheses', () => {
    expect(insertAfterWord('CREATE /* INDEX */ INDEX i ON t (a)', 'INDEX', 'X')).toBe(
      'CREATE /* INDEX */ INDEX X i ON t (a)',
    );
    expect(removePhrase('ADD c text COLLATE "NOT NULL" CHECK (c IS NOT NULL) NOT NULL UNIQUE', ['NOT', 'NULL'])).toBe(
      'ADD c text COLLATE "NOT NULL" CHECK (c IS NOT NULL) UNIQUE',
    );
  });

  test('leave a text alone in which the words do not occur', () => {
    expect(removePhrase('ADD c text', ['NOT', 'NULL'])).toBe('ADD c text');
    expect(insertAfterWord('SELECT 1', 'INDEX', 'X')).toBe('SELECT 1');
  });
});
