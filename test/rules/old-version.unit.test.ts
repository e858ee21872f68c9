/** What the running application would notice of types and required values, and what only looks like it. */
import { beforeAll, describe, expect, test } from 'vitest';
import { loadParser } from '../../src/sql/parse.ts';
import { lintSql, type LintSqlOptions } from '../lint/lint-sql.ts';

beforeAll(loadParser);

function rulesFound(sql: string, options: LintSqlOptions = {}): readonly string[] {
  return lintSql(sql, options).findings.map(({ rule }) => rule);
}

describe('no-narrowing-type-change', () => {
  const before = `CREATE TYPE mood AS ENUM ('glad');
CREATE TABLE t (id int PRIMARY KEY, v varchar(50), x text, n numeric(10, 2), b bigint, m mood);`;
  const alter = (column: string, type: string): string => `ALTER TABLE t ALTER COLUMN ${column} TYPE ${type};`;

  test.each([
    alter('v', 'varchar(20)'),
    alter('x', 'varchar(10)'),
    alter('x', 'jsonb USING x::jsonb'),
    alter('x', 'mood USING x::mood'),
    alter('x', 'public.mood USING x::mood'),
    alter('n', 'numeric(6, 2)'),
    alter('b', 'int'),
  ])('is the one finding of %s', (sql) => {
    expect(rulesFound(sql, { before })).toEqual(['no-narrowing-type-change']);
  });

  test.each([
    ['a longer text', alter('v', 'varchar(80)')],
    ['an enum to text', alter('m', 'text')],
    ['more digits', alter('n', 'numeric(12, 4)')],
    ['a type that nobody knows', alter('other', 'varchar(20)')],
    ['a new column', `ALTER TABLE t ADD COLUMN f text;\n${alter('f', 'varchar(20)')}`],
    ['a new table', 'CREATE TABLE f (a text);\nALTER TABLE f ALTER a TYPE varchar(20);'],
    [
      'a view under the name of the table',
      `BEGIN;\nALTER TABLE t RENAME TO t_data;\nALTER TABLE t_data ALTER v TYPE varchar(20);\nCREATE VIEW t AS SELECT id, v::varchar(50) AS v FROM t_data;\nCOMMIT;`,
    ],
    ['after the deploy', `-- migrate:phase contract\n${alter('v', 'varchar(20)')}`],
  ])('is silent: %s', (_, sql) => {
    expect(rulesFound(sql, { before })).not.toContain('no-narrowing-type-change');
  });

  test('without it the rewrite speaks for itself', () => {
    const off = { severities: { 'no-narrowing-type-change': 'off' } } as const;
    expect(rulesFound(alter('v', 'varchar(20)'), { before, ...off })).toEqual(['no-column-type-rewrite']);
    expect(rulesFound(`-- migrate:phase contract\n${alter('v', 'varchar(20)')}`, { before })).toEqual([
      'no-column-type-rewrite',
    ]);
    const ignored = `-- migrate:ignore no-narrowing-type-change -- nobody writes it\n${alter('v', 'varchar(20)')}`;
    expect(rulesFound(ignored, { before })).toEqual(['no-column-type-rewrite']);
  });
});

describe('no-new-required-value', () => {
  const before = `CREATE TABLE t (id int PRIMARY KEY, a int NOT NULL DEFAULT 1, b int DEFAULT 1, c int NOT NULL);`;
  const drop = (column: string): string => `ALTER TABLE t ALTER COLUMN ${column} DROP DEFAULT;`;
  const add = 'ALTER TABLE t ADD COLUMN n int';

  test.each([
    ['a default', drop('a')],
    ['the default of a new column', `${add} NOT NULL DEFAULT 1;\n${drop('n')}`],
    ['a check of a new column', `${add};\nALTER TABLE t ADD CONSTRAINT k CHECK ((n IS NOT NULL)) NOT VALID;`],
  ])('reports %s', (_, sql) => {
    expect(rulesFound(sql, { before })).toEqual(['no-new-required-value']);
  });

  test('SET NOT NULL of a new column is two problems: for whom it locks out, and for whom it is running', () => {
    const sql = `${add};\nALTER TABLE t ALTER COLUMN n SET NOT NULL;`;
    expect(rulesFound(sql, { before }).toSorted()).toEqual(['no-new-required-value', 'no-set-not-null']);
  });

  test.each([
    ['a column that may be NULL', drop('b')],
    ['a column without a default', drop('c')],
    ['a table that nobody knows', 'ALTER TABLE u ALTER COLUMN a DROP DEFAULT;'],
    ['another default', `${drop('a')}\nALTER TABLE t ALTER COLUMN a SET DEFAULT 2;`],
    ['a trigger', `CREATE TRIGGER f BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION f();\n${drop('a')}`],
    ['a new table', `CREATE TABLE n (a int NOT NULL DEFAULT 1);\nALTER TABLE n ALTER COLUMN a DROP DEFAULT;`],
    ['a check of a column that is known', 'ALTER TABLE t ADD CONSTRAINT k CHECK (b IS NOT NULL) NOT VALID;'],
    ['after the deploy', `-- migrate:phase contract\n${drop('a')}`],
    [
      'a new column with a default',
      `${add} DEFAULT 1;\nALTER TABLE t ADD CONSTRAINT k CHECK (n IS NOT NULL) NOT VALID;`,
    ],
  ])('is silent: %s', (_, sql) => {
    expect(rulesFound(sql, { before })).toEqual([]);
  });
});

