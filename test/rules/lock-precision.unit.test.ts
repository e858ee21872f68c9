/** The same as precision.unit.test.ts, of the rules about locks that more than one table or statement has a part in. */
import { beforeAll, describe, expect, test } from 'vitest';
import { applyFixes } from '../../src/lint/fix.ts';
import { loadParser } from '../../src/sql/parse.ts';
import { found, lintSql, type LintSqlOptions } from '../lint/lint-sql.ts';
import { isSilent, reports } from './expectations.ts';

beforeAll(loadParser);

describe('no-inline-foreign-key', () => {
  const tables = 'CREATE TABLE r (id int PRIMARY KEY);\nCREATE TABLE t (id int PRIMARY KEY);';
  isSilent([
    ['a table that refers to itself', 'ALTER TABLE t ADD COLUMN b int REFERENCES t (id);', { before: tables }],
    [
      'a new referenced table',
      'CREATE TABLE n (id int PRIMARY KEY);\nALTER TABLE t ADD COLUMN b int REFERENCES n;',
      { before: tables },
    ],
    [
      'a new table',
      'CREATE TABLE n (id int PRIMARY KEY);\nALTER TABLE n ADD COLUMN b int REFERENCES r;',
      { before: tables },
    ],
    [
      'a partitioned table before Postgres 18, where it is the way without a look-up',
      'ALTER TABLE p ADD COLUMN b int REFERENCES r;',
      { before: `${tables}\nCREATE TABLE p (a int) PARTITION BY LIST (a);`, version: 17 },
    ],
  ]);
  reports('no-inline-foreign-key', [
    ['a key that is told apart', 'ALTER TABLE t ADD COLUMN b int REFERENCES r ON DELETE CASCADE;', { before: tables }],
    ['tables that no file mentions', 'ALTER TABLE x ADD COLUMN b int REFERENCES y (id);'],
    [
      'a partitioned table on Postgres 18',
      'ALTER TABLE p ADD COLUMN b int REFERENCES r;',
      { before: `${tables}\nCREATE TABLE p (a int) PARTITION BY LIST (a);`, version: 18 },
    ],
  ]);
});

describe('REINDEX', () => {
  const index = 'CREATE INDEX i ON t (a);';
  isSilent([
    ['of the system', 'REINDEX SYSTEM;'],
    ['of a new table', `CREATE TABLE t (a int);\n${index}\nREINDEX INDEX i;\nREINDEX TABLE t;`],
    ['concurrently, as an option', 'REINDEX (CONCURRENTLY, VERBOSE) TABLE t;'],
    [
      'into the tablespace where it is',
      'ALTER INDEX i SET TABLESPACE pg_default;',
      { before: `CREATE TABLE t (a int);\n${index}` },
    ],
  ]);
  reports('require-concurrent-reindex', [
    ['an index of which nothing is known', 'REINDEX INDEX app.i;'],
    ['with the option switched off', 'REINDEX (CONCURRENTLY false) TABLE t;'],
    [
      'the index of an exclusion constraint',
      'REINDEX INDEX x;',
      { before: 'CREATE TABLE t (a int4range, CONSTRAINT x EXCLUDE USING gist (a WITH &&));' },
    ],
    ['in a transaction', 'BEGIN;\nREINDEX TABLE t;\nCOMMIT;'],
    ['into another tablespace', 'ALTER INDEX app.i SET TABLESPACE fast;'],
  ]);
  reports('no-concurrent-in-transaction', [
    ['concurrently in a transaction', 'BEGIN;\nREINDEX TABLE CONCURRENTLY t;\nCOMMIT;'],
    ['a schema in a transaction', 'BEGIN;\nREINDEX SCHEMA s;\nCOMMIT;'],
    ['DETACH PARTITION', 'BEGIN;\nALTER TABLE p DETACH PARTITION p1 CONCURRENTLY;\nCOMMIT;'],
  ]);
});

