/**
 * Takes a step's locks before its statements do, one after the other in the plan's order: two runners, or a runner and
 * an application that follows the same order, cannot deadlock, and nobody waits behind a half-locked step.
 *
 * ONLY: the plan claims each partition and each inheriting table that a statement reaches by itself.
 *
 * Not taken here, but by the statements themselves under the same lock_timeout: locks on what LOCK TABLE does not
 * accept (sequences, indexes, foreign tables, materialized views), on views (LOCK TABLE locks every table below the view
 * too, so the plan claims a view only with these), and on tables that our role may change but not lock.
 */
import { MigrateError } from '../../errors.ts';
import type { LockClaim } from '../../operations/effects.ts';
import type { LockMode } from '../../postgres/lock-mode.ts';
import { qualifiedName } from '../../sql/identifier.ts';
import { qualified, raw, sql } from '../../sql/template.ts';
import type { Session } from '../session.ts';

export type ClaimedTable = {
  readonly claim: LockClaim;
  /** oid, as text. */
  readonly oid: string;
};

/** Tables, partitioned tables, and views where the plan claims one: then it claims all below as well. */
const lockableKinds: ReadonlySet<string> = new Set(['r', 'p', 'v']);

/** Throws SCHEMA_DRIFT when a table is gone. */
export async function findClaimed(
  session: Session,
  claims: readonly LockClaim[],
  step: string,
): Promise<readonly ClaimedTable[]> {
  if (claims.length === 0) return [];
  const { rows } = await session.query<{
    number: string;
    oid: string | null;
    kind: string | null;
    allowed: boolean | null;
  }>(
    `select wanted.number::text, c.oid::text, c.relkind::text as kind,
            -- What LOCK TABLE demands, by mode; a superuser and the owner have all of it.
            pg_catalog.has_table_privilege(c.oid, case wanted.mode when 'ACCESS SHARE' then 'SELECT, UPDATE, DELETE, TRUNCATE'
              when 'ROW EXCLUSIVE' then 'INSERT, UPDATE, DELETE, TRUNCATE' else 'UPDATE, DELETE, TRUNCATE' end) as allowed
       from unnest($1::text[], $2::text[], $3::text[]) with ordinality as wanted (schema, name, mode, number)
       left join pg_catalog.pg_namespace n on n.nspname = wanted.schema
       left join pg_catalog.pg_class c on c.relnamespace = n.oid and c.relname = wanted.name
      order by wanted.number`,
    [
      claims.map((claim) => claim.table.schema),
      claims.map((claim) => claim.table.name),
      claims.map((claim) => claim.mode),
    ],
  );
  const found: ClaimedTable[] = [];
  for (const row of rows) {
    const claim = claims[Number(row.number) - 1];
    if (claim === undefined) continue;
    if (row.oid === null || row.kind === null) throw tableGone(claim, step);
    if (lockableKinds.has(row.kind) && row.allowed === true) found.push({ claim, oid: row.oid });
  }
  return found;
}

export function lockStatement(claim: LockClaim, nowait: boolean): string {
  return sql`lock table only ${qualified(claim.table)} in ${raw(claim.mode satisfies LockMode)} mode${raw(nowait ? ' nowait' : '')}`
    .text;
}

function tableGone(claim: LockClaim, step: string): MigrateError {
  const name = qualifiedName(claim.table);
  return new MigrateError('SCHEMA_DRIFT', `${name}, which the step "${step}" changes, does not exist any more.`, {
    hint: 'Somebody dropped or renamed it since the plan was made. Put it back, or roll the migration back and plan it anew.',
    details: { table: claim.table, step },
  });
}
