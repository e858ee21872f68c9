/** What a job works out once, when it begins: text and type, so that every session of it reads the same value. */
import type { BackfillRun } from '../../operations/step-draft.ts';
import { raw, sql } from '../../sql/template.ts';
import type { FrozenValue } from '../ledger/backfill-tables.ts';
import type { Session } from '../session.ts';
import { isDateOrTime } from './batching-key.ts';

/** In a transaction of its own: under other settings than a batch, because it takes as long as it takes. */
export async function workOutOnce(session: Session, { once = [] }: BackfillRun): Promise<readonly FrozenValue[]> {
  if (once.length === 0) return [];
  return session.transaction(async () => {
    await session.query('set local statement_timeout = 0');
    await session.query('set local enable_seqscan = on');
    const frozen: FrozenValue[] = [];
    for (const { column, query } of once) {
      const { rows: types } = await session.query<{ oid: string }>(
        sql`select pg_typeof(v)::oid::text as oid from (select ${raw(query)} as v) as once`.text,
      );
      const type = await spelledType(session, types[0]?.oid ?? '0');
      const text = isDateOrTime(type) ? raw(`to_jsonb(v) #>> '{}'`) : raw('v::text');
      const { rows: values } = await session.query<{ value: string | null }>(
        sql`select ${text} as value from (select ${raw(query)} as v) as once`.text,
      );
      frozen.push({ column, type, value: values[0]?.value ?? null });
    }
    return frozen;
  });
}

/** So that any session understands it: with its schema unless that is pg_catalog. */
async function spelledType(session: Session, oid: string): Promise<string> {
  const { rows } = await session.query<{ type: string }>(
    `select case when n.nspname = 'pg_catalog' then format_type(t.oid, null) else
              format('%I.%I', n.nspname, coalesce(e.typname, t.typname)) || case when e.oid is null then '' else '[]' end
            end as type
       from pg_type t join pg_namespace n on n.oid = t.typnamespace
       left join pg_type e on e.oid = t.typelem and t.typcategory = 'A'
      where t.oid = $1::oid`,
    [oid],
  );
  return rows[0]?.type ?? 'text';
}
