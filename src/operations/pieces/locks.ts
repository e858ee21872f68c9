/** Lock claims in short. */
import type { Catalog, Table } from '../../catalog/model.ts';
import type { LockMode } from '../../postgres/lock-mode.ts';
import type { LockClaim } from '../effects.ts';
import { familyOf } from './table-family.ts';

export function lockOn(table: Table | null, mode: LockMode): readonly LockClaim[] {
  return table === null ? [] : [{ table: { schema: table.schema, name: table.name }, mode }];
}

/** For statements that go down to partitions and inheriting tables (measured: *.of_partitioned). */
export function lockOnFamily(catalog: Catalog, table: Table | null, mode: LockMode): readonly LockClaim[] {
  return table === null ? [] : familyOf(catalog, table).flatMap((member) => lockOn(member, mode));
}
