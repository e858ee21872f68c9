/** The same as precision.unit.test.ts, of the rules about what a transaction locks and what it does meanwhile. */
import { beforeAll, describe, expect, test } from 'vitest';
import { applyFixes } from '../../src/lint/fix.ts';
import { loadParser } from '../../src/sql/parse.ts';
import { lintSql } from '../lint/lint-sql.ts';
import { isSilent, isSilentRule, reports } from './expectations.ts';

beforeAll(loadParser);

const tables = `CREATE TABLE a (id int PRIMARY KEY, x int, code text UNIQUE);
CREATE TABLE b (id int PRIMARY KEY, x int, a_id int);
CREATE TABLE c (id int PRIMARY KEY);
ALTER TABLE b ADD CONSTRAINT positive CHECK (x > 0) NOT VALID;`;
const before = { before: tables };
const alterA = 'ALTER TABLE a ADD COLUMN y int;';
const alterB = 'ALTER TABLE b ADD COLUMN y int;';
const inOne = (...statements: readonly string[]): string => `BEGIN;\n${statements.join('\n')}\nCOMMIT;`;

describe('no-wide-lock-window', () => {
  const family = `CREATE TABLE p (a int, b int) PARTITION BY LIST (a);\nCREATE TABLE p1 PARTITION OF p DEFAULT;`;
  isSilent([
    ['each in its own transaction', `${inOne(alterA)}\n${inOne(alterB)}`, before],
    ['one table', inOne(alterA, 'ALTER TABLE public.a ADD COLUMN z int;'), before],
    ['a new table', inOne('CREATE TABLE n (id int);', 'ALTER TABLE n ADD COLUMN x int;', alterA), before],
    [
      'a table that is renamed',
      inOne('-- migrate:phase contract', 'ALTER TABLE a RENAME TO z;', 'ALTER TABLE z ADD COLUMN y int;'),
      before,
    ],
    [
      'a table and its partition',
      inOne('ALTER TABLE p ADD COLUMN y int;', 'ALTER TABLE p1 ALTER COLUMN b SET DEFAULT 1;'),
      { before: family },
    ],
    [
      'tables that go',
      inOne('-- migrate:phase contract', 'DROP TABLE c;', '-- migrate:phase contract', 'DROP TABLE b;'),
      before,
    ],
    ['a lock that lets others read', inOne(alterA, 'COMMENT ON TABLE b IS NULL;'), before],
    ['what the savepoint is for', inOne(alterA, 'SAVEPOINT s;', 'RELEASE s;'), before],
  ]);
  reports('no-wide-lock-window', [
    ['where the tool opens the transaction', `${alterA}\n${alterB}`, { ...before, transactionMode: 'per-file' }],
    ['once for a transaction', inOne(alterA, alterB, 'ALTER TABLE c ADD COLUMN y int;'), before],
    ['tables that no file mentions', inOne('ALTER TABLE s.a ADD x int;', 'ALTER TABLE t.a ADD x int;')],
    ['a block', `DO $$ BEGIN ${alterA} ${alterB} END $$;`, before],
  ]);
});

