/** The statements that make the ledger's tables: the other half of tables.ts and backfill-tables.ts. Pure. */
import { identifier, join, literal, sql, type SqlFragment } from '../../sql/template.ts';
import {
  backfillStatuses,
  backfillWishes,
  chunkKinds,
  chunkStatuses,
  functionPurpose,
  workerStates,
} from './backfill-tables.ts';
import { migrationStatuses, stepStatuses } from './tables.ts';

export function ledgerStatements(schema: string): readonly string[] {
  const name = identifier(schema);
  return [
    sql`create table ${name}.format (
      version integer primary key,
      onward_version text not null,
      installed_at timestamptz not null default now()
    )`.text,
    sql`create table ${name}.lease (
      id integer primary key check (id = 1),
      token uuid,
      host text,
      process integer,
      application text,
      backend_pid integer,
      backend_start timestamptz,
      acquired_at timestamptz,
      heartbeat_at timestamptz
    )`.text,
    sql`create table ${name}.migration (
      name text primary key,
      checksum text not null,
      position bigint generated always as identity,
      status text not null check (status in (${oneOf(migrationStatuses)})),
      plan jsonb not null,
      onward_version text not null,
      created_at timestamptz not null default now(),
      expanded_at timestamptz,
      backfilled_at timestamptz,
      finished_at timestamptz
    )`.text,
    sql`create table ${name}.step (
      migration text not null references ${name}.migration (name) on delete cascade,
      id text not null,
      position integer not null,
      phase text not null check (phase in ('expand', 'backfill', 'contract')),
      title text not null,
      status text not null default 'pending' check (status in (${oneOf(stepStatuses)})),
      attempts integer not null default 0,
      undone_actions integer not null default 0,
      started_at timestamptz,
      finished_at timestamptz,
      last_error jsonb,
      primary key (migration, id)
    )`.text,
    ...backfillStatements(schema),
  ];
}

/** Those of the backfills alone. */
export function backfillStatements(schema: string): readonly string[] {
  const name = identifier(schema);
  const ofJob = sql`foreign key (migration, step, purpose)
        references ${name}.backfill (migration, step, purpose) on delete cascade`;
  return [
    sql`create table ${name}.backfill (
      migration text not null,
      step text not null,
      purpose text not null,
      status text not null default 'pending' check (status in (${oneOf(backfillStatuses)})),
      desired text not null default 'run' check (desired in (${oneOf(backfillWishes)})),
      work jsonb,
      once jsonb not null default '[]',
      options jsonb not null default '{}',
      max_workers integer check (max_workers > 0),
      target_ms integer check (target_ms > 0),
      nice double precision not null default 0 check (nice >= 0),
      estimate bigint not null,
      sweep integer not null default 1,
      hold_until timestamptz,
      hold_reason text,
      started_at timestamptz not null default now(),
      updated_at timestamptz not null default now(),
      finished_at timestamptz,
      last_error jsonb,
      paced_until timestamptz,
      plan_migration text generated always as (${ofPlan('migration')}) stored,
      plan_step text generated always as (${ofPlan('step')}) stored,
      primary key (migration, step, purpose),
      foreign key (plan_migration, plan_step) references ${name}.step (migration, id) on delete cascade
    )`,
    // Fillfactor: a chunk's row is updated with every batch, and stays on its page that way.
    sql`create table ${name}.backfill_chunk (
      migration text not null,
      step text not null,
      purpose text not null,
      ordinal integer not null,
      sweep integer not null,
      table_schema text not null,
      table_name text not null,
      kind text not null check (kind in (${oneOf(chunkKinds)})),
      columns text[] not null,
      types text[] not null,
      lower text[],
      upper text[] not null,
      file_node text,
      cursor text[],
      window_from text[],
      window_to text[],
      pass integer not null default 0,
      status text not null default 'pending' check (status in (${oneOf(chunkStatuses)})),
      attempts integer not null default 0,
      estimate bigint not null,
      rows_done bigint not null default 0,
      rows_scanned bigint not null default 0,
      batch_size integer,
      lease_owner uuid,
      lease_token uuid,
      lease_until timestamptz,
      not_before timestamptz,
      started_at timestamptz,
      updated_at timestamptz,
      finished_at timestamptz,
      last_error jsonb,
      primary key (migration, step, purpose, ordinal),
      ${ofJob}
    ) with (fillfactor = 50)`,
    sql`create table ${name}.backfill_event (
      position bigint generated always as identity,
      at timestamptz not null default clock_timestamp(),
      migration text not null,
      step text not null,
      purpose text not null,
      ordinal integer,
      kind text not null,
      detail jsonb not null default '{}',
      primary key (migration, step, purpose, position),
      ${ofJob}
    )`,
    sql`create table ${name}.backfill_quarantine (
      position bigint generated always as identity,
      migration text not null,
      step text not null,
      purpose text not null,
      ordinal integer not null,
      table_schema text not null,
      table_name text not null,
      columns text[] not null,
      key text[] not null,
      sqlstate text not null,
      message text not null,
      at timestamptz not null default clock_timestamp(),
      resolved_at timestamptz,
      primary key (migration, step, purpose, position),
      ${ofJob}
    )`,
    sql`create table ${name}.backfill_worker (
      id uuid primary key,
      migration text,
      step text,
      purpose text,
      host text not null,
      process integer not null,
      backend_pid integer not null,
      backend_start timestamptz,
      state text not null check (state in (${oneOf(workerStates)})),
      reason text,
      rows_per_second double precision,
      batch_ms double precision,
      batch_size integer,
      started_at timestamptz not null default clock_timestamp(),
      seen_at timestamptz not null default clock_timestamp(),
      throttle jsonb,
      throttled_since timestamptz
    ) with (fillfactor = 50)`,
  ].map((statement) => statement.text);
}

/** What turns those of format 2 into the present ones. */
export function statementsFromFormat2(schema: string): readonly string[] {
  const name = identifier(schema);
  return [
    sql`alter table ${name}.backfill
      drop constraint backfill_migration_step_fkey,
      add column paced_until timestamptz,
      add column plan_migration text generated always as (${ofPlan('migration')}) stored,
      add column plan_step text generated always as (${ofPlan('step')}) stored,
      add foreign key (plan_migration, plan_step) references ${name}.step (migration, id) on delete cascade`,
    sql`alter table ${name}.backfill_worker add column throttle jsonb, add column throttled_since timestamptz`,
  ].map((statement) => statement.text);
}

/** A person's own function belongs to no step of a plan, and a reference of NULLs refers to nothing. */
function ofPlan(column: 'migration' | 'step'): SqlFragment {
  return sql`case when purpose <> ${literal(functionPurpose)} then ${identifier(column)} end`;
}

function oneOf(values: readonly string[]): SqlFragment {
  return join(values.map((value) => literal(value)));
}
