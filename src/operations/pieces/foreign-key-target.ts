/** What a foreign key refers to, and which partitions have the same key already. */
import { primaryKey, resolveTable, sameName } from '../../catalog/lookup.ts';
import type { Catalog, Constraint, Table } from '../../catalog/model.ts';
import type { ConstraintSpec } from '../change.ts';
import { touchColumn, touchConstraint, touchExistence, touchRelation } from '../touch.ts';
import { constraintNode, definitionText } from './constraint-statement.ts';
import { descendantsOf } from './table-family.ts';

/** The columns a foreign key means: those written, else the primary key of the referenced table. */
export function referencedColumns(catalog: Catalog, table: Table, spec: ConstraintSpec): readonly string[] {
  const { references } = spec;
  if (references === null) return [];
  if (references.columns.length > 0) return references.columns;
  const target = referencedTable(catalog, table, spec);
  return target === null ? [] : (primaryKey(target)?.columns ?? []);
}

export function referencedTable(catalog: Catalog, table: Table, spec: ConstraintSpec): Table | null {
  if (spec.references === null) return null;
  const target = resolveTable(catalog, spec.references.table);
  return target !== null && target.schema === table.schema && target.name === table.name ? table : target;
}

/** What of the referenced table must be there first, and stay: not all of it, a foreign key of its own is none of this. */
export function touchTarget(catalog: Catalog, table: Table, spec: ConstraintSpec): readonly string[] {
  if (spec.references === null) return [];
  const target = spec.references.table;
  const referenced = referencedTable(catalog, table, spec);
  return [
    touchExistence(catalog, target),
    ...referencedColumns(catalog, table, spec).map((column) => touchColumn(catalog, target, column)),
    // The keys it may lean on.
    ...(referenced?.constraints ?? [])
      .filter((key) => key.index !== null)
      .map((key) => touchConstraint(catalog, target, key.name)),
    ...(referenced?.indexes ?? [])
      .filter((index) => index.unique)
      .map((index) => touchRelation(catalog, { schema: referenced?.schema ?? null, name: index.name })),
  ];
}

/** The clause with the referenced table under its full name, whatever search_path it will run with. */
export function qualifiedDefinition(catalog: Catalog, table: Table, spec: ConstraintSpec): string {
  const target = referencedTable(catalog, table, spec);
  if (target === null) return spec.definition;
  const node = constraintNode(spec.definition);
  const pktable = { schemaname: target.schema, relname: target.name, inh: true, relpersistence: 'p' };
  return definitionText({ ...node, pktable });
}

/** Partitions whose own key the parent's would take over, instead of looking up their rows. */
export function partitionsWithSameKey(catalog: Catalog, table: Table, spec: ConstraintSpec): readonly Table[] {
  if (table.kind !== 'partitioned') return [];
  return descendantsOf(catalog, table).filter((partition) => sameKeyIn(catalog, partition, table, spec) !== null);
}

/** A partition's own key that is the parent's in everything, and valid (tryAttachPartitionForeignKey in tablecmds.c). */
export function sameKeyIn(catalog: Catalog, partition: Table, parent: Table, spec: ConstraintSpec): Constraint | null {
  const referenced = referencedTable(catalog, parent, spec);
  const columns = referencedColumns(catalog, parent, spec);
  if (referenced === null) return null;
  const found = partition.constraints.find(
    ({ references, validated, enforced, inherited, deferrable, initiallyDeferred, columns: own }) =>
      references !== null &&
      validated &&
      enforced &&
      !inherited &&
      sameName(references.table, referenced) &&
      deferrable === spec.deferrable &&
      initiallyDeferred === spec.initiallyDeferred &&
      references.onDelete === spec.references?.onDelete &&
      references.onUpdate === spec.references.onUpdate &&
      references.match === spec.references.match &&
      own.length === spec.columns.length &&
      own.every((name, at) => name === spec.columns[at] && references.columns[at] === columns[at]),
  );
  return found ?? null;
}
