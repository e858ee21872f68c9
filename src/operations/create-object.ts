/**
 * CREATE of anything but a table or an index (row 1): schema, type, domain, sequence, function, view, extension, policy,
 * rule, statistics, role. Nobody uses it yet, so it is created as written. A restrictive policy on a table in use takes
 * rights away and waits for contract.
 */
import { blankFunction, blankSequence, blankType, blankView } from '../catalog/blank.ts';
import { addSequence, addStatistics, putObject, putPolicy, putRule } from '../catalog/edit.ts';
import { resolveName, resolveTable } from '../catalog/lookup.ts';
import { functionKey, objectKey, type Catalog } from '../catalog/model.ts';
import { identifier, qualified, raw, sql } from '../sql/template.ts';
import type { CreateObject, ObjectType } from './change.ts';
import { decodeObject, emptyObject } from './decode/object.ts';
import { noEffects, type Effects } from './effects.ts';
import type { Operation } from './operation.ts';
import { directStep, statementTitle } from './pieces/direct.ts';
import { lockOnRelation } from './pieces/locks.ts';
import { policyFrom } from './pieces/setting-in-catalog.ts';
import { cannotUndo, nothingToUndo, transactional, undoBy, type Undo } from './step-draft.ts';
import { touchDefaultPrivileges, touchRelation, touchRows, touchSchema } from './touch.ts';

export const createObject: Operation<CreateObject> = {
  kind: 'create_object',

  decode(part) {
    const decoded = decodeObject(part);
    return decoded === null ? null : [{ ...emptyObject, ...decoded, sql: part.sql }];
  },

  apply(catalog, change) {
    const name = resolveName(catalog, change.name);
    const key = objectKey(name);
    switch (change.objectType) {
      case 'schema':
        return putObject(catalog, 'schemas', change.name.name, {
          name: change.name.name,
          owner: null,
          comment: null,
          grants: [],
        });
      case 'enum':
        return putObject(catalog, 'types', key, blankType(name, 'enum', { labels: change.labels }));
      case 'domain':
        return putObject(
          catalog,
          'types',
          key,
          blankType(name, 'domain', { notNull: change.constrained, baseType: change.baseType }),
        );
      case 'composite type':
        return putObject(catalog, 'types', key, blankType(name, 'composite'));
      case 'range type':
        return putObject(catalog, 'types', key, blankType(name, 'range'));
      case 'sequence':
        return addSequence(catalog, blankSequence(name));
      case 'view':
      case 'materialized view':
        return putObject(
          catalog,
          'views',
          key,
          blankView(name, change.sql, {
            kind: change.objectType === 'view' ? 'view' : 'materialized',
            populated: change.withData,
            uses: change.reads.flatMap((read) => {
              const table = resolveTable(catalog, read);
              if (table === null) return [];
              const used = table.columns.filter(
                ({ name: column }) => change.usedColumns.includes(column) || change.usedColumns.includes('*'),
              );
              return used.map((column) => ({ table: { schema: table.schema, name: table.name }, column: column.name }));
            }),
          }),
        );
      case 'function':
      case 'procedure':
      case 'aggregate': {
        const identity = change.argumentTypes ?? '';
        return putObject(
          catalog,
          'functions',
          functionKey(name, identity),
          blankFunction(name, identity, {
            kind: change.objectType,
            volatility: change.volatility,
            definition: change.sql,
          }),
        );
      }
      case 'extension':
        return putObject(catalog, 'extensions', change.name.name, { name: change.name.name, schema: name.schema });
      case 'policy': {
        const table = change.table === null ? null : resolveTable(catalog, change.table);
        return table === null
          ? catalog
          : putPolicy(catalog, table, policyFrom(change.sql, change.name.name, table.name));
      }
      case 'statistics': {
        const table = change.reads[0] === undefined ? null : resolveTable(catalog, change.reads[0]);
        if (table === null) return catalog;
        return addStatistics(catalog, table, {
          ...name,
          columns: change.labels,
          definition: change.sql,
          target: null,
          comment: null,
        });
      }
      case 'rule': {
        const rule = {
          name: change.name.name,
          definition: change.sql,
          enabled: 'origin',
          uses: [],
          comment: null,
        } as const;
        return change.table === null ? catalog : putRule(catalog, resolveName(catalog, change.table), rule);
      }
      case 'base type':
        return putObject(catalog, 'types', key, blankType(name, 'base'));
      case 'operator':
      case 'role':
      case 'event trigger':
      case 'language':
      case 'collation':
      case 'conversion':
      case 'cast':
      case 'transform':
      case 'access method':
      case 'operator class':
      case 'operator family':
      case 'text search object':
      case 'foreign data wrapper':
      case 'server':
      case 'user mapping':
        return catalog;
    }
  },

  touches: (change, catalog) => ({
    reads: [
      touchDefaultPrivileges,
      ...change.reads.map((read) => touchRelation(catalog, read)),
      ...(change.objectType === 'materialized view' ? change.reads.map((read) => touchRows(catalog, read)) : []),
    ],
    writes: [
      change.objectType === 'schema'
        ? touchSchema(change.name.name)
        : touchRelation(catalog, change.table ?? change.name),
    ],
  }),

  effects: (change, catalog) => lockEffects(change, catalog),

  plan: (change, context) => {
    const table = change.table === null ? null : resolveTable(context.catalog, change.table);
    const narrowing = change.objectType === 'policy' && change.restrictive && table !== null && !context.isNew(table);
    return [
      directStep(
        narrowing ? 'contract' : 'expand',
        change.sql,
        createObject.undo(change, context.catalog),
        narrowing
          ? ['A restrictive policy takes rights away from the running application, so it waits for contract.']
          : [],
      ),
    ];
  },

  undo(change, catalog): Undo {
    const name = resolveName(catalog, change.name);
    if (exists(change, catalog)) {
      if (change.ifNotExists) return nothingToUndo;
      const before =
        change.argumentTypes === null ? undefined : catalog.functions.get(functionKey(name, change.argumentTypes));
      if (before !== undefined) return undoBy(transactional(before.definition));
      return change.replace ? cannotUndo(`${change.objectType} ${name.name} was replaced`) : nothingToUndo;
    }
    switch (change.objectType) {
      case 'policy':
        return change.table === null
          ? nothingToUndo
          : undoBy(
              transactional(
                sql`DROP POLICY IF EXISTS ${identifier(change.name.name)} ON ${qualified(resolveName(catalog, change.table))}`
                  .text,
              ),
            );
      case 'rule': {
        if (change.table === null) return nothingToUndo;
        const on = resolveName(catalog, change.table);
        const before = resolveTable(catalog, on)?.rules.find(({ name: rule }) => rule === change.name.name);
        const drop = sql`DROP RULE IF EXISTS ${identifier(change.name.name)} ON ${qualified(on)}`.text;
        return undoBy(transactional(drop, ...(before === undefined ? [] : [before.definition])));
      }
      case 'schema':
      case 'extension':
      case 'role':
      case 'event trigger':
      case 'language':
      case 'access method':
      case 'foreign data wrapper':
      case 'server':
        return undoBy(
          transactional(sql`DROP ${raw(dropWord[change.objectType])} IF EXISTS ${identifier(change.name.name)}`.text),
        );
      case 'function':
      case 'procedure':
        return undoBy(
          transactional(
            sql`DROP ${raw(dropWord[change.objectType])} IF EXISTS ${qualified(name)}(${raw(change.argumentTypes ?? '')})`
              .text,
          ),
        );
      case 'aggregate':
      case 'operator':
      case 'cast':
      case 'transform':
      case 'operator class':
      case 'operator family':
      case 'text search object':
      case 'user mapping':
        return cannotUndo(`dropping what "${statementTitle(change.sql)}" made is not supported`);
      default:
        return undoBy(transactional(sql`DROP ${raw(dropWord[change.objectType])} IF EXISTS ${qualified(name)}`.text));
    }
  },
};

