/**
 * DROP of a view, type, function, trigger, sequence, policy and the like (rows 16, 26): the old application may still use
 * it, so it goes in contract, as written.
 */
import type { DropRoleStmt, DropUserMappingStmt } from '@pgsql/types';
import { dropObject as removeObject, dropPolicy, dropRule, dropStatistics, dropTrigger } from '../catalog/edit.ts';
import { describeDependent } from '../catalog/dependents.ts';
import { droppedAlong, withoutDroppedAlong, type DroppedAlong } from '../catalog/dropped-along.ts';
import { resolveName, resolveTable, resolveView, sameName } from '../catalog/lookup.ts';
import { objectKey, type Catalog, type Table } from '../catalog/model.ts';
import type { DropObject, RelationName } from './change.ts';
import { objectName, stringValues } from './decode/names.ts';
import { noEffects } from './effects.ts';
import type { Operation } from './operation.ts';
import { directStep } from './pieces/direct.ts';
import { lockOn, lockOnFamily, lockOnRelation } from './pieces/locks.ts';
import { cannotUndo, transactional, undoBy } from './step-draft.ts';
import { touchColumn, touchRelation, touchSchema } from './touch.ts';

const objectTypes: Readonly<Record<string, DropObject['objectType']>> = {
  OBJECT_VIEW: 'view',
  OBJECT_MATVIEW: 'materialized view',
  OBJECT_SEQUENCE: 'sequence',
  OBJECT_TYPE: 'enum',
  OBJECT_DOMAIN: 'domain',
  OBJECT_FUNCTION: 'function',
  OBJECT_PROCEDURE: 'procedure',
  OBJECT_AGGREGATE: 'aggregate',
  OBJECT_SCHEMA: 'schema',
  OBJECT_EXTENSION: 'extension',
  OBJECT_TRIGGER: 'trigger',
  OBJECT_POLICY: 'policy',
  OBJECT_STATISTIC_EXT: 'statistics',
  OBJECT_OPERATOR: 'operator',
  OBJECT_RULE: 'rule',
  OBJECT_ACCESS_METHOD: 'access method',
  OBJECT_CAST: 'cast',
  OBJECT_COLLATION: 'collation',
  OBJECT_CONVERSION: 'conversion',
  OBJECT_EVENT_TRIGGER: 'event trigger',
  OBJECT_FDW: 'foreign data wrapper',
  OBJECT_FOREIGN_SERVER: 'server',
  OBJECT_LANGUAGE: 'language',
  OBJECT_OPCLASS: 'operator class',
  OBJECT_OPFAMILY: 'operator family',
  OBJECT_TRANSFORM: 'transform',
  OBJECT_TSCONFIGURATION: 'text search object',
  OBJECT_TSDICTIONARY: 'text search object',
  OBJECT_TSPARSER: 'text search object',
  OBJECT_TSTEMPLATE: 'text search object',
};

/** They have no schema, and a table where they are named by one. */
const namedOnTable: ReadonlySet<DropObject['objectType']> = new Set(['trigger', 'policy', 'rule']);

