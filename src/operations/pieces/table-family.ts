/** A table with those below it: partitions and inheriting tables. What a statement on the parent locks, they feel too. */
import { childrenOf, sameName, tableNamed } from '../../catalog/lookup.ts';
import type { Catalog, QualifiedName, Table } from '../../catalog/model.ts';
import { has } from '../../postgres/version.ts';

/** Every partition and inheriting table below it, each once, parents before their children. */
export function descendantsOf(catalog: Catalog, table: QualifiedName): readonly Table[] {
  const found: Table[] = [];
  const add = (parent: QualifiedName): void => {
    for (const child of childrenOf(catalog, parent)) {
      if (found.some((known) => sameName(known, child))) continue; // inherited along two ways
      found.push(child);
      add(child);
    }
  };
  add(table);
  return found;
}

/** The table and all below it. */
export function familyOf(catalog: Catalog, table: Table): readonly Table[] {
  return [table, ...descendantsOf(catalog, table)];
}

/** With its partitions: where a foreign key goes, which is not inherited. */
export function withPartitions(catalog: Catalog, table: Table): readonly Table[] {
  return table.kind === 'partitioned' ? familyOf(catalog, table) : [table];
}

/** Where a foreign key to the table has its triggers, which go with its columns and with its table. */
export function withKeyTriggers(catalog: Catalog, referenced: Table): readonly Table[] {
  const all = withPartitions(catalog, referenced);
  return has(catalog.version, 'keyTriggersOnPartitioned') ? all : all.filter(({ kind }) => kind !== 'partitioned');
}

/** Those that hold rows of their own: those of a partitioned table are in its partitions, those of a foreign one elsewhere. */
export function withRows(tables: readonly Table[]): readonly Table[] {
  return tables.filter((table) => table.kind === 'table');
}

/** The partitions directly below it; none for a table that is not partitioned. */
export function partitionsOf(catalog: Catalog, table: Table): readonly Table[] {
  return table.kind === 'partitioned' ? childrenOf(catalog, table) : [];
}

/** Down to the partitions that hold rows. */
export function leafPartitionsOf(catalog: Catalog, table: Table): readonly Table[] {
  return withRows(descendantsOf(catalog, table));
}

/** The tables directly below it that are not its partitions. */
export function inheritingTables(catalog: Catalog, table: QualifiedName): readonly Table[] {
  return childrenOf(catalog, table).filter((child) => child.partitionOf === null);
}

/** The tables above it: those of which it is a partition or an heir, up to the root. */
export function ancestorsOf(catalog: Catalog, table: Table): readonly Table[] {
  const parents = [...(table.partitionOf === null ? [] : [table.partitionOf.parent]), ...table.inherits];
  return parents.flatMap((name) => {
    const parent = tableNamed(catalog, name);
    return parent === null ? [] : [parent, ...ancestorsOf(catalog, parent)];
  });
}
