/**
 * What is left of a REINDEX CONCURRENTLY or a DETACH PARTITION CONCURRENTLY that was cut off, and how to go on from there.
 *
 * The first leaves invalid indexes beside the ones it was to replace: they are dropped, and it begins again. The second
 * leaves the partition half detached: no statement but FINALIZE takes it from there.
 */
import type { Probe } from '../../operations/step-draft.ts';
import { qualifiedName } from '../../sql/identifier.ts';
import { qualified, sql } from '../../sql/template.ts';
import type { QualifiedName } from '../../catalog/model.ts';
import type { Session } from '../session.ts';
import { dropIndexConcurrently } from './index-probe.ts';

export type RestProbe = Extract<Probe, { readonly kind: 'no_invalid_rest' | 'partition_detached' }>;

export function isRestProbe(probe: Probe | null): probe is RestProbe {
  return probe?.kind === 'no_invalid_rest' || probe?.kind === 'partition_detached';
}

/** Whether nothing is left to do. A finished REINDEX looks like one that was never begun, and is done again. */
export async function isOver(session: Session, probe: RestProbe): Promise<boolean> {
  return probe.kind === 'partition_detached'
    ? (await partitionState(session, probe)) === 'detached'
    : (await invalidRest(session, probe.tables)).length === 0;
}

/** The indexes that were dropped. */
export async function dropInvalidRest(
  session: Session,
  probe: RestProbe,
  signal: AbortSignal,
): Promise<readonly QualifiedName[]> {
  if (probe.kind !== 'no_invalid_rest') return [];
  const rest = await invalidRest(session, probe.tables);
  for (const index of rest) await dropIndexConcurrently(session, index, signal);
  return rest;
}

/** The statement that leads to the goal from where things stand. */
export async function statementFrom(session: Session, probe: RestProbe, statement: string): Promise<string> {
  if (probe.kind !== 'partition_detached' || (await partitionState(session, probe)) !== 'pending') return statement;
  return sql`ALTER TABLE ${qualified(probe.parent)} DETACH PARTITION ${qualified(probe.partition)} FINALIZE`.text;
}

/** Also of their TOAST tables; not what another session is building at this moment. */
async function invalidRest(session: Session, tables: readonly QualifiedName[]): Promise<readonly QualifiedName[]> {
  const { rows } = await session.query<QualifiedName>(
    `with on_table as (
       select c.oid, c.reltoastrelid from unnest($1::text[]) as named(name) join pg_catalog.pg_class c on c.oid = to_regclass(named.name)
     )
     select n.nspname as schema, c.relname as name
       from pg_catalog.pg_index i join pg_catalog.pg_class c on c.oid = i.indexrelid
       join pg_catalog.pg_namespace n on n.oid = c.relnamespace
      where not i.indisvalid and c.relname ~ '_cc(new|old)[0-9]*$'
        and i.indrelid in (select oid from on_table union all select reltoastrelid from on_table)
        and not exists (select from pg_catalog.pg_stat_progress_create_index p
                         where p.relid = i.indrelid and p.pid <> pg_backend_pid())
      order by n.nspname, c.relname`,
    [tables.map(qualifiedName)],
  );
  return rows;
}

async function partitionState(
  session: Session,
  { parent, partition }: Extract<RestProbe, { readonly kind: 'partition_detached' }>,
): Promise<'attached' | 'pending' | 'detached'> {
  const { rows } = await session.query<{ pending: boolean }>(
    `select inhdetachpending as pending from pg_catalog.pg_inherits
      where inhparent = to_regclass($1) and inhrelid = to_regclass($2)`,
    [qualifiedName(parent), qualifiedName(partition)],
  );
  const [row] = rows;
  if (row === undefined) return 'detached';
  return row.pending ? 'pending' : 'attached';
}
