/**
 * The way back from a setting: what the catalog knew before. Where nothing is known of the earlier value and a leftover
 * does no harm (a comment on a new function), nothing is taken back; where it could, a person has to decide.
 */
import type { AlterOwnerStmt, DefElem, GrantStmt, ObjectWithArgs, RoleSpec } from '@pgsql/types';
import {
  columnOf,
  constraintOf,
  resolveRelation,
  resolveSequence,
  resolveTable,
  resolveType,
  tableNamed,
} from '../../catalog/lookup.ts';
import type { Catalog, Column, FunctionObject, Rule, Sequence, Table } from '../../catalog/model.ts';
import { has } from '../../postgres/version.ts';
import { emit } from '../../sql/emit.ts';
import { parseStatements } from '../../sql/parse.ts';
import { identifier, join, qualified, raw, sql, type SqlFragment } from '../../sql/template.ts';
import { typeText } from '../../sql/type-name.ts';
import type { AlterSetting } from '../change.ts';
import { dottedName, objectName, relationName } from '../decode/names.ts';
import { cannotUndo, nothingToUndo, transactional, undoBy, type Undo } from '../step-draft.ts';
import { earlierComment } from './comment-in-catalog.ts';
import { tableCommandOf } from './setting-in-catalog.ts';

export function undoOfSetting(change: AlterSetting, catalog: Catalog): Undo {
  const statement = wayBack(change, catalog);
  if (statement !== null) return undoBy(transactional(statement.text));
  return harmless.has(change.setting) ? nothingToUndo : cannotUndo(`the earlier ${change.setting} is not known`);
}

const harmless: ReadonlySet<string> = new Set(['comment', 'grant', 'default privileges']);

function wayBack(change: AlterSetting, catalog: Catalog): SqlFragment | null {
  const table = change.table === null ? null : resolveTable(catalog, change.table);
  const column = table === null || change.column === null ? null : columnOf(table, change.column);
  const sequence = change.sequence === null ? null : resolveSequence(catalog, change.sequence);
  if (change.setting === 'comment') return earlierComment(change.sql, catalog);
  if (change.setting === 'grant') return revoke(change, catalog);
  if (change.table === null && change.sequence === null) return ofObject(change, catalog);
  if (sequence !== null) return change.setting === 'sequence owner' ? ownedBy(sequence) : sequenceOptions(sequence);
  if (table === null) return null;
  return column === null ? ofTable(change, table) : ofColumn(change, table, column, catalog);
}

function ofTable(change: AlterSetting, table: Table): SqlFragment | null {
  const on = qualified(table);
  switch (change.setting) {
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
    case 'policy':
      return policy(change, table);
    case 'constraint deferral': {
      const { def } = tableCommandOf(change.sql);
      const name = def !== undefined && 'ATAlterConstraint' in def ? def.ATAlterConstraint.conname : undefined;
      const constraint = name === undefined ? null : constraintOf(table, name);
      if (constraint === null) return null;
      const deferral = constraint.initiallyDeferred
        ? 'INITIALLY DEFERRED'
        : constraint.deferrable
          ? 'DEFERRABLE'
          : 'NOT DEFERRABLE';
      return sql`ALTER TABLE ${on} ALTER CONSTRAINT ${identifier(constraint.name)} ${raw(deferral)}`;
    }
    case 'rule switch': {
      const { name } = tableCommandOf(change.sql);
      const rule = table.rules.find((each) => each.name === name);
      if (rule === undefined) return null;
      return sql`ALTER TABLE ${on} ${raw(switches[rule.enabled])} RULE ${identifier(rule.name)}`;
    }
    case 'row type':
      return tableCommandOf(change.sql).subtype === 'AT_AddOf' ? sql`ALTER TABLE ${on} NOT OF` : null;
    default:
      return null;
  }
}

const switches: Readonly<Record<Rule['enabled'], string>> = {
  origin: 'ENABLE',
  disabled: 'DISABLE',
  replica: 'ENABLE REPLICA',
  always: 'ENABLE ALWAYS',
};

/** ALTER POLICY can set expressions and roles but take no expression away. */
function policy(change: AlterSetting, table: Table): SqlFragment | null {
  const node = parseStatements(change.sql)[0]?.node;
  if (node === undefined || !('AlterPolicyStmt' in node)) return null;
  const { policy_name, qual, with_check } = node.AlterPolicyStmt;
  const before = table.policies.find(({ name }) => name === policy_name);
  if (before === undefined) return null;
  if ((qual !== undefined && before.using === null) || (with_check !== undefined && before.withCheck === null))
    return null;
  const roles = before.roles.map((role) => (role === 'public' ? raw('PUBLIC') : identifier(role)));
  const using = before.using === null ? raw('') : sql` USING (${raw(before.using)})`;
  const withCheck = before.withCheck === null ? raw('') : sql` WITH CHECK (${raw(before.withCheck)})`;
  return sql`ALTER POLICY ${identifier(before.name)} ON ${qualified(table)} TO ${join(roles)}${using}${withCheck}`;
}