export const dropObject: Operation<DropObject> = {
  kind: 'drop_object',

  decode(part) {
    if ('DropRoleStmt' in part.node) return [roles(part.sql, part.node.DropRoleStmt)];
    if ('DropUserMappingStmt' in part.node) return [userMapping(part.sql, part.node.DropUserMappingStmt)];
    if (!('DropStmt' in part.node)) return null;
    const statement = part.node.DropStmt;
    const objectType = objectTypes[statement.removeType ?? ''];
    if (objectType === undefined) return null;
    const onTable = namedOnTable.has(objectType);
    return [
      {
        kind: 'drop_object',
        sql: part.sql,
        objectType,
        names: (statement.objects ?? []).map((node) =>
          onTable ? { schema: null, name: lastName(node) } : objectName(node),
        ),
        table: onTable ? tableOf(statement.objects?.[0]) : null,
        ifExists: statement.missing_ok === true,
        cascade: statement.behavior === 'DROP_CASCADE',
      },
    ];
  },

  apply(catalog, change) {
    const named = change.names.reduce((before, name) => removeOne(before, change, name), catalog);
    const along = alongWith(change, catalog);
    return along === null ? named : withoutDroppedAlong(named, along);
  },

  touches: (change, catalog) => ({
    reads: [],
    writes:
      change.table !== null
        ? [touchRelation(catalog, change.table)]
        : [
            ...change.names.map((name) =>
              change.objectType === 'schema' ? touchSchema(name.name) : touchRelation(catalog, name),
            ),
            ...(alongWith(change, catalog)?.relations ?? []).map((name) => touchRelation(catalog, name)),
          ],
    frees: change.names
      .flatMap((name) => resolveView(catalog, name)?.uses ?? [])
      .flatMap(({ table, column }) => (column === null ? [] : [touchColumn(catalog, table, column)])),
  }),

  // DROP TRIGGER, DROP POLICY and DROP RULE take ACCESS EXCLUSIVE on their table (measured: drop_trigger, drop_policy,
  // drop_rule), and on the partitions where there is a copy of the trigger (measured: drop_trigger.of_partitioned).
  effects(change, catalog) {
    const named = change.table === null ? null : resolveTable(catalog, change.table);
    // IF EXISTS of one that is not there keeps no lock (measured: drop_trigger.if_exists_missing, and the others).
    const table = named !== null && change.ifExists && isMissing(change, named, catalog) ? null : named;
    const views =
      change.objectType === 'materialized view'
        ? change.names.flatMap((name) => resolveView(catalog, name) ?? []).map(({ schema, name }) => ({ schema, name }))
        : [];
    const along = alongWith(change, catalog);
    const withCopies = table !== null && isRowTriggerOfPartitioned(table, change);
    return {
      ...noEffects,
      locks: [
        ...(withCopies ? lockOnFamily(catalog, table, 'ACCESS EXCLUSIVE') : lockOn(table, 'ACCESS EXCLUSIVE')),
        ...statisticsOf(change, catalog).flatMap(({ on }) => lockOn(on, 'SHARE UPDATE EXCLUSIVE')),
        ...[...views, ...(along?.relations ?? [])].flatMap((view) => lockOnRelation(catalog, view, 'ACCESS EXCLUSIVE')),
      ],
      drops: [
        ...views.map(({ name }) => `materialized view ${name}`),
        ...(along?.dependents ?? []).map(describeDependent),
      ],
      // CASCADE goes wherever dependencies lead (measured: drop_type.used_cascade, drop_function.of_trigger_cascade).
      unknown: change.cascade && along === null,
    };
  },

  plan: (change, { catalog }) => [
    directStep(
      'contract',
      change.sql,
      dropObject.undo(change, catalog),
      (alongWith(change, catalog)?.dependents ?? []).map(
        (dependent) => `CASCADE, as written, also drops ${describeDependent(dependent)}.`,
      ),
    ),
  ],

  undo(change, catalog) {
    const table = change.table === null ? null : resolveTable(catalog, change.table);
    const triggers =
      table === null ? [] : table.triggers.filter((trigger) => change.names.some((name) => name.name === trigger.name));
    if (change.objectType === 'trigger' && triggers.length > 0)
      return undoBy(transactional(...triggers.map((trigger) => trigger.definition)));
    const rules =
      table === null ? [] : table.rules.filter(({ name }) => change.names.some((gone) => gone.name === name));
    const definitions = [...rules, ...statisticsOf(change, catalog)].map(({ definition }) => definition);
    if (definitions.length === change.names.length) return undoBy(transactional(...definitions));
    return cannotUndo(`${change.objectType} ${change.names.map((name) => name.name).join(', ')} was dropped`);
  },
};

/** What CASCADE takes along with views; null where there is no CASCADE, or the catalog does not know what it finds. */
function alongWith({ objectType, names, cascade }: DropObject, catalog: Catalog): DroppedAlong | null {
  if (!cascade || (objectType !== 'view' && objectType !== 'materialized view') || catalog.uncertain.length > 0)
    return null;
  return droppedAlong(
    catalog,
    names.flatMap((name) => resolveView(catalog, name) ?? []).map(({ schema, name }) => ({ schema, name })),
  );
}

