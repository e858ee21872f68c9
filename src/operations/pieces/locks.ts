/** Lock claims in short. */
import type { Table } from '../../catalog/model.ts';
import type { LockMode } from '../../postgres/lock-mode.ts';
import type { LockClaim } from '../effects.ts';

export function lockOn(table: Table | null, mode: LockMode): readonly LockClaim[] {
  return table === null ? [] : [{ table: { schema: table.schema, name: table.name }, mode }];
}
