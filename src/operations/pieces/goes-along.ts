/** What a drop takes along, by name: as long as it is there, nothing else can have the name. */
import { tableNamed } from '../../catalog/lookup.ts';
import type { Catalog, Table } from '../../catalog/model.ts';
import { touchConstraint, touchPrimaryKey, touchRelation } from '../touch.ts';

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
    ...sequences.map((sequence) => touchRelation(catalog, sequence)),
  ];
}
