/**
 * A database in which one proof after the other is made. Emptying it takes a tenth of the time of making a new one, and
 * there are hundreds of proofs.
 */
import pg from 'pg';
import type { Catalog } from '../../../src/catalog/model.ts';
import { introspect, type QueryClient } from '../../../src/run/introspect.ts';
import { identifier, literal, raw, sql } from '../../../src/sql/template.ts';
import { emptyDatabase, forgetSettings } from '../../support/empty-database.ts';
import { createTestDatabase } from '../../support/server.ts';
import type { OperationCase } from './case-file.ts';

export type CaseDatabase = {
  readonly url: string;
  /** The harness's own session; superuser, with the server's default settings. */
  readonly client: pg.Client;
  /** Empties the database and runs the case's `given` in it. */
  prepare(operationCase: OperationCase): Promise<void>;
  catalog(): Promise<Catalog>;
  /** Another session, to be ended by the caller. */
  connect(applicationName: string): Promise<pg.Client>;
  /** Who is connected, what they do and for whom they wait, a line each. */
  sessions(): Promise<readonly string[]>;
  /** Fails when somebody but the harness is connected, or holds a lock. */
  assertQuiet(): Promise<void>;
  drop(): Promise<void>;
};

/**
 * Reading a schema is one large statement that takes three times as long to plan as to run. Prepared, it is planned once
 * in a session: that is a third of the time of all proofs.
 */
function preparing(client: pg.Client): QueryClient {
  return {
    query: (text, values = []) =>
      text.length < longStatement
        ? client.query(text, [...values])
        : client.query({ name: 'long statement', text, values: [...values] }),
  };
}

/** What is prepared keeps its plan. */
const forcePlans = `set plan_cache_mode = 'force_generic_plan'`;

const longStatement = 10_000; // characters; there is one such statement

/** What cases leave of themselves in the catalogs: reading a schema takes twice as long when nobody removes it. */
const vacuumCatalogs = `vacuum ${['attribute', 'attrdef', 'class', 'constraint', 'depend', 'description', 'index', 'inherits', 'namespace', 'proc', 'rewrite', 'sequence', 'shdepend', 'statistic', 'trigger', 'type'].map((name) => `pg_${name}`).join(', ')}`;
const casesBetweenVacuums = 16;

/** ANALYZE alone would go through all the system's tables, which takes longer than everything else here. */
const analyzeTables = `
do $$
declare
  relation text;
begin
  for relation in
    select format('%I.%I', n.nspname, c.relname) from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where c.relkind in ('r', 'p', 'm') and n.nspname <> 'information_schema' and n.nspname !~ '^pg_'
  loop
    execute 'analyze ' || relation;
  end loop;
end $$`;

/**
 * Nobody here needs a lock, a statement or an open transaction for more than a moment: whoever waits longer waits for
 * ever, and is to fail with a word about it. The runner sets its own limits.
 */
const bounds = ['lock_timeout', 'statement_timeout', 'idle_in_transaction_session_timeout'];
const boundSeconds = 40; // the longest proof, on the busiest machine, has statements of some seconds

export async function openCaseDatabase(): Promise<CaseDatabase> {
  const database = await createTestDatabase();
  const first = await database.connect('harness');
  for (const bound of bounds)
    await first.query(
      sql`alter database ${identifier(database.name)} set ${raw(bound)} = ${literal(`${boundSeconds}s`)}`.text,
    );
  const client = await database.connect('harness');
  await first.end();
  const reader = preparing(client);
  let prepared = 0;
  const connect = async (applicationName: string): Promise<pg.Client> => {
    const other = new pg.Client({ connectionString: database.url, application_name: applicationName });
    other.on('error', () => undefined); // its end is told by the query that it fails
    await other.connect();
    return other;
  };
  return {
    url: database.url,
    client,
    connect,
    async prepare({ given }) {
      prepared += 1;
      await client.query(`${emptyDatabase}; ${forcePlans}`);
      if (prepared % casesBetweenVacuums === 0) await client.query(vacuumCatalogs);
      await client.query(given);
      await client.query(`${forgetSettings}; ${forcePlans}; ${analyzeTables}`);
    },
    catalog: () => introspect(reader),
    sessions: () => otherSessions(client),
    async assertQuiet() {
      const others = await otherSessions(client);
      if (others.length > 0) throw new Error(`Sessions were left open:\n${others.join('\n')}`);
    },
    drop: () => database.drop(),
  };
}

async function otherSessions(client: pg.Client): Promise<readonly string[]> {
  const { rows } = await client.query<{ other: string }>(
    `select format('%s [%s] (%s%s): %s', application_name, pid, state,
                   case when pg_blocking_pids(pid) <> '{}'
                        then ', waits for ' || array_to_string(pg_blocking_pids(pid), ', ') else '' end, query) as other
       from pg_stat_activity
      where datname = current_database() and backend_type = 'client backend' and pid <> pg_backend_pid()`,
  );
  return rows.map(({ other }) => other);
}