describe('no-data-change-with-schema-change', () => {
  const before = 'CREATE TABLE t (id int PRIMARY KEY, a int);\nCREATE TABLE r (id int PRIMARY KEY, a int);';
  const alter = 'ALTER TABLE t ADD COLUMN b int;';
  const update = 'UPDATE t SET a = 1 WHERE a = 2;';

  test.each([
    ['after it', `BEGIN;\n${alter}\n${update}\nCOMMIT;`],
    ['before it', `BEGIN;\n${update}\n${alter}\nCOMMIT;`],
    ['of another table', `BEGIN;\n${alter}\nUPDATE r SET a = 1 WHERE a = 2;\nCOMMIT;`],
    ['before a block that does it', `BEGIN;\n${update}\nDO $$ BEGIN ${alter} END $$;\nCOMMIT;`],
    ['inside a block', `DO $$ BEGIN ${update} ${alter} END $$;`],
    ['before a new table refers to its own', `BEGIN;\n${update}\nCREATE TABLE n (t int REFERENCES t);\nCOMMIT;`],
    ['that fills a new table', `BEGIN;\n${alter}\nCREATE TABLE n (a int);\nINSERT INTO n SELECT a FROM r;\nCOMMIT;`],
  ])('reports a change of rows %s', (_, sql) => {
    expect(rulesFound(sql, { before })).toEqual(['no-data-change-with-schema-change']);
  });

  test('is told once for a transaction, with the places of the others', () => {
    const sql = `BEGIN;\n${alter}\n${update}\n-- migrate:ignore no-data-change-with-schema-change -- few\n${update}\n${update}\nCOMMIT;`;
    const { findings } = lintSql(sql, { before });
    expect(findings).toMatchObject([{ line: 3, alsoAt: [{ line: 6 }] }]);
    expect(findings[0]?.message).toContain('while this and another of its statements change rows');
  });

  test('is silent where nobody waits for what is locked below', () => {
    const later = 'CREATE TABLE n (id int);\nALTER TABLE n ADD COLUMN b int;\nCOMMENT ON TABLE t IS NULL;';
    expect(rulesFound(`BEGIN;\n${update}\n${later}\nCOMMIT;\n${alter}`, { before })).toEqual([]);
  });

  test('reports what the tool puts into one transaction', () => {
    expect(rulesFound(`${alter}\n${update}`, { before, transactionMode: 'per-file' })).toEqual([
      'no-data-change-with-schema-change',
    ]);
  });

  test('an UPDATE of all rows is reported as that', () => {
    expect(rulesFound(`BEGIN;\n${alter}\nUPDATE t SET a = 1;\nCOMMIT;`, { before })).toEqual(['no-unbounded-update']);
  });

  test.each([
    ['no transaction', `${alter}\n${update}`],
    ['another transaction', `BEGIN;\n${alter}\nCOMMIT;\nBEGIN;\n${update}\nCOMMIT;`],
    ['one row by its key', `BEGIN;\n${alter}\nUPDATE t SET a = 1 WHERE id = 5;\nCOMMIT;`],
    ['INSERT of constants', `BEGIN;\n${alter}\nINSERT INTO r VALUES (1, 2);\nCOMMIT;`],
    ['a new table alone', `BEGIN;\nCREATE TABLE n (a int);\nINSERT INTO n SELECT a FROM r;\nCOMMIT;`],
    ['a comment', `BEGIN;\nCOMMENT ON TABLE t IS 'x';\n${update}\nCOMMIT;`],
  ])('is silent: %s', (_, sql) => {
    expect(rulesFound(sql, { before })).toEqual([]);
  });
});

