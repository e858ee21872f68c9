/** Partitions that have a key already which the parent's takes over, instead of building another index. */
import type { Catalog, Constraint, Table } from '../../catalog/model.ts';
import type { ConstraintSpec } from '../change.ts';
import { partitionsOf } from './table-family.ts';

/** A partition's own key of the same kind on the same columns. */
export function sameKeyOf(partition: Table, spec: ConstraintSpec): Constraint | null {
  const found = partition.constraints.find(
    (constraint) =>
      constraint.kind === spec.kind &&
      !constraint.inherited &&
      constraint.deferrable === spec.deferrable &&
      constraint.initiallyDeferred === spec.initiallyDeferred &&
      constraint.columns.length === spec.columns.length &&
      constraint.columns.every((column, at) => column === spec.columns[at]),
  );
  return found ?? null;
}

/** All of them, at any depth; what is below one of them is its own. */
export function sameKeysBelow(
  catalog: Catalog,
  table: Table,
  spec: ConstraintSpec,
): readonly { readonly table: Table; readonly constraint: Constraint }[] {
  return partitionsOf(catalog, table).flatMap((partition) => {
    const constraint = sameKeyOf(partition, spec);
    return constraint === null ? sameKeysBelow(catalog, partition, spec) : [{ table: partition, constraint }];
  });
}