describe('no-work-under-exclusive-lock', () => {
  const validate = 'ALTER TABLE b VALIDATE CONSTRAINT positive;';
  isSilent([
    ['outside of a transaction', `${alterA}\n${validate}`, before],
    ['after the COMMIT', `${inOne(alterA)}\n${validate}`, before],
    ['after a ROLLBACK', `BEGIN;\n${alterA}\nROLLBACK;\n${validate}`, before],
    ['before the lock', inOne(validate, alterB), before],
    ['a new table', inOne('CREATE TABLE n (id int);', 'ALTER TABLE n ADD y int;', validate), before],
    ['a view without rows', inOne(alterA, 'CREATE MATERIALIZED VIEW v AS SELECT id FROM b WITH NO DATA;'), before],
    ['a lock that lets others write', inOne('COMMENT ON TABLE a IS NULL;', validate), before],
  ]);
  isSilentRule('no-work-under-exclusive-lock', [
    ['work that is its own rule', inOne(alterA, 'ALTER TABLE b ALTER x SET NOT NULL;', 'UPDATE b SET x = 1;'), before],
    [
      'a constraint of the same transaction',
      inOne('ALTER TABLE b ADD CONSTRAINT k CHECK (x > 1) NOT VALID;', 'ALTER TABLE b VALIDATE CONSTRAINT k;'),
      before,
    ],
  ]);
  reports('no-work-under-exclusive-lock', [
    [
      'a lock that lets others read',
      inOne('ALTER TABLE b ADD CONSTRAINT f FOREIGN KEY (a_id) REFERENCES a NOT VALID;', validate),
      before,
    ],
    ['beside another command', 'ALTER TABLE b ADD COLUMN y int, VALIDATE CONSTRAINT positive;', before],
    ['a refresh', inOne(alterA, 'REFRESH MATERIALIZED VIEW CONCURRENTLY v;'), before],
    ['a new view', inOne(alterA, 'CREATE MATERIALIZED VIEW v AS SELECT id FROM b;'), before],
    ['a block', `DO $$ BEGIN ${alterA} ${validate} END $$;`, before],
  ]);
  reports('no-data-change-with-schema-change', [
    ['rows, which another rule looks at', inOne(alterA, 'UPDATE b SET x = 1 WHERE x IS NULL;'), before],
    [
      'rows of a new table, under the lock of its foreign key',
      inOne('CREATE TABLE n (id int REFERENCES a);', 'INSERT INTO n SELECT id FROM a;'),
      before,
    ],
  ]);

  test('its fix ends the transaction of the file, and not that of the tool', () => {
    const fixed = (sql: string): string => applyFixes(sql, lintSql(sql, before).findings).source;
    expect(fixed(inOne(alterA, validate))).toBe(inOne(alterA, 'COMMIT;', 'BEGIN;', validate));
    const { findings } = lintSql(`${alterA}\n${validate}`, { ...before, transactionMode: 'per-file' });
    expect(findings.map(({ rule, fix }) => [rule, fix])).toEqual([['no-work-under-exclusive-lock', null]]);
  });
});

describe('no-multiple-foreign-keys', () => {
  const key = (name: string, table: string, column: string): string =>
    `ALTER TABLE b ADD CONSTRAINT ${name} FOREIGN KEY (${column}) REFERENCES ${table} (id) NOT VALID;`;
  isSilent([
    ['each in its own transaction', `${key('f', 'a', 'a_id')}\n${key('g', 'c', 'x')}`, before],
    ['the same two tables', inOne(key('f', 'a', 'a_id'), key('g', 'a', 'x')), before],
    ['a new table with several', 'CREATE TABLE n (a int REFERENCES a, c int REFERENCES c);', before],
    [
      'keys of a new table',
      inOne(
        'CREATE TABLE n (a int, c int);',
        'ALTER TABLE n ADD FOREIGN KEY (a) REFERENCES a;',
        'ALTER TABLE n ADD FOREIGN KEY (c) REFERENCES c;',
      ),
      before,
    ],
  ]);
  reports('no-multiple-foreign-keys', [
    [
      'where the tool opens the transaction',
      `${key('f', 'a', 'a_id')}\n${key('g', 'c', 'x')}`,
      { ...before, transactionMode: 'per-file' },
    ],
  ]);
});

describe('require-new-index-before-drop', () => {
  const old = { before: `${tables}\nCREATE INDEX i ON a (x);\nCREATE INDEX part ON a (x) WHERE x > 0;` };
  const drop = 'DROP INDEX CONCURRENTLY i;';
  isSilent([
    ['the new one first', `CREATE INDEX CONCURRENTLY j ON a (x, id);\n${drop}`, old],
    ['another column', `${drop}\nCREATE INDEX CONCURRENTLY j ON a (id, x);`, old],
    ['another table', `${drop}\nCREATE INDEX CONCURRENTLY j ON b (x);`, old],
    ['an index for some rows', 'DROP INDEX CONCURRENTLY part;\nCREATE INDEX CONCURRENTLY j ON a (x);', old],
    [
      'the rest of an interrupted build, cleared away',
      'DROP INDEX CONCURRENTLY IF EXISTS k;\nCREATE INDEX CONCURRENTLY k ON a (x);',
      old,
    ],
    ['a new table', 'CREATE TABLE n (x int);\nCREATE INDEX k ON n (x);\nDROP INDEX k;\nCREATE INDEX k ON n (x);'],
  ]);
  reports('require-new-index-before-drop', [
    [
      'an index that no file mentions, under its own name',
      'DROP INDEX CONCURRENTLY i;\nCREATE INDEX CONCURRENTLY i ON t (x);',
    ],
    ['a statement between', `${drop}\nANALYZE a;\nCREATE INDEX CONCURRENTLY j ON a (x DESC);`, old],
  ]);
  isSilentRule('require-new-index-before-drop', [
    ['both in one transaction', inOne('DROP INDEX i;', 'CREATE INDEX i ON a (x, id);'), old],
  ]);
});
