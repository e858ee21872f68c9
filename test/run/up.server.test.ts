/** `up`: the same schema as sending the files, whatever the database held before. */
import path from 'node:path';
import { expect, test } from 'vitest';
import { describeDifference, diffCatalogs } from '../../src/catalog/diff.ts';
import { expand, readCatalog, readMigrationFiles, rollback, status, up, type MigrationFile } from '../../src/index.ts';
import { migrationFileOf } from '../../src/run/migration-files.ts';
import { repositoryFolder, withDatabase, type TestDatabase } from '../support/server.ts';

function file(name: string, source: string): MigrationFile {
  return migrationFileOf(Buffer.from(source), `migrations/${name}.sql`);
}

/** Runs them, and fails with whatever stopped them. */
async function run(database: TestDatabase, migrations: readonly MigrationFile[]): Promise<void> {
  const { error, migrations: results } = await up({ databaseUrl: database.url, migrations });
  expect(error).toBeNull();
  expect(results.map(({ outcome }) => outcome)).toEqual(migrations.map(() => 'done'));
}

async function sendPlainly(database: TestDatabase, migrations: readonly MigrationFile[]): Promise<void> {
  const client = await database.connect();
  for (const migration of migrations) await client.query(migration.source);
}

async function expectSameAsPlain(migrations: readonly MigrationFile[], ours: TestDatabase): Promise<void> {
  await withDatabase(async (plain) => {
    await sendPlainly(plain, migrations);
    const wanted = await readCatalog({ databaseUrl: plain.url });
    const made = await readCatalog({ databaseUrl: ours.url });
    expect(diffCatalogs(wanted, made).map(describeDifference)).toEqual([]);
  });
}

test('an empty database gets what the files say', async () => {
  const migrations = [
    file('1', `CREATE TABLE users (id bigint PRIMARY KEY, email text); CREATE TYPE mood AS ENUM ('sad');`),
    file('2', 'CREATE INDEX CONCURRENTLY users_email ON users (email);'),
    file('3', `BEGIN; ALTER TABLE users ADD COLUMN n int NOT NULL DEFAULT 1; COMMIT;`),
    file('4', 'DROP INDEX CONCURRENTLY users_email;'),
    file('5', `DO $$ BEGIN CREATE TABLE made_by_a_block (id int); END $$;`),
    file('6', 'ALTER TABLE made_by_a_block ALTER COLUMN id SET NOT NULL;'),
    file('7', `ALTER TYPE mood ADD VALUE 'ok'; COMMENT ON TABLE users IS 'people'; ALTER TABLE users RENAME n TO m;`),
  ];
  await withDatabase(async (database) => {
    await run(database, migrations);
    await expectSameAsPlain(migrations, database);
    expect(await status({ databaseUrl: database.url, migrations })).toMatchObject({ pending: [], problems: [] });
  });
});

test("the example's whole history ends as the files say", async () => {
  const migrations = await readMigrationFiles(path.join(repositoryFolder, 'migrations-example'));
  expect(migrations.length).toBeGreaterThan(10);
  await withDatabase((database) => run(database, migrations));
});

test('a setting of one file does not reach the next one', async () => {
  const migrations = [
    file('1', 'CREATE SCHEMA shop; SET search_path = shop; CREATE TABLE a (id int);'),
    file('2', 'CREATE TABLE b (id int);'),
  ];
  await withDatabase(async (database) => {
    await run(database, migrations);
    const { tables } = await readCatalog({ databaseUrl: database.url });
    expect([...tables.values()].map(({ schema, name }) => `${schema}.${name}`).toSorted()).toEqual([
      'public.b',
      'shop.a',
    ]);
  });
});

test('rows that a migration puts into a table count: a column gets its value from migrate:using', async () => {
  const migrations = [
    file('1', `CREATE TABLE users (id bigint PRIMARY KEY); INSERT INTO users VALUES (1), (2);`),
    file('2', `-- migrate:using 'unknown'\nALTER TABLE users ADD COLUMN phone text NOT NULL;`),
  ];
  await withDatabase(async (database) => {
    await run(database, migrations);
    const client = await database.connect();
    const { rows } = await client.query('SELECT phone FROM users');
    expect(rows).toEqual([{ phone: 'unknown' }, { phone: 'unknown' }]);
    await expect(client.query('INSERT INTO users (id) VALUES (3)')).rejects.toThrow('null value');
  });
});

