/**
 * A database in which one proof after the other is made. Emptying it takes a tenth of the time of making a new one, and
 * there are hundreds of proofs.
 */
import pg from 'pg';
import type { Catalog } from '../../../src/catalog/model.ts';
import { introspect, type QueryClient } from '../../../src/run/introspect.ts';
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
  /** Fails when somebody but the harness is connected, or holds a lock. */
  assertQuiet(): Promise<void>;
  drop(): Promise<void>;
};

/**
 * Takes away everything that a case can make in a database. The schemas `public` and `onward` stay and are emptied: to
 * drop or make one throws away all plans of all sessions, and planning is most of what reading a schema costs. Where
 * `public` has more on it than a new database's, it is made anew.
 */
const emptyDatabase = `
do $$
declare
  gone record;
  kind text;
  name text;
begin
  for gone in
    select format('drop publication %I', pubname) as statement from pg_publication
    union all select format('drop event trigger %I', evtname) from pg_event_trigger
    union all select format('drop extension %I cascade', extname) from pg_extension where extname <> 'plpgsql'
    union all select format('drop schema %I cascade', nspname) from pg_namespace
      where nspname not in ('information_schema', 'public', 'onward') and nspname !~ '^pg_'
  loop
    execute gone.statement;
  end loop;

  for gone in
    select d.classid, d.objid from pg_depend d
     where d.refclassid = 'pg_namespace'::regclass and d.refobjid = to_regnamespace('public')
       -- An identity column's sequence goes with the column only.
       and not exists (select from pg_depend i where i.classid = d.classid and i.objid = d.objid and i.deptype = 'i')
  loop
    -- Many go with one of those before them.
    continue when not exists (select from pg_depend d where d.classid = gone.classid and d.objid = gone.objid);
    select replace(object.type, 'composite type', 'type'), object.identity into kind, name
      from pg_identify_object(gone.classid, gone.objid, 0) object;
    exit when kind not in ('table', 'view', 'materialized view', 'foreign table', 'sequence', 'function', 'procedure', 'type');
    execute format('drop %s %s cascade', kind, name);
  end loop;
  if not exists (
    select from pg_namespace
     where nspname = 'public' and pg_get_userbyid(nspowner) = current_user
       and nspacl::text = format('{%1$I=UC/%1$I,=U/%1$I}', current_user)
       and obj_description(oid, 'pg_namespace') = 'standard public schema'
       and not exists (select from pg_depend where refclassid = 'pg_namespace'::regclass and refobjid = pg_namespace.oid)
  ) then
    drop schema if exists public cascade;
    create schema public;
    comment on schema public is 'standard public schema';
    grant usage on schema public to public;
  end if;

  if to_regclass('onward.migration') is not null then
    delete from onward.migration;
    update onward.lease set token = null, backend_pid = null, backend_start = null where token is not null;
  end if;
end $$`;

/**
 * What a case has set must not be in force for the harness, nor for the next case; nor a transaction that a failed proof
 * has left open. Prepared statements stay.
 */
const forgetSettings = `
rollback; close all; set session authorization default; reset all; unlisten *;
select pg_advisory_unlock_all(); set plan_cache_mode = 'force_generic_plan'`;

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

const longStatement = 10_000; // characters; there is one such statement

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

export async function openCaseDatabase(): Promise<CaseDatabase> {
  const database = await createTestDatabase();
  const client = await database.connect('harness');
  const reader = preparing(client);
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
      await client.query(`${forgetSettings}; set client_min_messages = warning; ${emptyDatabase}`);
      await client.query(given);
      await client.query(`${forgetSettings}; ${analyzeTables}`);
    },
    catalog: () => introspect(reader),
    async assertQuiet() {
      const { rows } = await client.query<{ other: string }>(
        `select format('%s (%s): %s', application_name, state, query) as other from pg_stat_activity
          where datname = current_database() and backend_type = 'client backend' and pid <> pg_backend_pid()`,
      );
      if (rows.length > 0) throw new Error(`Sessions were left open:\n${rows.map(({ other }) => other).join('\n')}`);
    },
    drop: () => database.drop(),
  };
}
