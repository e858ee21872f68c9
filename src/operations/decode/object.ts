/** CREATE statements of anything but a table or an index, taken apart. */
import type { CreateCastStmt, Node } from '@pgsql/types';
import { typeText } from '../../sql/type-name.ts';
import type { CreateObject, ObjectType, RelationName } from '../change.ts';
import { columnNamesIn, tablesIn } from '../pieces/query-names.ts';
import { dottedName, objectName, relationName, stringValues } from './names.ts';
import type { StatementPart } from './statement-parts.ts';

type Decoded = { readonly objectType: ObjectType; readonly name: RelationName } & Partial<CreateObject>;

export const emptyObject = {
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
  withData: true,
} as const;

export function decodeObject({ node }: StatementPart): Decoded | null {
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
      withData: into?.skipData !== true,
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
    const { kind, defnames, replace, if_not_exists } = node.DefineStmt;
    const objectType = definedTypes[kind ?? ''];
    if (objectType === undefined) return null;
    const name = dottedName(defnames);
    return { objectType, name, replace: replace === true, ifNotExists: if_not_exists === true };
  }
  if ('RuleStmt' in node) {
    const { rulename, relation, replace } = node.RuleStmt;
    const name = { schema: null, name: rulename ?? '' };
    return { objectType: 'rule', name, table: relationName(relation), replace: replace === true };
  }
  return decodeGlobal(node);
}

const definedTypes: Readonly<Partial<Record<string, ObjectType>>> = {
  OBJECT_AGGREGATE: 'aggregate',
  OBJECT_OPERATOR: 'operator',
  OBJECT_TYPE: 'base type',
  OBJECT_COLLATION: 'collation',
  OBJECT_TSCONFIGURATION: 'text search object',
  OBJECT_TSDICTIONARY: 'text search object',
  OBJECT_TSPARSER: 'text search object',
  OBJECT_TSTEMPLATE: 'text search object',
};

/** What no table stands behind, and most of it in no schema. */
function decodeGlobal(node: Node): Decoded | null {
  const named = (objectType: ObjectType, name: string | undefined, ifNotExists = false): Decoded => ({
    objectType,
    name: { schema: null, name: name ?? '' },
    ifNotExists,
  });
  if ('CreateRoleStmt' in node) return named('role', node.CreateRoleStmt.role);
  if ('CreateEventTrigStmt' in node) return named('event trigger', node.CreateEventTrigStmt.trigname);
  if ('CreatePLangStmt' in node) return named('language', node.CreatePLangStmt.plname);
  if ('CreateAmStmt' in node) return named('access method', node.CreateAmStmt.amname);
  if ('CreateFdwStmt' in node) return named('foreign data wrapper', node.CreateFdwStmt.fdwname);
  if ('CreateForeignServerStmt' in node) {
    const { servername, if_not_exists } = node.CreateForeignServerStmt;
    return named('server', servername, if_not_exists === true);
  }
  if ('CreateUserMappingStmt' in node) {
    const { servername, if_not_exists } = node.CreateUserMappingStmt;
    return named('user mapping', servername, if_not_exists === true);
  }
  if ('CreateTransformStmt' in node) return named('transform', node.CreateTransformStmt.lang);
  if ('CreateCastStmt' in node) return { objectType: 'cast', name: objectName(castTarget(node.CreateCastStmt)) };
  if ('CreateConversionStmt' in node)
    return { objectType: 'conversion', name: dottedName(node.CreateConversionStmt.conversion_name) };
  if ('CreateOpClassStmt' in node)
    return { objectType: 'operator class', name: dottedName(node.CreateOpClassStmt.opclassname) };
  if ('CreateOpFamilyStmt' in node)
    return { objectType: 'operator family', name: dottedName(node.CreateOpFamilyStmt.opfamilyname) };
  return null;
}

function castTarget({ targettype }: CreateCastStmt): Node {
  return { TypeName: targettype ?? {} };
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
