/** What a drop takes along, by name: as long as it is there, nothing else can have the name. */
import { tableNamed } from '../../catalog/lookup.ts';
import { indexUses } from '../../catalog/edit.ts';
import type { Catalog, Index, Table } from '../../catalog/model.ts';
import { touchConstraint, touchIndexing, touchPrimaryKey, touchRelation } from '../touch.ts';

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

/** The columns that an index is over, in that they are free of it when it is gone. */
export function touchColumnsOf(catalog: Catalog, table: Table, index: Index): readonly string[] {
  const columns = table.columns.filter(({ name }) => indexUses(index, name, table.name));
  return columns.map(({ name }) => touchIndexing(catalog, table, name));
}
