/**
 * CREATE of anything but a table or an index (row 1): schema, type, domain, sequence, function, view, extension, policy,
 * statistics. Nobody uses it yet, so it is created as written. A restrictive policy on a table in use takes rights away
 * and waits for contract.
 */
import type { Node } from '@pgsql/types';
import { blankFunction, blankPolicy, blankSequence, blankType, blankView } from '../catalog/blank.ts';
import { addSequence, addStatistics, putObject, putPolicy } from '../catalog/edit.ts';
import { resolveName, resolveTable } from '../catalog/lookup.ts';
import { functionKey, objectKey, type Catalog } from '../catalog/model.ts';
import { typeText } from '../sql/type-name.ts';
import { identifier, qualified, raw, sql } from '../sql/template.ts';
import type { CreateObject, ObjectType, RelationName } from './change.ts';
import { dottedName, relationName, stringValues } from './decode/names.ts';
import { noEffects, type Effects } from './effects.ts';
import type { Operation } from './operation.ts';
import type { StatementPart } from './decode/statement-parts.ts';
import { directStep } from './pieces/direct.ts';
import { lockOn } from './pieces/locks.ts';
import { columnNamesIn, tablesIn } from './pieces/query-names.ts';
import { cannotUndo, nothingToUndo, transactional, undoBy, type Undo } from './step-draft.ts';
import { touchRelation, touchRows, touchSchema } from './touch.ts';

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
        return table === null ? catalog : putPolicy(catalog, table, blankPolicy(change.name.name));
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
      case 'operator':
        return catalog;
    }
  },

  touches: (change, catalog) => ({
    reads: [
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
      case 'schema':
      case 'extension':
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
        return cannotUndo(`dropping an ${change.objectType} again is not supported`);
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
};

type Decoded = { readonly objectType: ObjectType; readonly name: RelationName } & Partial<CreateObject>;

const emptyObject = {
  kind: 'create_object',
  replace: false,
  ifNotExists: false,
  labels: [],
  reads: [],
  usedColumns: [],
  argumentTypes: null,
  table: null,
  restrictive: false,
  constrained: false,
  baseType: null,
  volatility: 'volatile',
} as const;

function decodeObject({ node }: StatementPart): Decoded | null {
  if ('CreateSchemaStmt' in node) {
    const { schemaname, authrole, if_not_exists, schemaElts } = node.CreateSchemaStmt;
    if ((schemaElts ?? []).length > 0) return null;
    return {
      objectType: 'schema',
      name: { schema: null, name: schemaname ?? authrole?.rolename ?? '' },
      ifNotExists: if_not_exists === true,
    };
  }
  if ('CreateEnumStmt' in node) {
    const { typeName, vals } = node.CreateEnumStmt;
    return { objectType: 'enum', name: dottedName(typeName), labels: stringValues(vals) };
  }
  if ('CreateDomainStmt' in node) {
    const { domainname, constraints, typeName } = node.CreateDomainStmt;
    const constrained = (constraints ?? []).some(
      (item) =>
        'Constraint' in item &&
        (item.Constraint.contype === 'CONSTR_CHECK' || item.Constraint.contype === 'CONSTR_NOTNULL'),
    );
    return {
      objectType: 'domain',
      name: dottedName(domainname),
      constrained,
      baseType: typeName === undefined ? null : typeText(typeName),
    };
  }
  if ('CompositeTypeStmt' in node)
    return { objectType: 'composite type', name: relationName(node.CompositeTypeStmt.typevar) };
  if ('CreateRangeStmt' in node) return { objectType: 'range type', name: dottedName(node.CreateRangeStmt.typeName) };
  if ('CreateSeqStmt' in node) {
    return {
      objectType: 'sequence',
      name: relationName(node.CreateSeqStmt.sequence),
      ifNotExists: node.CreateSeqStmt.if_not_exists === true,
    };
  }
  if ('CreateExtensionStmt' in node) {
    const { extname, if_not_exists } = node.CreateExtensionStmt;
    return {
      objectType: 'extension',
      name: { schema: null, name: extname ?? '' },
      ifNotExists: if_not_exists === true,
    };
  }
  if ('ViewStmt' in node) {
    const { view, query, replace } = node.ViewStmt;
    return {
      objectType: 'view',
      name: relationName(view),
      replace: replace === true,
      reads: tablesIn(query),
      usedColumns: columnNamesIn(query),
    };
  }
  if ('CreateTableAsStmt' in node && node.CreateTableAsStmt.objtype === 'OBJECT_MATVIEW') {
    const { into, query, if_not_exists } = node.CreateTableAsStmt;
    return {
      objectType: 'materialized view',
      name: relationName(into?.rel),
      reads: tablesIn(query),
      usedColumns: columnNamesIn(query),
      ifNotExists: if_not_exists === true,
    };
  }
  if ('CreatePolicyStmt' in node) {
    const { policy_name, table, permissive } = node.CreatePolicyStmt;
    return {
      objectType: 'policy',
      name: { schema: null, name: policy_name ?? '' },
      table: relationName(table),
      restrictive: permissive !== true,
    };
  }
  if ('CreateStatsStmt' in node) {
    const { defnames, relations, exprs, if_not_exists } = node.CreateStatsStmt;
    const columns = (exprs ?? []).flatMap((item) =>
      'StatsElem' in item && item.StatsElem.name !== undefined ? [item.StatsElem.name] : [],
    );
    if ((defnames ?? []).length === 0) return null;
    return {
      objectType: 'statistics',
      name: dottedName(defnames),
      labels: columns,
      reads: tablesIn(relations),
      ifNotExists: if_not_exists === true,
    };
  }
  if ('CreateFunctionStmt' in node) return decodeFunction(node.CreateFunctionStmt);
  if ('DefineStmt' in node) {
    const { kind, defnames, replace } = node.DefineStmt;
    if (kind === 'OBJECT_AGGREGATE')
      return { objectType: 'aggregate', name: dottedName(defnames), replace: replace === true };
    if (kind === 'OBJECT_OPERATOR') return { objectType: 'operator', name: dottedName(defnames) };
  }
  return null;
}

function decodeFunction(statement: Extract<Node, { CreateFunctionStmt: unknown }>['CreateFunctionStmt']): Decoded {
  const inputs = (statement.parameters ?? []).flatMap((item) => {
    if (!('FunctionParameter' in item)) return [];
    const { mode, argType } = item.FunctionParameter;
    const isInput = mode !== 'FUNC_PARAM_OUT' && mode !== 'FUNC_PARAM_TABLE';
    return isInput && argType !== undefined ? [typeText(argType)] : [];
  });
  const volatility = (statement.options ?? []).flatMap((item) =>
    'DefElem' in item &&
    item.DefElem.defname === 'volatility' &&
    item.DefElem.arg !== undefined &&
    'String' in item.DefElem.arg
      ? [item.DefElem.arg.String.sval]
      : [],
  )[0];
  return {
    objectType: statement.is_procedure === true ? 'procedure' : 'function',
    name: dottedName(statement.funcname),
    replace: statement.replace === true,
    argumentTypes: inputs.join(', '),
    volatility: volatility === 'immutable' || volatility === 'stable' ? volatility : 'volatile',
  };
}

/** Locks on tables that exist (measured: create_policy, create_statistics; views and functions take nothing that blocks). */
function lockEffects(change: CreateObject, catalog: Catalog): Effects {
  const name =
    change.objectType === 'policy' ? change.table : change.objectType === 'statistics' ? change.reads[0] : null;
  if (name === null || name === undefined) return noEffects;
  return {
    ...noEffects,
    locks: lockOn(
      resolveTable(catalog, name),
      change.objectType === 'policy' ? 'ACCESS EXCLUSIVE' : 'SHARE UPDATE EXCLUSIVE',
    ),
  };
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
    case 'policy':
    case 'statistics':
    case 'operator':
      return false;
    default:
      return catalog.types.has(key);
  }
}
