/**
 * Tables that no file and no database has told of, yet a statement changes. They exist (else the statement would fail),
 * so they are put into the catalog without columns; from then on every operation knows what it locks.
 */
import { blankTable } from '../catalog/blank.ts';
import { addTable } from '../catalog/edit.ts';
import { resolveName, resolveRelation } from '../catalog/lookup.ts';
import { objectKey, type Catalog } from '../catalog/model.ts';
import type { Change, RelationName } from '../operations/change.ts';

export type Assumption = { readonly catalog: Catalog; readonly assumed: ReadonlySet<string> };

/** The catalog in which every table that the change works on exists. */
export function assumeTables({ catalog, assumed }: Assumption, change: Change): Assumption {
  let result: Assumption = { catalog, assumed };
  for (const written of tablesOf(change)) {
    if (resolveRelation(result.catalog, written) !== null) continue;
    const name = resolveName(result.catalog, written);
    const keys = new Set([...result.assumed, objectKey(name)]);
    result = { catalog: addTable(result.catalog, blankTable(name)), assumed: keys };
  }
  return result;
}

/** Renames that are written on a table. */
const ofTable: ReadonlySet<string> = new Set(['constraint', 'trigger']);

function tablesOf(change: Change): readonly RelationName[] {
  switch (change.kind) {
    case 'add_foreign_key':
      return [change.table, ...(change.constraint.references === null ? [] : [change.constraint.references.table])];
    case 'create_table':
      return change.constraints.flatMap(({ references }) => (references === null ? [] : [references.table]));
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
    case 'change_rows':
      return [change.table];
    case 'alter_setting':
    case 'create_object':
    case 'drop_object':
      return change.table === null ? [] : [change.table];
    case 'drop_table':
      return change.ifExists ? [] : change.tables;
    case 'rename_object':
      return ofTable.has(change.objectType) ? [change.name] : [];
    case 'attach_partition':
    case 'detach_partition':
      return [change.table, change.partition];
    case 'set_inheritance':
      return [change.table, change.parent];
    case 'rewrite_table':
      return [change.table];
    case 'truncate':
    case 'lock_table':
    case 'vacuum':
      return change.tables;
    case 'reindex':
    case 'refresh_view':
    case 'alter_domain':
    case 'alter_composite':
    case 'change_publication':
    case 'drop_index':
    case 'add_enum_value':
    case 'transaction_control':
    case 'set_session':
    case 'raw':
      return [];
    default:
      return change satisfies never;
  }
}
