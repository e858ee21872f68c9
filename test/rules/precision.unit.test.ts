/**
 * What must not be reported, and what must: cases that users of other linters reported as wrong or missing. A finding
 * that is wrong costs more trust than one that is missing; both are bugs.
 */
import { beforeAll, describe, expect, test } from 'vitest';
import { applyFixes } from '../../src/lint/fix.ts';
import { loadParser } from '../../src/sql/parse.ts';
import { lintSql } from '../lint/lint-sql.ts';
import { isSilent, isSilentRule, reports } from './expectations.ts';

beforeAll(loadParser);

describe('require-concurrent-index', () => {
  const partitioned = `CREATE TABLE p (a int) PARTITION BY RANGE (a);
CREATE TABLE p1 PARTITION OF p FOR VALUES FROM (0) TO (9);`;
  isSilentRule('require-concurrent-index', [
    ['dropping a table', 'DROP TABLE orders;'],
    [
      'a new partition',
      'CREATE TABLE p2 PARTITION OF p FOR VALUES FROM (9) TO (19);\nCREATE INDEX ON p2 (a);',
      { before: partitioned },
    ],
  ]);
  isSilent([
    [
      'a materialized view, whose readers do not wait',
      'CREATE MATERIALIZED VIEW v AS SELECT 1 AS a;\nCREATE INDEX ON v (a);',
    ],
    [
      'a materialized view of an earlier file',
      'CREATE INDEX ON v (a);',
      { before: 'CREATE MATERIALIZED VIEW v AS SELECT 1 AS a;' },
    ],
    [
      'a table that a block of the same file creates',
      "DO $$ BEGIN IF current_user <> 'x' THEN CREATE TABLE n (a int); END IF; END $$;\nCREATE INDEX ON n (a);",
    ],
    ['ON ONLY a partitioned table', 'CREATE INDEX ON ONLY p (a);', { before: partitioned }],
    [
      'IF NOT EXISTS of an index that exists',
      'CREATE INDEX IF NOT EXISTS i ON t (a);',
      { before: 'CREATE TABLE t (a int);\nCREATE INDEX i ON t (a);' },
    ],
    [
      'a partitioned table without partitions',
      'CREATE INDEX ON p (a);',
      { before: 'CREATE TABLE p (a int) PARTITION BY RANGE (a);' },
    ],
  ]);
  reports('require-concurrent-index', [
    [
      'a column that the same file adds: the build reads the table all the same',
      'ALTER TABLE t ADD COLUMN a int;\nCREATE INDEX ON t (a);',
    ],
    [
      'a materialized view of the same name in another schema',
      'CREATE MATERIALIZED VIEW x.t AS SELECT 1 AS a;\nCREATE INDEX ON t (a);',
    ],
    ['a name with a dot', 'CREATE INDEX "public.i" ON "my.table" (a);'],
    ['a table that an earlier file created', 'CREATE INDEX ON t (a);', { before: 'CREATE TABLE t (a int);' }],
  ]);
});

describe('require-concurrent-drop-index', () => {
  isSilent([
    [
      'IF EXISTS of an index that the files before do not make',
      'DROP INDEX IF EXISTS i;',
      { before: 'CREATE TABLE t (a int);' },
    ],
  ]);
  reports('require-concurrent-drop-index', [
    ['IF EXISTS where nothing is known', 'DROP INDEX IF EXISTS i;'],
    ['IF EXISTS where only the name of a table is known', 'ALTER TABLE t ADD COLUMN a int;\nDROP INDEX IF EXISTS i;'],
    ['an unknown index', 'DROP INDEX i;', { before: 'CREATE TABLE t (a int);' }],
    [
      'IF EXISTS in a schema of which nothing is known',
      'DROP INDEX IF EXISTS x.i;',
      { before: 'CREATE TABLE t (a int);' },
    ],
  ]);
});