function ofColumn(change: AlterSetting, table: Table, column: Column, catalog: Catalog): SqlFragment | null {
  const on = qualified(table);
  const of = identifier(column.name);
  switch (change.setting) {
    case 'statistics target':
      return sql`ALTER TABLE ${on} ALTER COLUMN ${of} SET STATISTICS ${raw(String(column.statisticsTarget ?? -1))}`;
    case 'storage mode':
      if (column.storage === null && !has(catalog.version, 'defaultStorageMode')) return null;
      return sql`ALTER TABLE ${on} ALTER COLUMN ${of} SET STORAGE ${raw((column.storage ?? 'default').toUpperCase())}`;
    default:
      return null;
  }
}

/** Of what is no table: who owned it, how a function was defined, what a view's column had for a default. */
function ofObject(change: AlterSetting, catalog: Catalog): SqlFragment | null {
  const node = parseStatements(change.sql)[0]?.node;
  if (node === undefined) return null;
  if ('AlterOwnerStmt' in node) {
    const owner = ownerOf(catalog, node.AlterOwnerStmt);
    if (owner === null) return null;
    const newowner: RoleSpec = { roletype: 'ROLESPEC_CSTRING', rolename: owner };
    return raw(emit({ AlterOwnerStmt: { ...node.AlterOwnerStmt, newowner } }));
  }
  if ('AlterFunctionStmt' in node) {
    const before = functionOf(catalog, node.AlterFunctionStmt.func);
    return before === null ? null : raw(before.definition);
  }
  if (!('AlterTableStmt' in node)) return null;
  const relation = resolveRelation(catalog, relationName(node.AlterTableStmt.relation));
  const { subtype, name } = tableCommandOf(change.sql);
  if (relation?.kind === 'view' && subtype === 'AT_ColumnDefault') {
    const column = relation.view.columns.find((each) => each.name === name);
    if (column === undefined) return null;
    const value = column.default === null ? raw('DROP DEFAULT') : sql`SET DEFAULT ${raw(column.default)}`;
    return sql`ALTER VIEW ${qualified(relation.view)} ALTER COLUMN ${identifier(column.name)} ${value}`;
  }
  if (subtype !== 'AT_ChangeOwner') return null;
  const of = relation?.kind === 'view' ? relation.view : relation?.kind === 'sequence' ? relation.sequence : null;
  if (of === null || of.owner === null) return null;
  return sql`ALTER TABLE ${qualified(of)} OWNER TO ${identifier(of.owner)}`;
}

function ownerOf(catalog: Catalog, { objectType, object }: AlterOwnerStmt): string | null {
  switch (objectType) {
    case 'OBJECT_FUNCTION':
    case 'OBJECT_PROCEDURE':
    case 'OBJECT_ROUTINE':
    case 'OBJECT_AGGREGATE':
      return (
        functionOf(catalog, object !== undefined && 'ObjectWithArgs' in object ? object.ObjectWithArgs : undefined)
          ?.owner ?? null
      );
    case 'OBJECT_TYPE':
    case 'OBJECT_DOMAIN':
      return resolveType(catalog, objectName(object))?.owner ?? null;
    case 'OBJECT_SCHEMA':
      return catalog.schemas.get(objectName(object).name)?.owner ?? null;
    case 'OBJECT_PUBLICATION':
      return catalog.publications.get(objectName(object).name)?.owner ?? null;
    default:
      return null;
  }
}

/** Found by its argument types, or by its name alone where that is enough. */
function functionOf(catalog: Catalog, object: ObjectWithArgs | undefined): FunctionObject | null {
  if (object === undefined) return null;
  const written = dottedName(object.objname);
  const types = (object.objargs ?? []).flatMap((node) => ('TypeName' in node ? [typeText(node)] : [])).join(', ');
  const named = [...catalog.functions.values()].filter(
    ({ schema, name }) =>
      name === written.name &&
      (written.schema === null ? catalog.searchPath.includes(schema) : schema === written.schema),
  );
  const found = object.args_unspecified === true ? named : named.filter(({ argumentTypes }) => argumentTypes === types);
  return found.length === 1 ? (found[0] ?? null) : null;
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
  const { def } = tableCommandOf(statement);
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
