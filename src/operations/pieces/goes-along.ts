/** What a drop takes along and what a new index brings along, by name: two things cannot have one name at a time. */
import { tableNamed } from '../../catalog/lookup.ts';
import { indexUses } from '../../catalog/edit.ts';
import type { Catalog, Index, QualifiedName, Table } from '../../catalog/model.ts';
import { touchConstraint, touchIndexing, touchPrimaryKey, touchRelation } from '../touch.ts';
import { descendantsOf } from './table-family.ts';

/** `after` is the schema without what was dropped of the table, or without the table. */
export function touchesGone(table: Table, catalog: Catalog, after: Catalog): readonly string[] {
  const left = tableNamed(after, table);
  const constraints = table.constraints.filter((constraint) => left?.constraints.includes(constraint) !== true);
  const indexes = table.indexes.filter((index) => left?.indexes.includes(index) !== true);
  const sequences = [...catalog.sequences].flatMap(([key, sequence]) => (after.sequences.has(key) ? [] : [sequence]));
  return [
    ...constraints.map(({ name }) => touchConstraint(catalog, table, name)),
    ...(constraints.some(({ kind }) => kind === 'primary_key') ? [touchPrimaryKey(catalog, table)] : []),
    ...indexes.map(({ name }) => touchRelation(catalog, { schema: table.schema, name })),
    ...indexes.flatMap((index) => touchColumnsOf(catalog, table, index)),
    ...sequences.map((sequence) => touchRelation(catalog, sequence)),
  ];
}

/** The names that the indexes of partitions take when one of the parent comes, by the schema `after` it. */
export function touchesBelow(catalog: Catalog, on: QualifiedName, after: Catalog): readonly string[] {
  const table = tableNamed(catalog, on);
  if (table?.kind !== 'partitioned') return [];
  return descendantsOf(catalog, table).flatMap((partition) =>
    (tableNamed(after, partition)?.indexes ?? [])
      .filter(({ name }) => !partition.indexes.some((index) => index.name === name))
      .map(({ name }) => touchRelation(catalog, { schema: partition.schema, name })),
  );
}

/** The columns that an index is over, in that they are free of it when it is gone. */
export function touchColumnsOf(catalog: Catalog, table: Table, index: Index): readonly string[] {
  const columns = table.columns.filter(({ name }) => indexUses(index, name, table.name));
  return columns.map(({ name }) => touchIndexing(catalog, table, name));
}