describe('no-not-null-without-default', () => {
  isSilent(
    [
      "DEFAULT ''",
      'DEFAULT true',
      "DEFAULT '{}'::jsonb",
      'DEFAULT now()',
      'DEFAULT CURRENT_TIMESTAMP',
      'DEFAULT ARRAY[]::text[]',
    ].map((clause) => [clause, `ALTER TABLE t ADD COLUMN a text NOT NULL ${clause};`]),
  );
  isSilent([
    ['a nullable column', 'ALTER TABLE t ADD COLUMN a int NULL;'],
    [
      'a column that exists, with IF NOT EXISTS',
      'ALTER TABLE t ADD COLUMN IF NOT EXISTS a int NOT NULL;',
      { before: 'CREATE TABLE t (a int NOT NULL);' },
    ],
    ['a value for onward', "-- migrate:using 'x'\nALTER TABLE t ADD COLUMN a text NOT NULL;"],
  ]);
  isSilentRule('no-not-null-without-default', [
    ['serial', 'ALTER TABLE t ADD COLUMN a bigserial NOT NULL;'],
    ['identity', 'ALTER TABLE t ADD COLUMN a bigint NOT NULL GENERATED ALWAYS AS IDENTITY;'],
    ['a generated column', 'ALTER TABLE t ADD COLUMN a int NOT NULL GENERATED ALWAYS AS (1) STORED;'],
  ]);
  reports('no-not-null-without-default', [
    ['DEFAULT NULL', 'ALTER TABLE t ADD COLUMN a int DEFAULT NULL NOT NULL;'],
    ['a primary key', 'ALTER TABLE t ADD COLUMN a uuid PRIMARY KEY;'],
    [
      'a default that is set afterwards',
      'ALTER TABLE t ADD COLUMN a int NOT NULL;\nALTER TABLE t ALTER COLUMN a SET DEFAULT 1;',
    ],
    [
      'a column that was dropped and comes back',
      'ALTER TABLE t DROP COLUMN a;\nALTER TABLE t ADD COLUMN a int NOT NULL;',
      { before: 'CREATE TABLE t (a int NOT NULL);' },
    ],
  ]);

  test('its fix keeps what stands behind the column', () => {
    const fixed = (sql: string): string => applyFixes(sql, lintSql(sql).findings).source;
    expect(fixed('ALTER TABLE t ADD COLUMN a int NOT NULL UNIQUE REFERENCES r;')).toBe(
      'ALTER TABLE t ADD COLUMN a int UNIQUE REFERENCES r;',
    );
    expect(fixed('ALTER TABLE t ADD b int, ADD a int REFERENCES r NOT NULL, ADD c int;')).toBe(
      'ALTER TABLE t ADD b int, ADD a int REFERENCES r, ADD c int;',
    );
    expect(fixed('ALTER TABLE t ADD COLUMN a uuid PRIMARY KEY;')).toBe('ALTER TABLE t ADD COLUMN a uuid PRIMARY KEY;');
  });
});

describe('no-set-not-null', () => {
  const table = 'CREATE TABLE t (id int PRIMARY KEY, a int, b int NOT NULL);';
  const proof = 'ALTER TABLE t ADD CONSTRAINT c CHECK (a IS NOT NULL) NOT VALID;';
  isSilent([
    ['a column that is NOT NULL', 'ALTER TABLE t ALTER b SET NOT NULL;', { before: table }],
    ['a column of the primary key', 'ALTER TABLE t ALTER id SET NOT NULL;', { before: table }],
    [
      'proved in an earlier file',
      'ALTER TABLE t ALTER a SET NOT NULL;',
      { before: `${table}\n${proof}\nALTER TABLE t VALIDATE CONSTRAINT c;` },
    ],
    [
      'proved on a table of which nothing else is known',
      `${proof}\nALTER TABLE t VALIDATE CONSTRAINT c;\nALTER TABLE t ALTER a SET NOT NULL;`,
    ],
    [
      'proved as one part of a check',
      'ALTER TABLE t ALTER a SET NOT NULL;',
      { before: `${table}\nALTER TABLE t ADD CHECK (a IS NOT NULL AND a > 0);` },
    ],
    [
      'NOT VALID on Postgres 18',
      'ALTER TABLE t ADD CONSTRAINT n NOT NULL a NOT VALID;',
      { before: table, version: 18 },
    ],
  ]);
  reports('no-set-not-null', [
    ['a check that is not validated', `${proof}\nALTER TABLE t ALTER a SET NOT NULL;`],
    [
      'the check of another column, validated',
      `${proof}\nALTER TABLE t VALIDATE CONSTRAINT c;\nALTER TABLE t ALTER b SET NOT NULL;`,
    ],
    [
      'a check that is dropped before',
      `${proof}\nALTER TABLE t VALIDATE CONSTRAINT c;\nALTER TABLE t DROP CONSTRAINT c;\nALTER TABLE t ALTER a SET NOT NULL;`,
    ],
    ['after an UPDATE of all rows', 'UPDATE t SET a = 1 WHERE a IS NULL;\nALTER TABLE t ALTER a SET NOT NULL;'],
    [
      'written as a constraint on Postgres 18',
      'ALTER TABLE t ADD CONSTRAINT n NOT NULL a;',
      { before: table, version: 18 },
    ],
  ]);
});

