/** Lock claims in short. */
import { resolveRelation } from '../../catalog/lookup.ts';
import type { Catalog, Table } from '../../catalog/model.ts';
import type { LockMode } from '../../postgres/lock-mode.ts';
import type { RelationName } from '../change.ts';
import type { LockClaim } from '../effects.ts';
import { familyOf } from './table-family.ts';

export function lockOn(table: Table | null, mode: LockMode): readonly LockClaim[] {
  return table === null ? [] : [{ table: { schema: table.schema, name: table.name }, mode }];
}

/** For statements that go down to partitions and inheriting tables (measured: *.of_partitioned). */
export function lockOnFamily(catalog: Catalog, table: Table | null, mode: LockMode): readonly LockClaim[] {
  return table === null ? [] : familyOf(catalog, table).flatMap((member) => lockOn(member, mode));
}

/** On a table or a materialized view; nobody waits for a view. */
export function lockOnRelation(catalog: Catalog, name: RelationName, mode: LockMode): readonly LockClaim[] {
  const found = resolveRelation(catalog, name);
  if (found?.kind === 'table') return lockOn(found.table, mode);
  if (found?.kind !== 'view' || found.view.kind !== 'materialized') return [];
  return [{ table: { schema: found.view.schema, name: found.view.name }, mode }];
}
