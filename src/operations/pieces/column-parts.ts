/**
 * What a column has that goes with it when it is dropped, and is made anew when its values move to another column. Two
 * such moves that share a part cannot be made side by side: the second is planned on what the first has made.
 */
import { constraintUses } from '../../catalog/edit.ts';
import { columnOf, foreignKeysTo } from '../../catalog/lookup.ts';
import type { Catalog, Table } from '../../catalog/model.ts';
import { touchConstraint, touchRelation } from '../touch.ts';
import { indexesOver } from './index-copy.ts';
import { familyOf } from './table-family.ts';

/** Of the tables below, too: a name is free only when the part has gone there. */
export function touchParts(catalog: Catalog, table: Table, column: string): readonly string[] {
  return familyOf(catalog, table).flatMap((member) => touchPartsOf(catalog, member, column));
}

function touchPartsOf(catalog: Catalog, table: Table, name: string): readonly string[] {
  const constraints = table.constraints.filter((constraint) => constraintUses(table, constraint, name));
  const statistics = table.statistics.filter(({ columns }) => columns.includes(name));
  const sequence = columnOf(table, name)?.identity?.sequence;
  return [
    ...constraints.map((constraint) => touchConstraint(catalog, table, constraint.name)),
    ...foreignKeysTo(catalog, table)
      .filter(({ constraint }) => constraint.references?.columns.includes(name) === true)
      .map((key) => touchConstraint(catalog, key.table, key.constraint.name)),
    ...indexesOver(table, name).map((index) => touchRelation(catalog, { schema: table.schema, name: index.name })),
    ...[...statistics, ...(sequence === undefined ? [] : [sequence])].map((own) => touchRelation(catalog, own)),
  ];
}