describe('require-not-valid-foreign-key', () => {
  const tables = 'CREATE TABLE r (id int PRIMARY KEY);\nCREATE TABLE t (a int);';
  const add = 'ALTER TABLE t ADD CONSTRAINT f FOREIGN KEY (a) REFERENCES r (id)';
  isSilent([
    ['NOT VALID', `${add} NOT VALID;`, { before: tables }],
    [
      'a new table, whose key locks the other one for a moment only',
      `CREATE TABLE n (a int);\nALTER TABLE n ADD FOREIGN KEY (a) REFERENCES r;`,
      { before: tables },
    ],
    ['inside CREATE TABLE', 'CREATE TABLE n (a int REFERENCES r (id));', { before: tables }],
    ['NOT ENFORCED on Postgres 18', `${add} NOT ENFORCED;`, { before: tables, version: 18 }],
  ]);
  reports('require-not-valid-foreign-key', [
    [
      'DEFAULT NULL behind the column, for which the rows are looked up',
      'ALTER TABLE t ADD COLUMN b int REFERENCES r (id) DEFAULT NULL;',
      { before: tables },
    ],
    [
      'a new referenced table',
      'CREATE TABLE n (id int PRIMARY KEY);\nALTER TABLE t ADD FOREIGN KEY (a) REFERENCES n;',
      { before: tables },
    ],
    ['a new column with a default', 'ALTER TABLE t ADD COLUMN b int DEFAULT 1 REFERENCES r (id);', { before: tables }],
    [
      'a new column and the key in two commands: Postgres looks then',
      'ALTER TABLE t ADD COLUMN b int, ADD FOREIGN KEY (b) REFERENCES r;',
      { before: tables },
    ],
    ['deferrable keys', `${add} DEFERRABLE INITIALLY DEFERRED;`, { before: tables }],
  ]);

  test('it says that a partition would be looked through, before Postgres 18', () => {
    const before =
      'CREATE TABLE r (id int PRIMARY KEY);\nCREATE TABLE t (a int) PARTITION BY LIST (a);\nCREATE TABLE t1 PARTITION OF t DEFAULT;';
    const { findings } = lintSql(`${add};`, { before, version: 14 });
    expect(findings[0]?.instead?.text).toMatch(/^Add it to each partition first/);
  });
});

describe('no-rename-column', () => {
  isSilent([
    ['a new table', 'CREATE TABLE t (a int);\nALTER TABLE t RENAME a TO b;'],
    ['a new column', 'ALTER TABLE t ADD COLUMN a int;\nALTER TABLE t RENAME COLUMN a TO b;'],
    [
      'a new column that was renamed already',
      'ALTER TABLE t ADD a int;\nALTER TABLE t RENAME a TO b;\nALTER TABLE t RENAME b TO c;',
    ],
    ['an index, a constraint', 'ALTER INDEX i RENAME TO j;\nALTER TABLE t RENAME CONSTRAINT c TO d;'],
    ['the old name comes back', 'ALTER TABLE t RENAME COLUMN a TO b;\nALTER TABLE t ADD COLUMN a int;'],
    [
      'a view under the old name of the table',
      'ALTER TABLE t RENAME COLUMN a TO b;\nALTER TABLE t RENAME TO t_data;\nCREATE VIEW t AS SELECT *, b AS a FROM t_data;',
    ],
    [
      'two columns that change places',
      'ALTER TABLE t RENAME a TO x;\nALTER TABLE t RENAME b TO a;',
      { before: 'CREATE TABLE t (a int, b int);' },
    ],
  ]);
  reports('no-rename-column', [
    ['without the word COLUMN', 'ALTER TABLE t RENAME a TO b;'],
    ['with IF EXISTS', 'ALTER TABLE IF EXISTS t RENAME COLUMN a TO b;'],
    ['a view of another name', 'ALTER TABLE t RENAME COLUMN a TO b;\nCREATE VIEW v AS SELECT b AS a FROM t;'],
  ]);
});

