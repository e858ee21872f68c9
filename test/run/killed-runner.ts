/**
 * The program as people start it, in a process that is killed with SIGKILL; and a brake, by which a test makes it stand
 * still at one chosen write to its ledger, so that nothing depends on how fast a machine is.
 *
 * The brake is a trigger on the ledger's tables. It gives every write a name ("expand-2 done", "migration contracting"),
 * keeps the names in order, and takes an advisory lock of that name: whoever holds the lock stops the runner right there,
 * with the write made and not committed.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import path from 'node:path';
import type pg from 'pg';
import { describeDifference, diffCatalogs } from '../../src/catalog/diff.ts';
import type { Catalog } from '../../src/catalog/model.ts';
import { introspect } from '../../src/run/introspect.ts';
import type { Verb } from '../../src/run/run-event.ts';
import { withRunner } from '../../src/run/runner.ts';
import { withFiles } from '../cli/run-main.ts';
import { describeDataDifferences, readData, type Data } from '../operations/harness/table-data.ts';
import { repositoryFolder, withDatabase, type TestDatabase } from '../support/server.ts';

const program = path.join(repositoryFolder, 'bin', 'migrate.js');
const pollMs = 25; // a process takes twenty times as long to start

const brakeSql = `
create table onward.written (position integer generated always as identity, name text not null);
-- Without a lock_timeout of its own, that of the runner's step would end the standstill.
create function onward.brake() returns trigger language plpgsql set lock_timeout = 0 as $$
declare
  line jsonb := to_jsonb(new);
  write text := case tg_table_name
    when 'migration' then 'migration ' || (line ->> 'status')
    when 'step' then concat_ws(' ', line ->> 'id', line ->> 'status', nullif(line ->> 'undone_actions', '0'))
    else concat_ws(' ', line ->> 'step', 'rows', (line ->> 'rows_scanned')::bigint / 1000 * 1000)
  end;
begin
  insert into onward.written (name) values (write);
  perform pg_advisory_xact_lock_shared(hashtextextended(write, 0));
  return new;
end $$;
create trigger brake after insert or update on onward.migration for each row execute function onward.brake();
create trigger brake after update on onward.step for each row execute function onward.brake();
create trigger brake after update of cursor on onward.backfill_chunk for each row execute function onward.brake()`;

export type Scenario = {
  /** Tables and rows, as they are before the migration. */
  readonly given: string;
  readonly migration: string;
};

export type State = { readonly catalog: Catalog; readonly data: Data };

type Run = { readonly child: ChildProcess; readonly ended: Promise<Ended> };
type Ended = { readonly code: number | null; readonly text: string };

/** A database with the tables, the ledger and the brake, and a folder with the migration. */
export type Life = {
  readonly client: pg.Client;
  readonly database: TestDatabase;
  /** The verb in a process of its own. The backfill is a verb of its own too. */
  start(verb: Verb): Run;
  /** The verb, undisturbed; answers with what it printed and the names of its writes. Throws when it fails. */
  run(verb: Verb): Promise<{ readonly text: string; readonly writes: readonly string[] }>;
  /** Starts the verb, and kills it when it has come to the write. The brake stays on until `release` is called. */
  killAt(verb: Verb, write: string): Promise<Killed>;
  /** Until no session of any runner is left on the server. */
  runnersGone(): Promise<void>;
  catalog(): Promise<Catalog>;
  state(): Promise<State>;
  /** In sentences; empty when catalog and rows are as expected, and nothing of the steps is left beside them. */
  differencesFrom(expected: State): Promise<readonly string[]>;
};

type Killed = {
  /** Of the dead runner's session, which stands still on the server. */
  readonly backendPid: number;
  release(): Promise<void>;
};

export async function withLife<T>(scenario: Scenario, work: (life: Life) => Promise<T>): Promise<T> {
  const files = {
    // As if the tables were large: every change takes the online path.
    'onward.config.json': JSON.stringify({ smallTableRows: 0, waitForRunnerMs: 30_000 }),
    'migrations/0001_killed.sql': scenario.migration,
  };
  return withFiles(files, (folder) =>
    withDatabase(async (database) => {
      const client = await database.connect();
      await client.query(scenario.given);
      await client.query('analyze');
      await withRunner({ url: database.url }, () => Promise.resolve()); // installs the ledger
      await client.query(brakeSql);
      return work(lifeIn(database, client, folder));
    }),
  );
}

