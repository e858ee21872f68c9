/**
 * What is there of an index that was, or was to be, built or dropped concurrently; and how to clear away the invalid
 * rest of a build that did not finish.
 *
 * The truth is the server's catalog, never our record: the build may have ended after we died.
 */
import type { QualifiedName } from '../../catalog/model.ts';
import type { Probe } from '../../operations/step-draft.ts';
import { qualified, sql } from '../../sql/template.ts';
import type { Clock } from '../clock.ts';
import { throwIfInterrupted } from '../interruption.ts';
import type { Session } from '../session.ts';

export type IndexState =
  | { readonly kind: 'absent' }
  /** Ready for use: both flags, because a build that failed in its last phase is ready but not valid. */
  | { readonly kind: 'valid'; readonly oid: string }
  | { readonly kind: 'invalid'; readonly oid: string };

/** Of one index, as opposed to what a whole REINDEX leaves (rest-probe.ts). */
export type IndexProbe = Extract<Probe, { readonly kind: 'index_valid' | 'index_absent' }>;

export function isIndexProbe(probe: Probe | null): probe is IndexProbe {
  return probe?.kind === 'index_valid' || probe?.kind === 'index_absent';
}

export function indexOf(probe: IndexProbe): QualifiedName {
  return probe.kind === 'index_valid' ? { schema: probe.table.schema, name: probe.index } : probe.index;
}

/** Whether the step's goal is reached. */
export function isReached(probe: IndexProbe, state: IndexState): boolean {
  return probe.kind === 'index_valid' ? state.kind === 'valid' : state.kind === 'absent';
}

export async function indexState(session: Session, index: QualifiedName): Promise<IndexState> {
  const { rows } = await session.query<{ oid: string; usable: boolean }>(
    `select c.oid::text, i.indisvalid and i.indisready and i.indislive as usable
       from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
       join pg_catalog.pg_index i on i.indexrelid = c.oid
      where n.nspname = $1 and c.relname = $2`,
    [index.schema, index.name],
  );
  const row = rows[0];
  if (row === undefined) return { kind: 'absent' };
  return { kind: row.usable ? 'valid' : 'invalid', oid: row.oid };
}

const buildPollMs = 500; // builds last seconds to hours

/**
 * Waits while another session is still building it. An earlier runner's build is over by the time we hold the lease
 * (lease.ts), so this is a person's or another tool's.
 */
export async function waitForBuild(session: Session, clock: Clock, signal: AbortSignal, oid: string): Promise<void> {
  for (;;) {
    throwIfInterrupted(signal);
    const { rowCount } = await session.query(
      `select from pg_catalog.pg_stat_progress_create_index where index_relid = $1::oid and pid <> pg_backend_pid()`,
      [oid],
    );
    if (rowCount === 0) return;
    await clock.sleep(buildPollMs, signal);
  }
}

/** For one that nobody uses: an invalid one costs every write and answers no query. */
export async function dropIndexConcurrently(
  session: Session,
  index: QualifiedName,
  signal: AbortSignal,
): Promise<void> {
  await session.query(sql`drop index concurrently ${qualified(index)}`.text, [], { signal });
}

export type Duplicates = {
  readonly columns: readonly string[];
  readonly samples: readonly (readonly (string | null)[])[];
};

const sampleTimeoutMs = 30_000; // it reads the whole table; without samples the error is still the server's own
const sampleCount = 5;

/** Keys that stand in the way of a unique index, found by the definition of its invalid rest. */
async function duplicateKeys(session: Session, oid: string, signal: AbortSignal): Promise<Duplicates> {
  const { rows } = await session.query<{ table: string; keys: string[]; predicate: string | null; together: boolean }>(
    `select i.indrelid::regclass::text as "table",
            array(select pg_catalog.pg_get_indexdef(i.indexrelid, k, false) from generate_series(1, i.indnkeyatts) k order by k) as keys,
            pg_catalog.pg_get_expr(i.indpred, i.indrelid) as predicate,
            -- A column of pg_index since 15; as JSON, so that the query works without it.
            coalesce((to_jsonb(i) ->> 'indnullsnotdistinct')::boolean, false) as together
       from pg_catalog.pg_index i where i.indexrelid = $1::oid`,
    [oid],
  );
  const index = rows[0];
  if (index === undefined) return { columns: [], samples: [] };
  // All parts are the server's own spelling of names and expressions (regclass, pg_get_indexdef, pg_get_expr).
  const keys = index.keys.join(', ');
  const conditions = [
    ...(index.predicate === null ? [] : [`(${index.predicate})`]),
    ...(index.together ? [] : index.keys.map((key) => `(${key}) is not null`)),
  ];
  const where = conditions.length === 0 ? '' : `where ${conditions.join(' and ')}`;
  const found = await session.query<Record<string, string | null>>(
    `select ${index.keys.map((key, number) => `(${key})::text as key${number}`).join(', ')}
       from ${index.table} ${where} group by ${keys} having count(*) > 1 limit ${sampleCount}`,
    [],
    { asText: true, signal },
  );
  return { columns: index.keys, samples: found.rows.map((row) => Object.values(row)) };
}

/** Samples are worth some waiting, but never the error itself. */
export async function duplicateKeysIfQuick(session: Session, oid: string, signal: AbortSignal): Promise<Duplicates> {
  try {
    await session.query("select pg_catalog.set_config('statement_timeout', $1, false)", [String(sampleTimeoutMs)]);
    return await duplicateKeys(session, oid, signal);
  } catch {
    throwIfInterrupted(signal);
    return { columns: [], samples: [] };
  } finally {
    await session.query("select pg_catalog.set_config('statement_timeout', '0', false)");
  }
}