describe('no-column-type-rewrite', () => {
  const table = 'CREATE TABLE t (v varchar(50), n numeric(10, 2), i int, ts timestamp, x text, inet_a cidr);';
  const alter = (column: string, type: string): string => `ALTER TABLE t ALTER COLUMN ${column} TYPE ${type};`;
  isSilent(
    [
      alter('v', 'varchar(100)'),
      alter('v', 'text'),
      alter('v', 'varchar'),
      alter('v', 'text USING v::text'),
      alter('n', 'numeric(12, 2)'),
      alter('n', 'numeric'),
      alter('i', 'integer'),
      alter('inet_a', 'inet'),
      `SET timezone = 'UTC';\n${alter('ts', 'timestamptz')}`,
      `SET TIME ZONE 'Etc/UTC';\n${alter('ts', 'timestamptz')}`,
    ].map((sql) => [sql, sql, { before: table }]),
  );
  reports(
    'no-column-type-rewrite',
    [
      alter('i', 'bigint'),
      alter('n', 'numeric(12, 4)'),
      alter('x', 'text USING lower(x)'),
      alter('ts', 'timestamptz'),
      `SET timezone = 'Europe/Oslo';\n${alter('ts', 'timestamptz')}`,
      `SET timezone = 'UTC';\nRESET timezone;\n${alter('ts', 'timestamptz')}`,
      `SET LOCAL timezone = 'UTC';\n${alter('ts', 'timestamptz')}`,
    ].map((sql) => [sql, sql, { before: table }]),
  );

  isSilent([
    [
      'under UTC, an index over an expression of another column',
      `SET timezone = 'UTC';\n${alter('ts', 'timestamptz')}`,
      { before: `${table}\nCREATE INDEX ON t (lower(x));` },
    ],
  ]);

  test('under UTC an index over the column is still built anew', () => {
    const before = `${table}\nCREATE INDEX ON t (ts);`;
    const [finding] = lintSql(`SET timezone = 'UTC';\n${alter('ts', 'timestamptz')}`, { before }).findings;
    expect(finding?.message).toMatch(/^Changing ts from timestamp to timestamptz writes the indexes of t over it anew/);
  });

  test('without knowing the present type it is careful', () => {
    const severityOf = (sql: string): string | undefined => lintSql(sql).findings[0]?.severity;
    expect(severityOf(alter('a', 'bigint'))).toBe('error');
    expect(severityOf(alter('a', 'text'))).toBe('warning');
    expect(severityOf(alter('a', 'varchar(80)'))).toBe('warning');
    expect(severityOf(alter('a', 'text USING a::text'))).toBe('warning');
    expect(severityOf(alter('a', 'text USING upper(a)'))).toBe('error');
    expect(severityOf(alter('a', 'app.email'))).toBe('warning');
  });
});

describe('columns that write the table anew', () => {
  reports('no-volatile-default', [
    [
      'a column whose name a block has given away before',
      `DO $$ BEGIN IF current_user <> 'x' THEN ALTER TABLE t RENAME COLUMN a TO b; END IF; END $$;
ALTER TABLE t ADD COLUMN IF NOT EXISTS a uuid DEFAULT gen_random_uuid();`,
      { before: 'CREATE TABLE t (a int);', severities: { 'no-rename-column': 'off' } },
    ],
  ]);
  isSilent([
    ['now()', 'ALTER TABLE t ADD COLUMN a timestamptz DEFAULT now();'],
    ['an expression over now()', "ALTER TABLE t ADD COLUMN a timestamptz DEFAULT now() - interval '1 day';"],
    ['an empty array', "ALTER TABLE t ADD COLUMN a text[] NOT NULL DEFAULT '{}';"],
    ['a virtual column', 'ALTER TABLE t ADD COLUMN b int GENERATED ALWAYS AS (a + 1) VIRTUAL;', { version: 18 }],
    ['a domain without a rule', 'ALTER TABLE t ADD COLUMN a note;', { before: 'CREATE DOMAIN note AS text;' }],
    ['a new table', 'CREATE TABLE n (a int);\nALTER TABLE n ADD COLUMN b uuid DEFAULT gen_random_uuid();'],
  ]);
  reports('no-volatile-default', [
    ['clock_timestamp()', 'ALTER TABLE t ADD COLUMN a timestamptz DEFAULT clock_timestamp();'],
    ['inside an expression', "ALTER TABLE t ADD COLUMN a text DEFAULT 'x' || random();"],
    ['nextval', "ALTER TABLE t ADD COLUMN a bigint DEFAULT nextval('s');"],
  ]);
  reports('no-auto-increment-column', [
    ['serial', 'ALTER TABLE t ADD COLUMN a serial;'],
    ['identity by default', 'ALTER TABLE t ADD COLUMN a bigint GENERATED BY DEFAULT AS IDENTITY;'],
  ]);
});

