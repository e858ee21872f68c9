/**
 * The way back from a setting: what the catalog knew before. Where nothing is known of the earlier value and a leftover
 * does no harm (a comment on a new function), nothing is taken back; where it could, a person has to decide.
 */
import type { DefElem, GrantStmt } from '@pgsql/types';
import { columnOf, resolveSequence, resolveTable, tableNamed } from '../../catalog/lookup.ts';
import type { Catalog, Column, Sequence, Table } from '../../catalog/model.ts';
import { has } from '../../postgres/version.ts';
import { emit } from '../../sql/emit.ts';
import { parseStatements } from '../../sql/parse.ts';
import { identifier, join, literal, qualified, raw, sql, type SqlFragment } from '../../sql/template.ts';
import type { AlterSetting } from '../change.ts';
import { relationName } from '../decode/names.ts';
import { cannotUndo, nothingToUndo, transactional, undoBy, type Undo } from '../step-draft.ts';

export function undoOfSetting(change: AlterSetting, catalog: Catalog): Undo {
  const statement = wayBack(change, catalog);
  if (statement !== null) return undoBy(transactional(statement.text));
  return harmless.has(change.setting) ? nothingToUndo : cannotUndo(`the earlier ${change.setting} is not known`);
}

const harmless: ReadonlySet<string> = new Set(['comment', 'grant']);

function wayBack(change: AlterSetting, catalog: Catalog): SqlFragment | null {
  const table = change.table === null ? null : resolveTable(catalog, change.table);
  const column = table === null || change.column === null ? null : columnOf(table, change.column);
  const sequence = change.sequence === null ? null : resolveSequence(catalog, change.sequence);
  if (change.setting === 'grant') return revoke(change, catalog);
  if (sequence !== null) return change.setting === 'sequence owner' ? ownedBy(sequence) : sequenceOptions(sequence);
  if (table === null) return null;
  return column === null ? ofTable(change, table) : ofColumn(change, table, column, catalog);
}

function ofTable(change: AlterSetting, table: Table): SqlFragment | null {
  const on = qualified(table);
  switch (change.setting) {
    case 'comment':
      return sql`COMMENT ON TABLE ${on} IS ${literal(table.comment)}`;
    case 'storage parameters':
      return storageParameters(change, table);
    case 'owner':
      return table.owner === null ? null : sql`ALTER TABLE ${on} OWNER TO ${identifier(table.owner)}`;
    case 'replica identity': {
      const index = table.indexes.find((candidate) => candidate.replicaIdentity);
      if (table.replicaIdentity !== 'index') {
        return sql`ALTER TABLE ${on} REPLICA IDENTITY ${raw(table.replicaIdentity.toUpperCase())}`;
      }
      return index === undefined ? null : sql`ALTER TABLE ${on} REPLICA IDENTITY USING INDEX ${identifier(index.name)}`;
    }
    default:
      return null;
  }
}

function ofColumn(change: AlterSetting, table: Table, column: Column, catalog: Catalog): SqlFragment | null {
  const on = qualified(table);
  const of = identifier(column.name);
  switch (change.setting) {
    case 'comment':
      return sql`COMMENT ON COLUMN ${on}.${of} IS ${literal(column.comment)}`;
    case 'statistics target':
      return sql`ALTER TABLE ${on} ALTER COLUMN ${of} SET STATISTICS ${raw(String(column.statisticsTarget ?? -1))}`;
    case 'storage mode':
      if (column.storage === null && !has(catalog.version, 'defaultStorageMode')) return null;
      return sql`ALTER TABLE ${on} ALTER COLUMN ${of} SET STORAGE ${raw((column.storage ?? 'default').toUpperCase())}`;
    default:
      return null;
  }
}

/** What was set before is set again; what was not is reset. */
function storageParameters(change: AlterSetting, table: Table): SqlFragment | null {
  const before = new Map(
    table.options.map((option) => [option.split('=')[0] ?? '', option.slice(option.indexOf('=') + 1)]),
  );
  const names = optionsOf(change.sql).map(
    (option) => (option.defnamespace === undefined ? '' : `${option.defnamespace}.`) + (option.defname ?? ''),
  );
  const [kept, gone] = [names.filter((name) => before.has(name)), names.filter((name) => !before.has(name))];
  if (kept.length > 0 && gone.length > 0) return null;
  const list = kept.length > 0 ? kept.map((name) => sql`${raw(name)} = ${raw(before.get(name) ?? '')}`) : gone.map(raw);
  return sql`ALTER TABLE ${qualified(table)} ${raw(kept.length > 0 ? 'SET' : 'RESET')} (${join(list)})`;
}

function optionsOf(statement: string): readonly DefElem[] {
  const node = parseStatements(statement)[0]?.node;
  const command = node !== undefined && 'AlterTableStmt' in node ? node.AlterTableStmt.cmds?.[0] : undefined;
  const def = command !== undefined && 'AlterTableCmd' in command ? command.AlterTableCmd.def : undefined;
  const items = def !== undefined && 'List' in def ? (def.List.items ?? []) : [];
  return items.flatMap((item) => ('DefElem' in item ? [item.DefElem] : []));
}

function ownedBy({ schema, name, ownedBy: owner }: Sequence): SqlFragment {
  const to = owner === null ? raw('NONE') : sql`${qualified(owner.table)}.${identifier(owner.column)}`;
  return sql`ALTER SEQUENCE ${qualified({ schema, name })} OWNED BY ${to}`;
}

function sequenceOptions(sequence: Sequence): SqlFragment {
  const { type, increment, minimum, maximum, start, cache, cycle } = sequence;
  return sql`ALTER SEQUENCE ${qualified(sequence)} AS ${raw(type)} INCREMENT BY ${raw(increment)} MINVALUE ${raw(minimum)} MAXVALUE ${raw(maximum)} START WITH ${raw(start)} CACHE ${raw(cache)} ${raw(cycle ? 'CYCLE' : 'NO CYCLE')}`;
}

/** Only where the role had nothing on the table before: a REVOKE cannot tell old rights from new ones. */
function revoke(change: AlterSetting, catalog: Catalog): SqlFragment | null {
  const node = parseStatements(change.sql)[0]?.node;
  if (node === undefined || !('GrantStmt' in node)) return null;
  const { objects, objtype, grantees } = node.GrantStmt;
  const tables = (objects ?? []).flatMap((item) => ('RangeVar' in item ? [relationName(item.RangeVar)] : []));
  if (objtype !== 'OBJECT_TABLE' || tables.length === 0) return null;
  const roles = (grantees ?? []).map((item) => ('RoleSpec' in item ? (item.RoleSpec.rolename ?? '') : ''));
  const hadNothing = tables.every((name) => {
    const table = resolveTable(catalog, name);
    const known = table === null ? null : tableNamed(catalog, table);
    return (
      known !== null && !known.grants.some((grant) => roles.includes(grant.split('=')[0]?.replaceAll('"', '') ?? ''))
    );
  });
  if (!hadNothing) return null;
  const { grant_option: _option, ...rest } = node.GrantStmt;
  const taken: GrantStmt = { ...rest, is_grant: false, behavior: 'DROP_RESTRICT' };
  return raw(emit({ GrantStmt: taken }));
}
