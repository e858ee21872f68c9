/** The tables whose users can notice a change: when nobody uses any of them, it runs as written. */
import { defaultPartitionOf } from '../operations/pieces/default-partition.ts';
import { resolveName, resolveRelation, resolveTable, tableOfIndex } from '../catalog/lookup.ts';
import type { Catalog, QualifiedName } from '../catalog/model.ts';
import type { Change, RelationName } from '../operations/change.ts';

/** Empty for changes that are not about tables. */
export function tablesOf(change: Change, catalog: Catalog): readonly QualifiedName[] {
  const named = (...names: readonly RelationName[]) => names.map((name) => resolveName(catalog, name));
  switch (change.kind) {
    case 'create_table':
      // The table itself is nobody's yet; what it is attached to may be in use.
      return change.partitionOf === null ? named(change.table) : named(change.partitionOf.parent);
    case 'add_column':
    case 'drop_column':
    case 'rename_column':
    case 'alter_column_type':
    case 'set_not_null':
    case 'drop_not_null':
    case 'set_default':
    case 'add_check':
    case 'add_unique':
    case 'validate_constraint':
    case 'drop_constraint':
    case 'create_index':
    case 'create_trigger':
    case 'add_foreign_key':
      return named(change.table);
    case 'drop_index':
      return change.indexes.flatMap((index) => tableOfIndex(catalog, index) ?? []);
    case 'drop_table':
      return named(...change.tables);
    case 'rename_object':
      return change.objectType === 'table' || change.objectType === 'constraint' || change.objectType === 'trigger'
        ? named(change.name)
        : [];
    case 'alter_setting':
      return change.table === null ? [] : named(change.table);
    case 'change_rows':
      return named(change.table);
    case 'drop_object':
      return change.table === null ? [] : named(change.table);
    case 'create_object':
      return change.table === null ? [] : named(change.table);
    case 'attach_partition': {
      // The parent's own lock holds nobody up; a default partition is looked into.
      const parent = resolveTable(catalog, change.table);
      const beside = parent === null ? null : defaultPartitionOf(catalog, parent);
      return [...named(change.partition), ...(beside === null ? [] : [beside])];
    }
    case 'detach_partition':
      return named(change.table, change.partition);
    case 'reindex': {
      const found = change.name === null ? null : resolveRelation(catalog, change.name);
      if (change.what === 'INDEX') return found?.kind === 'index' ? [found.on] : [];
      // A partitioned table takes transactions of its own.
      const whole = found?.kind === 'table' && found.table.kind === 'partitioned';
      return change.what === 'TABLE' && change.name !== null && !whole ? named(change.name) : [];
    }
    case 'rewrite_table':
      return named(change.table);
    case 'set_inheritance':
      return named(change.table, change.parent);
    case 'truncate':
      return named(...change.tables);
    case 'lock_table':
    case 'vacuum':
    case 'alter_domain':
    case 'alter_composite':
    case 'change_publication':
    case 'refresh_view':
    case 'add_enum_value':
    case 'transaction_control':
    case 'set_session':
    case 'raw':
      return [];
  }
}

/** Whether the statement takes as long as there are rows to read or write, whatever its locks. */
export function movesRows(change: Change): boolean {
  return (
    (change.kind === 'change_rows' && !change.constantRows) ||
    (change.kind === 'create_table' && change.derived && change.partitionOf === null) ||
    (change.kind === 'create_object' && change.objectType === 'materialized view') ||
    change.kind === 'vacuum' ||
    (change.kind === 'refresh_view' && change.withData)
  );
}