describe('require-concurrent-detach', () => {
  const parent = 'CREATE TABLE p (a int) PARTITION BY LIST (a);\nCREATE TABLE p1 PARTITION OF p FOR VALUES IN (1);';
  isSilent([
    ['FINALIZE', 'ALTER TABLE p DETACH PARTITION p1 FINALIZE;', { before: parent }],
    [
      'where a default partition forbids CONCURRENTLY',
      'ALTER TABLE p DETACH PARTITION p1;',
      { before: `${parent}\nCREATE TABLE pd PARTITION OF p DEFAULT;` },
    ],
    ['a new table', `${parent}\nALTER TABLE p DETACH PARTITION p1;`],
  ]);
  reports('require-concurrent-detach', [['tables that no file mentions', 'ALTER TABLE a.p DETACH PARTITION a.p1;']]);

  const drop = (tables: string): string => `-- migrate:phase contract\nDROP TABLE ${tables};`;
  const family =
    'CREATE TABLE s.p (a int) PARTITION BY LIST (a);\nCREATE TABLE s.p1 PARTITION OF s.p FOR VALUES IN (1);';
  isSilent([
    ['a partition that goes with its parent', drop('s.p, s.p1'), { before: family }],
    ['a partition of a new table', `${family}\n${drop('s.p1')}`],
    [
      'one beside a default partition',
      drop('s.p1'),
      { before: `${family} CREATE TABLE s.p2 PARTITION OF s.p DEFAULT;` },
    ],
    ['one that was detached', drop('s.p1'), { before: `${family} ALTER TABLE s.p DETACH PARTITION s.p1;` }],
  ]);
  reports('require-concurrent-detach', [['DROP TABLE of a partition', drop('s.p1'), { before: family }]]);
});

describe('no-column-type-rescan', () => {
  const table =
    "CREATE TABLE t (v varchar(50) CHECK (v <> ''), w varchar(50), n numeric(10, 2), CHECK (n > 0 AND w <> ''));";
  isSilent([
    [
      'a check over another column',
      'ALTER TABLE t ALTER w TYPE varchar(60);',
      { before: "CREATE TABLE t (v text CHECK (v <> ''), w varchar(50));" },
    ],
  ]);
  reports('no-column-type-rescan', [
    ['a check over two columns', 'ALTER TABLE t ALTER n TYPE numeric(12, 2);', { before: table }],
  ]);
  reports('no-column-type-rewrite', [
    ['what is written anew, once', 'ALTER TABLE t ALTER v TYPE text USING upper(v);', { before: table }],
  ]);
});

describe('require-unique-using-index', () => {
  test('knows that a key WITHOUT OVERLAPS cannot take an index that is there', () => {
    const key = 'UNIQUE (room, during WITHOUT OVERLAPS)';
    const { findings } = lintSql(`ALTER TABLE stays ADD CONSTRAINT once ${key};`, { version: 18 });
    expect(findings).toMatchObject([{ rule: 'require-unique-using-index', fix: null }]);
    expect(findings[0]?.instead?.sql).toContain(`ALTER TABLE stays_new ADD CONSTRAINT once ${key};`);
    expect(findings[0]?.instead?.sql).not.toMatch(/USING INDEX|CONCURRENTLY/);
  });
});