const dropWord: Readonly<Record<ObjectType, string>> = {
  schema: 'SCHEMA',
  enum: 'TYPE',
  domain: 'DOMAIN',
  'composite type': 'TYPE',
  'range type': 'TYPE',
  sequence: 'SEQUENCE',
  function: 'FUNCTION',
  procedure: 'PROCEDURE',
  aggregate: 'AGGREGATE',
  operator: 'OPERATOR',
  view: 'VIEW',
  'materialized view': 'MATERIALIZED VIEW',
  extension: 'EXTENSION',
  policy: 'POLICY',
  statistics: 'STATISTICS',
  rule: 'RULE',
  'base type': 'TYPE',
  role: 'ROLE',
  'event trigger': 'EVENT TRIGGER',
  language: 'LANGUAGE',
  collation: 'COLLATION',
  conversion: 'CONVERSION',
  cast: 'CAST',
  transform: 'TRANSFORM',
  'access method': 'ACCESS METHOD',
  'operator class': 'OPERATOR CLASS',
  'operator family': 'OPERATOR FAMILY',
  'text search object': 'TEXT SEARCH',
  'foreign data wrapper': 'FOREIGN DATA WRAPPER',
  server: 'SERVER',
  'user mapping': 'USER MAPPING',
};

/** Locks on tables that exist (measured: create_policy, create_rule, create_statistics; views and functions take nothing that blocks). */
function lockEffects(change: CreateObject, catalog: Catalog): Effects {
  const name = change.objectType === 'statistics' ? change.reads[0] : change.table;
  if (name === null || name === undefined) return noEffects;
  const mode = change.objectType === 'statistics' ? 'SHARE UPDATE EXCLUSIVE' : 'ACCESS EXCLUSIVE';
  return { ...noEffects, locks: lockOnRelation(catalog, name, mode) };
}

function exists(change: CreateObject, catalog: Catalog): boolean {
  const name = resolveName(catalog, change.name);
  const key = objectKey(name);
  switch (change.objectType) {
    case 'schema':
      return catalog.schemas.has(change.name.name);
    case 'extension':
      return catalog.extensions.has(change.name.name);
    case 'sequence':
      return catalog.sequences.has(key);
    case 'view':
    case 'materialized view':
      return catalog.views.has(key);
    case 'function':
    case 'procedure':
    case 'aggregate':
      return catalog.functions.has(functionKey(name, change.argumentTypes ?? ''));
    case 'enum':
    case 'domain':
    case 'composite type':
    case 'range type':
    case 'base type':
      return catalog.types.has(key);
    default:
      return false;
  }
}