describe('the words of a statement', () => {
  const long = 'a'.repeat(64);

  test.each([
    ['63 bytes', `ALTER TABLE t ADD COLUMN ${'a'.repeat(63)} int;`],
    ['a constant', `COMMENT ON TABLE t IS '${long} ${long}';`],
    ['a comment', `-- ${long}\nSELECT 1;`],
    ['the body of a function', `CREATE FUNCTION f() RETURNS text LANGUAGE sql AS $$ SELECT '${long}' $$;`],
  ])('no-truncated-identifier is silent: %s', (_, sql) => {
    expect(rulesFound(sql)).toEqual([]);
  });

  test('a name is measured in bytes', () => {
    expect(rulesFound(`ALTER TABLE t ADD COLUMN "${'é'.repeat(32)}" int;`)).toEqual(['no-truncated-identifier']);
  });

  test.each([
    'ALTER TABLE t ADD PRIMARY KEY (a) NOT VALID;',
    'ALTER TABLE t ADD EXCLUDE USING gist (a WITH &&) NOT VALID;',
    'ALTER TABLE t ADD COLUMN a int CHECK (a > 0) NOT VALID;',
    'ALTER TABLE t ADD COLUMN a int REFERENCES r NOT VALID;',
  ])('no-invalid-not-valid knows %s', (sql) => {
    expect(rulesFound(sql)).toEqual(['no-invalid-not-valid']);
  });

  test('no-invalid-not-valid is silent on what is broken otherwise', () => {
    expect(rulesFound('ALTER TABLE t ADD CHECK (a > 0) NOT VALID VALID;')).toEqual(['no-syntax-error']);
    expect(
      rulesFound('ALTER TABLE t ADD UNIQUE (a) NOT VALID;', { severities: { 'no-invalid-not-valid': 'off' } }),
    ).toEqual(['no-syntax-error']);
  });
});

describe('no-unsupported-syntax', () => {
  const since: readonly (readonly [version: number, sql: string])[] = [
    [15, 'ALTER TABLE t ADD CONSTRAINT k CHECK (regexp_like(a, $$x$$)) NOT VALID;'],
    [15, 'CREATE VIEW v WITH (security_invoker) AS SELECT 1 AS a;'],
    [15, 'CREATE PUBLICATION p FOR TABLE t (a);'],
    [15, 'CREATE UNLOGGED SEQUENCE s;'],
    [16, 'INSERT INTO t SELECT a FROM (SELECT 1 AS a);'],
    [16, 'INSERT INTO t VALUES (1_000);'],
    [16, `INSERT INTO t VALUES (json_object('a': 1));`],
    [17, `INSERT INTO t SELECT a FROM json_table('[]', '$[*]' COLUMNS (a int PATH '$.a')) AS j;`],
    [17, 'GRANT MAINTAIN ON t TO app;'],
    [17, `SET transaction_timeout = '5s';`],
    [18, 'ALTER TABLE t ADD CONSTRAINT k CHECK (a > 0) NOT ENFORCED;'],
    [18, 'UPDATE t SET a = 1 WHERE id = 5 RETURNING old.a;'],
    [18, 'CREATE TABLE n (a int, CONSTRAINT k NOT NULL a);'],
    [18, 'CREATE TABLE n (a int, b int GENERATED ALWAYS AS (a + 1));'],
  ];

  test.each(since)('knows that it takes Postgres %i: %s', (version, sql) => {
    expect(rulesFound(sql, { version: version - 1 })).toContain('no-unsupported-syntax');
    expect(rulesFound(sql, { version })).not.toContain('no-unsupported-syntax');
  });

  test.each([
    `COMMENT ON TABLE t IS '1_000 and 0x1F';`,
    'CREATE FUNCTION uuidv7() RETURNS uuid LANGUAGE sql AS $$ SELECT gen_random_uuid() $$;\nCREATE TABLE n (a uuid DEFAULT uuidv7());',
    'CREATE TABLE n (a uuid DEFAULT ext.uuidv7());',
    'ALTER TABLE t ADD CONSTRAINT k CHECK (a > 0) NOT VALID;',
    'CREATE TABLE n (a int CONSTRAINT k NOT NULL, b int GENERATED ALWAYS AS (a + 1) STORED, UNIQUE (a));',
    `INSERT INTO t (a) VALUES (1) ON CONFLICT (a) DO UPDATE SET a = excluded.a RETURNING a;`,
    `INSERT INTO t SELECT v1_000.a, 'x0x1F' FROM (SELECT 1000 AS a) AS v1_000;`,
    'ALTER TABLE t ALTER CONSTRAINT f DEFERRABLE;',
    'VACUUM t;',
    'CREATE STATISTICS s ON a, b FROM t;',
    'ALTER TABLE t ALTER COLUMN a SET STORAGE external;',
    `INSERT INTO t SELECT json_build_object('a', 1);`,
  ])('is silent on Postgres 14: %s', (sql) => {
    expect(rulesFound(sql, { version: 14 }).filter((rule) => rule === 'no-unsupported-syntax')).toEqual([]);
  });
});