describe('checks and keys', () => {
  const table = 'CREATE TABLE t (id int PRIMARY KEY, a int NOT NULL, b int);';
  isSilent([
    ['NOT VALID', 'ALTER TABLE t ADD CONSTRAINT c CHECK (a > 0) NOT VALID;'],
    ['NOT ENFORCED', 'ALTER TABLE t ADD CONSTRAINT c CHECK (a > 0) NOT ENFORCED;', { version: 18 }],
    [
      'USING INDEX',
      'ALTER TABLE t ADD CONSTRAINT i UNIQUE USING INDEX i;',
      { before: `${table}\nCREATE UNIQUE INDEX i ON t (a);` },
    ],
    ['a key of a new table', 'CREATE TABLE n (a int);\nALTER TABLE n ADD UNIQUE (a);'],
    ['a check of a new table', 'CREATE TABLE n (a int);\nALTER TABLE n ADD CHECK (a > 0);'],
  ]);
  reports('require-not-valid-check', [['without a name', 'ALTER TABLE t ADD CHECK (a > 0);']]);
  reports('no-inline-check', [['of a table', 'ALTER TABLE t ADD COLUMN c int CHECK (c > 0);', { before: table }]]);
  reports('require-unique-using-index', [['INCLUDE', 'ALTER TABLE t ADD UNIQUE (a) INCLUDE (b);', { before: table }]]);
});

describe('what the running application knows', () => {
  isSilent([
    ['a column that the same file adds', 'ALTER TABLE t ADD COLUMN a int;\nALTER TABLE t DROP COLUMN a;'],
    ['after the deploy', '-- migrate:phase contract\nDROP TABLE t;'],
    [
      'a section for after the deploy',
      '-- migrate:expand\nSELECT 1;\n-- migrate:contract\nALTER TABLE t DROP COLUMN a;',
    ],
    ['a temporary table', 'CREATE TEMP TABLE t (a int);\nDROP TABLE t;'],
    ['a check', 'ALTER TABLE t DROP CONSTRAINT c;', { before: 'CREATE TABLE t (a int CONSTRAINT c CHECK (a > 0));' }],
    [
      'IF EXISTS of a column that is not there',
      'ALTER TABLE t DROP COLUMN IF EXISTS b;',
      { before: 'CREATE TABLE t (a int);' },
    ],
  ]);
  reports('no-drop-column', [
    ['before the deploy, with a rename afterwards of another column', 'ALTER TABLE t DROP COLUMN a;\nSELECT 1;'],
  ]);
  reports('no-rename-table', [
    ['a view', 'ALTER VIEW v RENAME TO w;'],
    ['to another schema', 'ALTER TABLE t SET SCHEMA archive;'],
  ]);
});

describe('statements about all rows', () => {
  isSilent([
    ['a condition', 'UPDATE t SET a = 1 WHERE b > 0;'],
    ['a join', 'UPDATE t SET a = r.a FROM r WHERE r.id = t.id;'],
    ['a new table', 'CREATE TABLE n (a int);\nUPDATE n SET a = 1;\nDELETE FROM n;'],
    ['WHERE false', 'DELETE FROM t WHERE false;'],
  ]);
  reports('no-unbounded-delete', [['WHERE true', 'DELETE FROM t WHERE true;']]);
});

describe('what is offered instead', () => {
  const before = `CREATE TABLE notes (id text PRIMARY KEY, a int, b int);
CREATE FUNCTION twice(n int) RETURNS int IMMUTABLE LANGUAGE sql AS 'SELECT n * 2';
CREATE TYPE pair AS (x int, y int);`;
  const offered = (sql: string, version = 18): string =>
    lintSql(sql, { before, version })
      .findings.map(({ instead }) => instead?.sql ?? '')
      .join('\n');

  test('goes over a key that is no number by how many, and leaves conditions of inner queries alone', () => {
    expect(offered('UPDATE notes SET a = (SELECT max(o.a) FROM notes o WHERE o.b = notes.b) WHERE true;')).toBe(
      'UPDATE notes SET a = (SELECT max(o.a) FROM notes o WHERE o.b = notes.b) ' +
        'WHERE id IN (SELECT id FROM notes ORDER BY id LIMIT 10000);',
    );
  });

  test('computes a value on reading only with functions and types of Postgres itself', () => {
    const add = (column: string): string => `ALTER TABLE notes ADD COLUMN ${column} STORED;`;
    expect(offered(add('c int GENERATED ALWAYS AS (abs(a) + 1)'))).toContain('VIRTUAL');
    expect(offered(add('c int GENERATED ALWAYS AS (twice(a))'))).toContain('CREATE TRIGGER');
    expect(offered(add('c pair GENERATED ALWAYS AS (ROW(a, b))'))).toContain('CREATE TRIGGER');
  });

  test("keeps the person's words of one command among several", () => {
    expect(offered('ALTER TABLE notes DROP COLUMN  a, ADD COLUMN c int;')).toContain(
      'ALTER TABLE notes DROP COLUMN  a;',
    );
  });
});
