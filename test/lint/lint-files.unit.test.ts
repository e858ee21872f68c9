/** What decides a finding: which tables are in use, which transaction a statement is in, and what is configured. */
import { beforeAll, describe, expect, test } from 'vitest';
import { rules } from '../../rules/index.ts';
import { blankColumn, blankTable } from '../../src/catalog/blank.ts';
import { addTable } from '../../src/catalog/edit.ts';
import { emptyCatalog, type Catalog } from '../../src/catalog/model.ts';
import { lintFiles } from '../../src/lint/lint-files.ts';
import { defineRule } from '../../src/rule-sdk.ts';
import { loadParser } from '../../src/sql/parse.ts';
import { found, lintSql } from './lint-sql.ts';

beforeAll(loadParser);

const index = 'CREATE INDEX orders_user_id_idx ON orders (user_id);';

describe('a table is in use unless', () => {
  test('nothing says otherwise: one that no file mentions is reported', () => {
    expect(found(index)).toEqual(['require-concurrent-index:1']);
  });

  test('the same file creates it', () => {
    expect(found(`CREATE TABLE orders (user_id bigint);\n${index}`)).toEqual([]);
  });

  test('the same file creates it with IF NOT EXISTS, and nothing says that it exists', () => {
    const sql = `CREATE TABLE IF NOT EXISTS orders (user_id bigint);\n${index}`;
    expect(found(sql)).toEqual([]);
    expect(found(sql, { before: 'CREATE TABLE orders (user_id bigint);' })).toEqual(['require-concurrent-index:2']);
  });

  test('the same file creates it and renames it or moves it', () => {
    expect(found(`CREATE TABLE o (user_id bigint);\nALTER TABLE o RENAME TO orders;\n${index}`)).toEqual([]);
    expect(
      found('CREATE SCHEMA s;\nCREATE TABLE o (a int);\nALTER TABLE o SET SCHEMA s;\nCREATE INDEX ON s.o (a);'),
    ).toEqual([]);
  });

  test('it is temporary', () => {
    expect(found('CREATE TEMP TABLE t (a int) ON COMMIT DROP;\nCREATE INDEX ON t (a);')).toEqual([]);
  });

  test('the name is the same but the schema is another', () => {
    expect(found(`CREATE TABLE archive.orders (user_id bigint);\n${index}`)).toEqual(['require-concurrent-index:2']);
  });

  test('it was dropped and made anew in the same file', () => {
    const sql = `DROP TABLE orders;\nCREATE TABLE orders (user_id bigint);\n${index}`;
    expect(found(sql, { before: 'CREATE TABLE orders (user_id bigint);' })).toEqual(['no-drop-table:1']);
  });

  test('the file sets a search path under which it is new', () => {
    const sql = `CREATE SCHEMA app;\nSET search_path = app;\nCREATE TABLE orders (user_id bigint);\nCREATE INDEX ON app.orders (user_id);`;
    expect(found(sql)).toEqual([]);
  });
});

describe('several files', () => {
  const create = { path: '1.sql', source: 'CREATE TABLE orders (user_id bigint);' };
  const later = { path: '2.sql', source: index };
  const common = { rules, version: 17, transactionMode: 'none' } as const;

  test('are migrations of their own: what one creates is in use in the next', () => {
    const { findings } = lintFiles({ ...common, files: [create, later] });
    expect(findings.map(({ file }) => file)).toEqual(['2.sql']);
  });

  test('are one change when a history is given: nothing of it has shipped', () => {
    expect(lintFiles({ ...common, files: [create, later], history: [] }).findings).toEqual([]);
  });

  test('history is folded and not linted', () => {
    const { findings, files, statements } = lintFiles({
      ...common,
      files: [later],
      history: [create, { ...later, path: 'h.sql' }],
    });
    expect(findings.map(({ file }) => file)).toEqual(['2.sql']);
    expect({ files, statements }).toEqual({ files: 1, statements: 1 });
  });

  test('a SET in one does not reach the next', () => {
    const set = { path: '1.sql', source: 'SET search_path = app;' };
    const { findings } = lintFiles({
      ...common,
      files: [set, create, { ...later, source: 'CREATE INDEX ON public.orders (user_id);' }],
      history: [],
    });
    expect(findings).toEqual([]);
  });

  test('a file may decide about its transaction', () => {
    const { findings } = lintFiles({
      ...common,
      transactionMode: 'per-file',
      files: [later, { ...later, transactionMode: 'none' }],
    });
    expect(findings.map(({ fix }) => fix !== null)).toEqual([false, true]);
  });
});