describe('require-lock-timeout', () => {
  const table = 'CREATE TABLE t (id int PRIMARY KEY, a int);\nCREATE TABLE r (id int PRIMARY KEY);';
  const alter = 'ALTER TABLE t ADD COLUMN b text;';
  const file = { before: table, timeouts: 'file' } as const;
  isSilent([
    ['where the runner sets it', alter, { before: table }],
    [
      'a table that a block creates and alters',
      "DO $$ BEGIN IF current_user <> 'x' THEN CREATE TABLE n (a int); ALTER TABLE n ADD b int; END IF; END $$;",
      file,
    ],
    [
      'an index on a materialized view, whose readers do not wait',
      'CREATE INDEX ON v (a);',
      { ...file, before: 'CREATE MATERIALIZED VIEW v AS SELECT 1 AS a;' },
    ],
    ['SET', `SET lock_timeout = 2000;\n${alter}`, file],
    ['SET TO', `SET SESSION lock_timeout TO '2s';\n${alter}\n${alter.replace('b', 'c')}`, file],
    ['SET LOCAL in its transaction', `BEGIN;\nSET LOCAL lock_timeout = '2s';\n${alter}\nCOMMIT;`, file],
    [
      'SET LOCAL where the tool opens one',
      `SET LOCAL lock_timeout = '2s';\n${alter}`,
      { ...file, transactionMode: 'per-file' },
    ],
    ['set_config', `SELECT pg_catalog.set_config('lock_timeout', '2s', false);\n${alter}`, file],
    [
      'set_config of several',
      `SELECT set_config('lock_timeout', '2s', false), set_config('statement_timeout', '5s', false);\n${alter}`,
      file,
    ],
    [
      'a new table',
      'CREATE TABLE n (id int PRIMARY KEY);\nALTER TABLE n ADD COLUMN a int;\nCREATE INDEX ON n (a);',
      file,
    ],
    ['a temporary table', 'CREATE TEMP TABLE n (a int) ON COMMIT DROP;\nALTER TABLE n ADD b int;', file],
    ['what locks out nobody', "COMMENT ON TABLE t IS 'x';\nCREATE INDEX CONCURRENTLY ON t (a);\nANALYZE t;", file],
    ['rows', 'INSERT INTO t VALUES (1);\nUPDATE t SET a = 1 WHERE id = 1;', file],
    ['a view, a function, a type', "CREATE VIEW v AS SELECT id FROM t;\nCREATE TYPE e AS ENUM ('a');", file],
    ['a SET that the ROLLBACK leaves', `SET lock_timeout = '2s';\nBEGIN;\nROLLBACK;\n${alter}`, file],
  ]);
  reports('require-lock-timeout', [
    ['once for a file', `${alter}\nALTER TABLE r ADD COLUMN b text, ADD COLUMN c text;`, file],
    ['SET after it', `${alter}\nSET lock_timeout = '2s';`, file],
    ['SET to no limit', `SET lock_timeout = '0';\n${alter}`, file],
    ['SET to no limit, with a unit', `SET lock_timeout = '0ms';\n${alter}`, file],
    ['RESET', `SET lock_timeout = '2s';\nRESET lock_timeout;\n${alter}`, file],
    ['RESET ALL', `SET lock_timeout = '2s';\nRESET ALL;\n${alter}`, file],
    ['SET TO DEFAULT', `SET lock_timeout = '2s';\nSET lock_timeout TO DEFAULT;\n${alter}`, file],
    ['SET LOCAL ended by COMMIT', `BEGIN;\nSET LOCAL lock_timeout = '2s';\nCOMMIT;\n${alter}`, file],
    ['SET LOCAL without a transaction', `SET LOCAL lock_timeout = '2s';\n${alter}`, file],
    ['a SET that is rolled back', `BEGIN;\nSET lock_timeout = '2s';\nROLLBACK;\n${alter}`, file],
    [
      'set_config for the transaction, outside of one',
      `SELECT set_config('lock_timeout', '2s', true);\n${alter}`,
      file,
    ],
    ['another timeout', `SET statement_timeout = '2s';\n${alter}`, file],
    ["a role's setting, which is for later sessions", `ALTER ROLE app SET lock_timeout = '2s';\n${alter}`, file],
    ['a foreign key of a new table', 'CREATE TABLE n (a int REFERENCES r (id));', file],
    ['a statement in a block', `DO $$ BEGIN ${alter} END $$;`, file],
    ['a file of its own', alter, { before: table, timeouts: 'file', transactionMode: 'per-file' }],
  ]);

  test('its fix keeps the commands of a statement together, and ends with the transaction it is in', () => {
    const two = 'ALTER TABLE t ADD COLUMN b text, ADD COLUMN c text;';
    const fixed = (sql: string, options: LintSqlOptions = {}): string =>
      applyFixes(sql, lintSql(sql, { ...file, ...options }).findings).source;
    expect(fixed(two)).toBe(`SET lock_timeout = '2s';\n${two}`);
    expect(fixed(two, { transactionMode: 'per-file' })).toBe(`SET LOCAL lock_timeout = '2s';\n${two}`);
  });
});

describe('partitions', () => {
  const parent = `CREATE TABLE p (a int NOT NULL, b text) PARTITION BY RANGE (a);
CREATE TABLE p1 PARTITION OF p FOR VALUES FROM (0) TO (9);
CREATE TABLE q (a int NOT NULL, b text);`;
  const attach = 'ALTER TABLE p ATTACH PARTITION q FOR VALUES FROM (9) TO (19);';
  const check = 'ALTER TABLE q ADD CONSTRAINT c CHECK (a >= 9 AND a < 19) NOT VALID;';
  isSilent([
    ['a checked table', `${check}\nALTER TABLE q VALIDATE CONSTRAINT c;\n${attach}`, { before: parent }],
    [
      'a checked table where nothing is known of the parent',
      `${check}\nALTER TABLE q VALIDATE CONSTRAINT c;\n${attach}`,
    ],
    ['a new table', `CREATE TABLE n (LIKE p);\n${attach.replace('q', 'n')}`, { before: parent }],
    ['a new parent', `${parent}\n${attach}\nCREATE TABLE p2 PARTITION OF p DEFAULT;`],
    [
      'a partition of a new parent',
      'CREATE TABLE n (a int) PARTITION BY LIST (a);\nCREATE TABLE n1 PARTITION OF n DEFAULT;',
    ],
    ['an index of a partition', 'CREATE INDEX CONCURRENTLY ON p1 (a);', { before: parent }],
    ['inheritance', 'CREATE TABLE n () INHERITS (q);', { before: parent }],
  ]);
  reports('no-attach-partition-scan', [
    ['a check that is not validated', `${check}\n${attach}`, { before: parent }],
    ['tables that no file mentions', attach],
    [
      'an index that is missing',
      attach,
      { before: `${parent}\nCREATE INDEX ON p (b);\nALTER TABLE q ADD CHECK (a >= 9 AND a < 19);` },
    ],
    [
      'a new table beside a default partition',
      `CREATE TABLE n (LIKE p);\n${attach.replace('q', 'n')}`,
      { before: `${parent}\nCREATE TABLE pd PARTITION OF p DEFAULT;` },
    ],
    ['in a transaction', attach, { before: parent, transactionMode: 'per-file' }],
  ]);
  reports('no-create-partition-of', [
    ['a parent that no file mentions', 'CREATE TABLE app.p2 PARTITION OF app.p FOR VALUES IN (1);'],
    ['a default partition', 'CREATE TABLE pd PARTITION OF p DEFAULT;', { before: parent }],
  ]);
  reports('no-index-in-partitioned-parent', [
    ['once, also in a transaction', 'BEGIN;\nCREATE INDEX CONCURRENTLY ON p (a);\nCOMMIT;', { before: parent }],
    ['a unique one', 'CREATE UNIQUE INDEX ON p (a);', { before: parent }],
  ]);
});

