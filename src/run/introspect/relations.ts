/** Tables and views put together from the rows of their parts. */

import { objectKey } from '../../catalog/model.ts';
import type { Catalog, Index, QualifiedName, Table } from '../../catalog/model.ts';
import { columnFrom, rowWidthBytes, viewColumnFrom } from './columns.ts';
import { constraintFrom } from './constraints.ts';
import { indexFrom } from './indexes.ts';
import type { SchemaRows } from './read-schema.ts';
import { groupBy } from './scope.ts';
import { statisticsFrom } from './statistics.ts';
import { estimateFrom, tableFrom } from './tables.ts';
import type { TableRow } from './tables.ts';
import { policyFrom, ruleFrom, triggerFrom } from './triggers.ts';
import type { Uses } from './uses.ts';
import { viewFrom } from './views.ts';

export function relationsFrom(rows: SchemaRows, uses: Uses): Pick<Catalog, 'tables' | 'views'> {
  const columns = groupBy(rows.columns, (row) => row.on);
  const constraints = groupBy(rows.constraints, (row) => row.on);
  const indexes = groupBy(rows.indexes, (row) => row.on);
  const indexKeys = groupBy(rows.indexKeys, (row) => row.index);
  const triggers = groupBy(rows.triggers, (row) => row.on);
  const rules = groupBy(rows.rules, (row) => row.on);
  const policies = groupBy(rows.policies, (row) => row.on);
  const statistics = groupBy(rows.statistics, (row) => row.on);
  const indexesOf = (id: string): readonly Index[] =>
    byName((indexes.get(id) ?? []).map((row) => indexFrom(row, indexKeys.get(row.id) ?? [])));
  const hangingOn = (id: string) => ({
    triggers: byName((triggers.get(id) ?? []).map(triggerFrom)),
    rules: byName((rules.get(id) ?? []).map((row) => ruleFrom(row, uses.of(row.id)))),
  });

  const byKey = new Map(rows.tables.map((row) => [objectKey(row), row]));
  const sequenceAbove = (row: TableRow, column: string): QualifiedName | null => {
    const [parent] = row.isPartition ? (row.parents ?? []) : [];
    const above = parent === undefined ? undefined : byKey.get(objectKey(parent));
    if (above === undefined) return null;
    const same = (columns.get(above.id) ?? []).find(({ name }) => name === column);
    return same?.sequence ?? sequenceAbove(above, column);
  };

  const tables = rows.tables.map((row): Table => {
    const own = columns.get(row.id) ?? [];
    return tableFrom(
      row,
      {
        columns: own.map((column) =>
          columnFrom(
            column,
            column.identity !== '' && column.sequence === null ? sequenceAbove(row, column.name) : null,
          ),
        ),
        constraints: byName((constraints.get(row.id) ?? []).map(constraintFrom)),
        indexes: indexesOf(row.id),
        ...hangingOn(row.id),
        policies: byName((policies.get(row.id) ?? []).map((policy) => policyFrom(policy, row, uses.of(policy.id)))),
        statistics: byName((statistics.get(row.id) ?? []).map((one) => statisticsFrom(one, row))),
      },
      estimateFrom(row, rowWidthBytes(own)),
    );
  });
  const views = rows.views.map((row) =>
    viewFrom(row, {
      columns: (columns.get(row.id) ?? []).map(viewColumnFrom),
      indexes: indexesOf(row.id),
      ...hangingOn(row.id),
      uses: uses.ofView(row.id),
    }),
  );
  return { tables: new Map(withPartitionSums(tables)), views: new Map(keyed(views)) };
}

/** A partitioned table holds nothing itself: its size is that of its partitions, however deep. */
function withPartitionSums(tables: readonly Table[]): readonly (readonly [string, Table])[] {
  const partitions = groupBy(
    tables.filter((table) => table.partitionOf !== null),
    ({ partitionOf }) => (partitionOf === null ? '' : objectKey(partitionOf.parent)),
  );
  const sizeOf = (table: Table): NonNullable<Table['estimate']> => {
    if (table.kind !== 'partitioned') return table.estimate ?? { rows: 0, bytes: 0 };
    const below = (partitions.get(objectKey(table)) ?? []).map(sizeOf);
    const sum = (of: (size: NonNullable<Table['estimate']>) => number) =>
      below.reduce((total, size) => total + of(size), 0);
    return {
      ...table.estimate,
      rows: sum(({ rows }) => rows),
      bytes: sum(({ bytes }) => bytes),
      heapBytes: sum(({ heapBytes = 0 }) => heapBytes),
    };
  };
  return keyed(tables.map((table) => ({ ...table, estimate: sizeOf(table) })));
}

function keyed<T extends QualifiedName>(items: readonly T[]): readonly (readonly [string, T])[] {
  return items.map((item) => [objectKey(item), item] as const).toSorted(([a], [b]) => (a < b ? -1 : 1));
}

function byName<T extends { readonly name: string }>(items: readonly T[]): readonly T[] {
  return items.toSorted((a, b) => (a.name < b.name ? -1 : 1));
}