describe('transactions', () => {
  const canFix = (sql: string, mode: 'none' | 'per-file' = 'none') =>
    lintSql(sql, { transactionMode: mode }).findings.map(({ fix }) => fix !== null);

  test('BEGIN … COMMIT in the file is followed', () => {
    expect(canFix(`BEGIN;\n${index}\nCOMMIT;\n${index}`)).toEqual([false, true]);
    expect(canFix(`START TRANSACTION ISOLATION LEVEL SERIALIZABLE;\n${index}\nROLLBACK;`)).toEqual([false]);
    expect(canFix(`BEGIN;\nSAVEPOINT s;\nROLLBACK TO s;\n${index}\nROLLBACK;\n${index}`)).toEqual([false, true]);
  });

  test('a COMMIT ends the transaction that the tool began', () => {
    expect(canFix(`${index}\nCOMMIT;\n${index}`, 'per-file')).toEqual([false, true]);
  });

  test('what cannot run inside one is said', () => {
    const [finding] = lintSql(index, { transactionMode: 'per-file' }).findings;
    expect(finding?.instead?.text).toBe(
      'Build it without blocking writes, in a migration of its own that runs outside a transaction:',
    );
  });
});

describe('severities', () => {
  test('a rule can be switched off and made less severe', () => {
    expect(found(index, { severities: { 'require-concurrent-index': 'off' } })).toEqual([]);
    const { findings } = lintSql(index, { severities: { 'require-concurrent-index': 'info' } });
    expect(findings.map(({ severity }) => severity)).toEqual(['info']);
  });

  test('a configured severity holds also where the rule itself would be milder', () => {
    const sql = 'ALTER TABLE orders ALTER COLUMN note TYPE text;';
    expect(lintSql(sql).findings.map(({ severity }) => severity)).toEqual(['warning']);
    const { findings } = lintSql(sql, { severities: { 'no-column-type-rewrite': 'error' } });
    expect(findings.map(({ severity }) => severity)).toEqual(['error']);
  });

  test('a strict rule is off until it is turned on', () => {
    const strict = rules.map((rule) => ({ ...rule, set: 'strict' as const }));
    expect(found(index, { rules: strict })).toEqual([]);
    expect(found(index, { rules: strict, severities: { 'require-concurrent-index': 'error' } })).toHaveLength(1);
  });
});

describe('a live database', () => {
  const withRows = (rows: number, bytes: number): Catalog =>
    addTable(
      emptyCatalog(17),
      blankTable(
        { schema: 'public', name: 'orders' },
        { columns: [blankColumn('user_id', 'bigint')], estimate: { rows, bytes } },
      ),
    );

  test('tells how large the table is', () => {
    const [finding] = lintSql(index, { catalog: withRows(41_234_567, 18_400_000_000) }).findings;
    expect(finding).toMatchObject({ severity: 'error', size: 'orders has about 41 million rows (18 GB).' });
  });

  test('makes less of what is done to a small table, if the harm grows with the table', () => {
    const catalog = withRows(200, 65_536);
    expect(lintSql(index, { catalog }).findings.map(({ severity }) => severity)).toEqual(['info']);
    const rename = 'ALTER TABLE orders RENAME COLUMN user_id TO buyer_id;';
    expect(lintSql(rename, { catalog }).findings.map(({ severity }) => severity)).toEqual(['error']);
  });

  test('does not call a table small because a file created it', () => {
    const [finding] = lintSql(index, { before: 'CREATE TABLE orders (user_id bigint);' }).findings;
    expect(finding).toMatchObject({ severity: 'error', size: null });
  });
});