function isMissing({ objectType, names }: DropObject, table: Table, catalog: Catalog): boolean {
  // Of a table without columns nobody has told more than its name.
  if (catalog.uncertain.length > 0 || table.columns.length === 0) return false;
  const there = { trigger: table.triggers, policy: table.policies, rule: table.rules };
  if (objectType !== 'trigger' && objectType !== 'policy' && objectType !== 'rule') return false;
  return names.every((gone) => there[objectType].every(({ name }) => name !== gone.name));
}

function statisticsOf({ objectType, names }: DropObject, catalog: Catalog) {
  if (objectType !== 'statistics') return [];
  const gone = names.map((name) => resolveName(catalog, name));
  return [...catalog.tables.values()].flatMap((on) =>
    on.statistics
      .filter((each) => gone.some((name) => sameName(name, each)))
      .map(({ definition }) => ({ on, definition })),
  );
}

function roles(text: string, { roles: names, missing_ok }: DropRoleStmt): DropObject {
  return {
    ...without(text, missing_ok === true),
    objectType: 'role',
    names: (names ?? []).flatMap((node) =>
      'RoleSpec' in node ? [{ schema: null, name: node.RoleSpec.rolename ?? '' }] : [],
    ),
  };
}

function userMapping(text: string, { servername, missing_ok }: DropUserMappingStmt): DropObject {
  const names = [{ schema: null, name: servername ?? '' }];
  return { ...without(text, missing_ok === true), objectType: 'user mapping', names };
}

function without(text: string, ifExists: boolean): Omit<DropObject, 'objectType' | 'names'> {
  return { kind: 'drop_object', sql: text, table: null, ifExists, cascade: false };
}

function isRowTriggerOfPartitioned(table: Table, { names }: DropObject): boolean {
  return (
    table.kind === 'partitioned' &&
    table.triggers.some(({ name, level }) => level === 'row' && names.some((gone) => gone.name === name))
  );
}

function lastName(node: Parameters<typeof objectName>[0]): string {
  return node !== undefined && 'List' in node ? (stringValues(node.List.items).at(-1) ?? '') : objectName(node).name;
}

/** `DROP TRIGGER a ON s.t`: a list that ends in the trigger's name. */
function tableOf(node: Parameters<typeof objectName>[0]): RelationName | null {
  if (node === undefined || !('List' in node)) return null;
  const path = stringValues(node.List.items).slice(0, -1);
  const name = path.at(-1);
  return name === undefined ? null : { schema: path.at(-2) ?? null, name };
}

function removeOne(catalog: Catalog, change: DropObject, written: RelationName): Catalog {
  const name = resolveName(catalog, written);
  const key = objectKey(name);
  const table = change.table === null ? null : resolveTable(catalog, change.table);
  switch (change.objectType) {
    case 'view':
    case 'materialized view':
      return removeObject(catalog, 'views', key);
    case 'sequence':
      return removeObject(catalog, 'sequences', key);
    case 'enum':
    case 'domain':
    case 'composite type':
    case 'range type':
    case 'base type':
      return removeObject(catalog, 'types', key);
    case 'schema':
      return removeObject(catalog, 'schemas', written.name);
    case 'extension':
      return removeObject(catalog, 'extensions', written.name);
    case 'trigger':
      return table === null ? catalog : dropTrigger(catalog, table, written.name);
    case 'policy':
      return table === null ? catalog : dropPolicy(catalog, table, written.name);
    case 'rule':
      return table === null ? catalog : dropRule(catalog, table, written.name);
    case 'statistics':
      return dropStatistics(catalog, name);
    case 'function':
    case 'procedure':
    case 'aggregate': {
      const gone = [...catalog.functions.entries()].filter(
        ([, candidate]) => candidate.schema === name.schema && candidate.name === name.name,
      );
      // Without the argument types we cannot tell overloads apart; the only one of its name is surely meant.
      return gone.length === 1 ? removeObject(catalog, 'functions', gone[0]?.[0] ?? '') : catalog;
    }
    default:
      return catalog;
  }
}