describe('no-foreign-key-drop-lock', () => {
  const tables = `CREATE TABLE r (id int PRIMARY KEY);
CREATE TABLE t (id int PRIMARY KEY, up int CONSTRAINT own REFERENCES t, r int CONSTRAINT f REFERENCES r, a int, CONSTRAINT c CHECK (a > 0));`;
  const contract = { before: `${tables}` };
  isSilent([
    ['a key by itself', 'ALTER TABLE t DROP CONSTRAINT f;', contract],
    [
      'a key by itself in its transaction',
      "BEGIN;\nSET LOCAL lock_timeout = '2s';\nALTER TABLE t DROP CONSTRAINT f;\nCOMMIT;",
      contract,
    ],
    ['a key of its own table', 'ALTER TABLE t DROP CONSTRAINT own, ALTER a SET DEFAULT 1;', contract],
    ['a check', 'ALTER TABLE t DROP CONSTRAINT c, ALTER a SET DEFAULT 1;', contract],
    ['a new table', `CREATE TABLE n (a int REFERENCES r);\nDROP TABLE n;`, contract],
    ['both tables', '-- migrate:phase contract\nDROP TABLE t, r;', contract],
    ['a column with one key', '-- migrate:phase contract\nALTER TABLE t DROP COLUMN r;', contract],
  ]);
  reports('no-foreign-key-drop-lock', [
    ['a key beside another command', 'ALTER TABLE t DROP CONSTRAINT f, ALTER a SET DEFAULT 1;', contract],
    [
      'a key before another statement',
      'BEGIN;\nALTER TABLE t DROP CONSTRAINT f;\nALTER TABLE t ALTER a SET DEFAULT 1;\nCOMMIT;',
      contract,
    ],
    [
      'a column with its key beside another',
      '-- migrate:phase contract\nALTER TABLE t DROP COLUMN r, DROP COLUMN a;',
      contract,
    ],
    ['a table', '-- migrate:phase contract\nDROP TABLE t;', contract],
    [
      'once for a transaction',
      'BEGIN;\nALTER TABLE t DROP CONSTRAINT f;\nALTER TABLE t DROP CONSTRAINT g;\nCOMMIT;',
      { before: `${tables}\nALTER TABLE t ADD CONSTRAINT g FOREIGN KEY (a) REFERENCES r;` },
    ],
  ]);
});

describe('no-trigger-lock and no-policy-lock', () => {
  const severities = { 'no-trigger-lock': 'info', 'no-policy-lock': 'info' } as const;
  const on = (sql: string, options: LintSqlOptions = {}) => found(sql, { severities, ...options });
  const create = 'CREATE TRIGGER a BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION f();';

  test('a trigger that is made anew is to be replaced', () => {
    const { findings } = lintSql(`DROP TRIGGER a ON t;\n${create}`, { severities });
    expect(findings.map(({ rule }) => rule)).toEqual(['no-trigger-lock', 'no-trigger-lock']);
    expect(findings[0]?.instead?.sql).toBe(
      `SET lock_timeout = '2s';\n${create.replace('CREATE', 'CREATE OR REPLACE')}`,
    );
  });

  test('they say nothing of new tables, and leave it to require-lock-timeout', () => {
    expect(on(`CREATE TABLE t (a int);\n${create}\nCREATE POLICY p ON t USING (true);`)).toEqual([]);
    expect(on(`SET statement_timeout = '9s';\n${create}`, { timeouts: 'file' })).toEqual(['require-lock-timeout:2']);
    expect(on('CREATE POLICY p ON t USING (true);')).toEqual(['no-policy-lock:1']);
    expect(on('ALTER TABLE t FORCE ROW LEVEL SECURITY;')).toEqual(['no-policy-lock:1']);
    expect(on('DROP RULE x ON t;')).toEqual(['no-policy-lock:1']);
  });
});