test('an enum value may be used by the next statement of its file', async () => {
  const migrations = [
    file('1', `CREATE TYPE mood AS ENUM ('sad'); CREATE TABLE users (id bigint PRIMARY KEY, mood mood);`),
    file('2', `ALTER TYPE mood ADD VALUE 'happy'; ALTER TABLE users ALTER COLUMN mood SET DEFAULT 'happy';`),
  ];
  await withDatabase((database) => run(database, migrations));
});

test('a database with rows and a half-done migration is brought to the end', async () => {
  const first = [file('1', 'CREATE TABLE users (id bigint PRIMARY KEY, name text);')];
  const more = [
    file('2', `-- migrate:using ''\nALTER TABLE users ADD COLUMN phone text NOT NULL;`),
    file('3', `ALTER TABLE users RENAME COLUMN name TO full_name;`),
    file('4', `ALTER TABLE users ALTER COLUMN full_name TYPE varchar(100);`),
  ];
  await withDatabase(async (database) => {
    await run(database, first);
    const client = await database.connect();
    await client.query(`INSERT INTO users SELECT n, 'name ' || n FROM generate_series(1, 5000) n; ANALYZE users`);
    const expanded = await expand({ databaseUrl: database.url, migrations: [...first, ...more.slice(0, 1)] });
    expect(expanded.error).toBeNull();
    const { error } = await up({ databaseUrl: database.url, migrations: [...first, ...more] });
    expect(error).toBeNull();
    const { rows } = await client.query('SELECT full_name, phone FROM users WHERE id = 77');
    expect(rows).toEqual([{ full_name: 'name 77', phone: '' }]);
    const after = await status({ databaseUrl: database.url, migrations: [...first, ...more] });
    expect(after.migrations.map((migration) => migration.status)).toEqual(['done', 'done', 'done', 'done']);
  });
});

test('what cannot be planned later on is returned beside what was done before it', async () => {
  const migrations = [
    file('1', 'CREATE TABLE users (id bigint PRIMARY KEY);'),
    file('2', 'SELEC 1;'),
    file('3', 'CREATE TABLE more (id bigint);'),
  ];
  await withDatabase(async (database) => {
    const { error, migrations: results } = await up({ databaseUrl: database.url, migrations });
    expect(error).toMatchObject({ code: 'SYNTAX_ERROR' });
    expect(results.map(({ outcome }) => outcome)).toEqual(['done', 'failed', 'not_run']);
  });
});

test('a migration that was rolled back runs again like a new one', async () => {
  const first = [file('1', 'CREATE TABLE users (id bigint PRIMARY KEY);')];
  const more = [file('2', 'ALTER TABLE users ADD COLUMN phone text;')];
  await withDatabase(async (database) => {
    await run(database, first);
    const options = { databaseUrl: database.url, migrations: [...first, ...more] };
    expect((await expand(options)).error).toBeNull();
    expect((await rollback({ ...options, names: ['2'] })).error).toBeNull();
    expect((await up(options)).error).toBeNull();
    expect((await status(options)).migrations).toMatchObject([{ status: 'done' }, { status: 'done' }]);
    await expectSameAsPlain(options.migrations, database);
  });
});

test('a database that holds a view and no table is not an empty one', async () => {
  await withDatabase(async (database) => {
    const client = await database.connect();
    await client.query('CREATE VIEW one AS SELECT 1 AS n');
    const { error } = await up({ databaseUrl: database.url, migrations: [file('1', 'DROP VIEW one;')] });
    expect(error).toBeNull();
    const { rows } = await client.query<{ plan: object }>('SELECT plan FROM onward.migration');
    expect(JSON.stringify(rows)).toContain('DROP VIEW one');
    expect(JSON.stringify(rows), 'the plan of a file that is sent as it is').not.toContain('a database that was empty');
  });
});
