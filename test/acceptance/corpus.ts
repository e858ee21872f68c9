/**
 * A folder of migrations and what it needs to be told, from `npm run acceptance`. Nothing here knows a project: what one
 * folder needs is said on the command line.
 */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import process from 'node:process';
import pg from 'pg';
import type { MigrationFile } from '../../src/plan/migration-file.ts';
import { parseStatements } from '../../src/sql/parse.ts';
import { repositoryFolder, withDatabase } from '../support/server.ts';

export type Corpus = {
  readonly folder: string;
  /** Run first: schemas, roles and whatever else the first migration takes for granted. Null for nothing. */
  readonly setupSql: string | null;
  readonly values: Readonly<Record<string, string>>;
};

/** ONWARD_ACCEPTANCE, as scripts/acceptance.js writes it. */
type Request = {
  readonly folders: readonly string[];
  readonly setup: string | null;
  readonly values: Readonly<Record<string, string>>;
};

/** Those that were asked for; else the project's own example. */
export async function readCorpora(): Promise<readonly Corpus[]> {
  const given = process.env['ONWARD_ACCEPTANCE'];
  if (given === undefined || given === '')
    return [{ folder: path.join(repositoryFolder, 'migrations-example'), setupSql: null, values: {} }];
  const { folders, setup, values } = JSON.parse(given) as Request; // our own script wrote it
  const setupSql = setup === null ? null : await readFile(setup, 'utf8');
  return folders.map((folder) => ({ folder, setupSql, values }));
}

/**
 * A database with the setup in it, for as long as `work` takes. Roles belong to the whole server: those that the setup and
 * the migrations make are dropped afterwards, so that the next database finds what this one found.
 */
export async function withCorpusDatabase<T>(
  { setupSql }: Corpus,
  migrations: readonly MigrationFile[],
  work: (url: string) => Promise<T>,
): Promise<T> {
  const made = [setupSql ?? '', ...migrations.map(({ source }) => source)].flatMap(rolesMadeBy);
  const rolesBefore = await withDatabase(async (database) => rolesOf(await database.connect()));
  try {
    return await withDatabase(async (database) => {
      const client = await database.connect();
      // Procedures that pause between their batches need not: nobody else is here.
      await client.query(
        'create or replace function pg_catalog.pg_sleep(double precision) returns void language sql as $$ select $$',
      );
      if (setupSql !== null) await client.query(setupSql);
      return work(database.url);
    });
  } finally {
    await withDatabase(async (database) => {
      const client = await database.connect();
      for (const role of made.filter((name) => !rolesBefore.includes(name)))
        await client.query(`drop role if exists ${pg.escapeIdentifier(role)}`);
    });
  }
}

function rolesMadeBy(source: string): readonly string[] {
  return parseStatements(source).flatMap(({ node }) =>
    'CreateRoleStmt' in node && node.CreateRoleStmt.role !== undefined ? [node.CreateRoleStmt.role] : [],
  );
}

async function rolesOf(client: pg.Client): Promise<readonly string[]> {
  const { rows } = await client.query<{ rolname: string }>('select rolname from pg_roles');
  return rows.map(({ rolname }) => rolname);
}