function lifeIn(database: TestDatabase, client: pg.Client, folder: string): Life {
  const life: Life = {
    client,
    database,
    start: (verb) => start(database, folder, verb),
    async run(verb) {
      const before = await writtenSince(client, 0);
      const { code, text } = await life.start(verb).ended;
      if (code !== 0) throw new Error(`${verb} ended with ${code}:\n${text}`);
      return { text, writes: await writtenSince(client, before.length) };
    },
    async killAt(verb, write) {
      const brake = await database.connect('brake');
      await brake.query('select pg_advisory_lock(hashtextextended($1, 0))', [write]);
      const run = life.start(verb);
      const backendPid = await Promise.race([
        stoppedBackend(client),
        run.ended.then(({ code, text }) => {
          throw new Error(`${verb} ended with ${code} and never came to “${write}”:\n${text}`);
        }),
      ]);
      await kill(run);
      return { backendPid, release: () => brake.end() };
    },
    runnersGone: async () => {
      await until(
        client,
        `select where not exists (select from pg_stat_activity
        where datname = current_database() and application_name like 'onward%')`,
      );
    },
    catalog: () => introspect(client),
    async state() {
      const catalog = await life.catalog();
      return { catalog, data: await readData(client, catalog) };
    },
    async differencesFrom(expected) {
      const { catalog, data } = await life.state();
      return [
        ...(await helpersIn(client)).map((name) => `${name} was left behind`),
        ...diffCatalogs(expected.catalog, catalog).map(describeDifference),
        ...describeDataDifferences(expected.data, data),
      ];
    },
  };
  return life;
}

function start(database: TestDatabase, folder: string, verb: Verb): Run {
  const args = [verb, ...(verb === 'expand' ? ['--no-backfill'] : []), '--yes', '--verbose'];
  const child = spawn(process.execPath, [program, ...args, '--config', path.join(folder, 'onward.config.json')], {
    env: { ...process.env, DATABASE_URL: database.url },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let text = '';
  child.stdout.on('data', (chunk) => (text += String(chunk)));
  child.stderr.on('data', (chunk) => (text += String(chunk)));
  const ended = new Promise<Ended>((resolve) => child.once('close', (code) => resolve({ code, text })));
  return { child, ended };
}

export async function kill({ child, ended }: Run): Promise<void> {
  child.kill('SIGKILL');
  const { code, text } = await ended;
  if (child.signalCode !== 'SIGKILL') throw new Error(`It had ended with ${code} before it was killed:\n${text}`);
}

async function stoppedBackend(client: pg.Client): Promise<number> {
  const row = await until(
    client,
    `select pid from pg_locks where locktype = 'advisory' and not granted
    and database = (select oid from pg_database where datname = current_database())`,
  );
  return Number(row['pid']);
}

async function writtenSince(client: pg.Client, position: number): Promise<readonly string[]> {
  const { rows } = await client.query<{ name: string }>('select name from onward.written order by position offset $1', [
    position,
  ]);
  return rows.map(({ name }) => name);
}

/** Functions that steps put beside the ledger for a while; they are no part of a catalog. */
async function helpersIn(client: pg.Client): Promise<readonly string[]> {
  const { rows } = await client.query<{ name: string }>(
    `select proname as name from pg_proc where pronamespace = 'onward'::regnamespace and proname <> 'brake' order by 1`,
  );
  return rows.map(({ name }) => name);
}

/** Asks until there is a row. */
export async function until(client: pg.Client, sql: string): Promise<Record<string, unknown>> {
  for (;;) {
    const { rows } = await client.query<Record<string, unknown>>(sql);
    if (rows[0] !== undefined) return rows[0];
    await new Promise((resolve) => setTimeout(resolve, pollMs));
  }
}

/** What the ledger must say when these writes were committed: the last status of the migration and of each step. */
export function statusesAfter(writes: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(
    writes.map((write) => {
      const [name = '', status = ''] = write.split(' ');
      return [name, status];
    }),
  );
}

/** The same in the ledger, without what was not begun. */
export async function ledgerStatuses(client: pg.Client): Promise<Readonly<Record<string, string>>> {
  const { rows } = await client.query<{ name: string; status: string }>(
    `select 'migration' as name, status from onward.migration
     union all select id, status from onward.step where status <> 'pending'`,
  );
  return Object.fromEntries(rows.map(({ name, status }) => [name, status]));
}