describe('positions', () => {
  test('a finding points at its command, not at the whole ALTER TABLE', () => {
    const sql = `ALTER TABLE ONLY "public"."users"
  ADD COLUMN a int DEFAULT 1, -- a comment, with a comma
  ALTER COLUMN "e,mail" SET NOT NULL /* here */ ,
  ADD COLUMN b numeric(3, 1) NOT NULL;`;
    const places = lintSql(sql).findings.map(({ rule, line, column, endLine, endColumn }) => [
      rule,
      line,
      column,
      endLine,
      endColumn,
    ]);
    expect(places).toEqual([
      ['no-set-not-null', 3, 3, 3, 37],
      ['no-not-null-without-default', 4, 3, 4, 38],
    ]);
  });

  test('lines and columns count UTF-16 units, behind other letters and line ends', () => {
    const sql = `-- größer 😀\r\n/* é */ ${index}`;
    expect(lintSql(sql).findings[0]).toMatchObject({
      line: 2,
      column: 9,
      endLine: 2,
      endColumn: 60,
      statement: index.slice(0, -1),
    });
  });

  test('a statement below migrate:down is left out', () => {
    expect(found(`-- migrate:up\n${index}\n-- migrate:down\nALTER TABLE orders RENAME COLUMN a TO b;`)).toEqual([
      'require-concurrent-index:2',
    ]);
  });
});

test('the statements of a block are checked like others, each in its place, without a fix', () => {
  const { findings } = lintSql(
    `-- für alle
DO $$ BEGIN
  IF EXISTS (SELECT FROM old) THEN
    ALTER TABLE t ADD COLUMN a int NOT NULL, ADD COLUMN b varchar(9);
    UPDATE t SET a = 1;
  END IF;
  CREATE INDEX CONCURRENTLY ON s.t (a);
END $$;`,
    { set: 'strict', severities: { 'require-if-exists': 'off' } },
  );
  expect(findings.map(({ rule, line, column }) => `${rule}:${line}:${column}`)).toEqual([
    'require-schema-name:4:17',
    'no-not-null-without-default:4:19',
    'prefer-text:4:59',
    'no-unbounded-update:5:5',
    'no-concurrent-in-transaction:7:3',
  ]);
  expect(findings.map(({ fix }) => fix)).toEqual(findings.map(() => null));
});

test('a statement that cannot be looked into is told once, as an information', () => {
  const { findings } = lintSql("DO $$ BEGIN EXECUTE format('DROP TABLE %I', 't'); END $$;");
  expect(findings).toMatchObject([{ rule: 'no-opaque-statement', severity: 'info' }]);
});

test('a rule that fails on a statement does not hide the others', () => {
  const broken = defineRule({
    id: 'no-luck',
    severity: 'error',
    set: 'recommended',
    group: 'locks',
    summary: 'Fails.',
    kinds: ['create_index'],
    check() {
      throw new Error('Oh.');
    },
  });
  const { findings } = lintSql(`${index}\nALTER TABLE orders RENAME COLUMN a TO b;`, { rules: [...rules, broken] });
  expect(findings.map(({ rule }) => rule)).toEqual(['no-opaque-statement', 'no-rename-column']);
  expect(findings[0]?.message).toBe('This statement was not checked, because the linter itself failed on it: Oh.');
});

test('the same files give the same findings', () => {
  const sql = `${index}\nALTER TABLE orders ADD COLUMN a int NOT NULL, ADD COLUMN b int NOT NULL;`;
  expect(lintSql(sql)).toEqual(lintSql(sql));
});
