/**
 * What a statement needs of the server, beyond what the oldest supported one can do: told from the parse tree, which is
 * that of the newest grammar. Since which version a server can do it is for `postgres/version.ts` alone.
 */
import type { Catalog } from '../catalog/model.ts';
import { newFunctions } from '../postgres/new-functions.ts';
import type { Capability } from '../postgres/version.ts';
import type { SqlStatement } from '../sql/parse.ts';
import { visit } from '../sql/walk.ts';

export type Need = { readonly capability: Capability; /** In words, for messages. */ readonly what: string };

type Fields = Readonly<Record<string, unknown>>;
type Reader = (fields: Fields) => readonly Need[];

/** Each need once, in the order of the text. */
export function neededCapabilities({ node, text }: SqlStatement, catalog: Catalog): readonly Need[] {
  const found = new Map<string, Need>();
  visit(node, (tag, fields) => {
    for (const need of readers[tag]?.(fields) ?? []) found.set(need.what, need);
    for (const need of tag === 'FuncCall' ? ofCall(fields, catalog) : []) found.set(need.what, need);
  });
  for (const need of ofLiterals(text, node)) found.set(need.what, need);
  return [...found.values()];
}

function need(capability: Capability, what: string, condition: unknown): readonly Need[] {
  return condition === true ? [{ capability, what }] : [];
}

/** By the tag of the node. */
const readers: Readonly<Record<string, Reader>> = {
  IndexStmt: ({ nulls_not_distinct }) => need('nullsNotDistinct', 'NULLS NOT DISTINCT', nulls_not_distinct),
  Constraint: (fields) => [
    ...need('nullsNotDistinct', 'NULLS NOT DISTINCT', fields['nulls_not_distinct']),
    ...need('foreignKeySetColumns', 'SET NULL of some columns', Array.isArray(fields['fk_del_set_cols'])),
    ...need('temporalConstraints', 'WITHOUT OVERLAPS', fields['without_overlaps']),
    ...need('temporalConstraints', 'PERIOD in a foreign key', fields['fk_with_period']),
    ...need('notEnforcedConstraints', 'NOT ENFORCED', isNotEnforced(fields)),
    ...need('notNullTableConstraint', 'NOT NULL as a constraint of the table', isTableNotNull(fields)),
    ...need('virtualGeneratedColumns', 'A generated column that is not STORED', fields['generated_kind'] === 'v'),
  ],
  ATAlterConstraint: (fields) => [
    ...need('notEnforcedConstraints', 'ALTER CONSTRAINT … ENFORCED', fields['alterEnforceability']),
    ...need('constraintInheritance', 'ALTER CONSTRAINT … INHERIT', fields['alterInheritability']),
  ],
  ColumnDef: ({ storage_name }) => need('storageInCreateTable', 'STORAGE behind a column', storage_name !== undefined),
  AlterTableCmd: (fields) => ofCommand(fields),
  AlterTableStmt: ({ objtype, cmds }) =>
    need(
      'unloggedSequences',
      'SET LOGGED of a sequence',
      objtype === 'OBJECT_SEQUENCE' && /"AT_Set(?:Un)?Logged"/i.test(JSON.stringify(cmds)),
    ),
  CreateSeqStmt: ({ sequence }) =>
    need('unloggedSequences', 'An unlogged sequence', /"u"/.test(JSON.stringify(sequence))),
  ViewStmt: ({ options }) => need('securityInvokerViews', 'security_invoker', hasOption(options, 'security_invoker')),
  PublicationObjSpec: ({ pubobjtype, pubtable }) => [
    ...need('publicationsOfSchemas', 'TABLES IN SCHEMA', pubobjtype === 'PUBLICATIONOBJ_TABLES_IN_SCHEMA'),
    ...need('publicationColumnLists', 'A column list or a row filter', hasKey(pubtable, 'columns', 'whereClause')),
  ],
  CreatePublicationStmt: ({ options }) =>
    need('publishGeneratedColumns', 'publish_generated_columns', hasOption(options, 'publish_generated_columns')),
  GrantStmt: ({ objtype }) => need('parameterPrivileges', 'GRANT ON PARAMETER', objtype === 'OBJECT_PARAMETER_ACL'),
  AccessPriv: ({ priv_name }) => need('maintainPrivilege', 'The privilege MAINTAIN', priv_name === 'maintain'),
  GrantRoleStmt: ({ opt }) =>
    need('roleGrantOptions', 'GRANT of a role WITH INHERIT or SET', hasOption(opt, 'inherit', 'set')),
  CopyStmt: ({ options }) => [
    ...need('copyDefault', 'COPY with DEFAULT', hasOption(options, 'default')),
    ...need('copyOnError', 'COPY with ON_ERROR', hasOption(options, 'on_error')),
    ...need('copyRejectLimit', 'COPY with REJECT_LIMIT', hasOption(options, 'reject_limit')),
  ],
  VacuumStmt: ({ options }) => need('bufferUsageLimit', 'BUFFER_USAGE_LIMIT', hasOption(options, 'buffer_usage_limit')),
  VacuumRelation: ({ relation }) =>
    need('vacuumOnly', 'VACUUM or ANALYZE of ONLY one table', hasKey(relation, 'relname') && !hasKey(relation, 'inh')),
  CreateStatsStmt: ({ defnames }) =>
    need('unnamedStatistics', 'CREATE STATISTICS without a name', defnames === undefined),
  RangeSubselect: ({ alias }) =>
    need('subqueryWithoutAlias', 'A subquery in FROM without an alias', alias === undefined),
  MergeStmt: ({ returningClause }) => [
    ...need('merge', 'MERGE', true),
    ...need('mergeReturning', 'MERGE … RETURNING', returningClause !== undefined),
  ],
  MergeWhenClause: ({ matchKind }) =>
    need('mergeNotMatchedBySource', 'WHEN NOT MATCHED BY SOURCE', matchKind === 'MERGE_WHEN_NOT_MATCHED_BY_SOURCE'),
  InsertStmt: ofReturning,
  UpdateStmt: ofReturning,
  DeleteStmt: ofReturning,
  JsonObjectConstructor: () => need('jsonConstructors', 'JSON_OBJECT of SQL/JSON', true),
  JsonArrayConstructor: () => need('jsonConstructors', 'JSON_ARRAY of SQL/JSON', true),
  JsonArrayQueryConstructor: () => need('jsonConstructors', 'JSON_ARRAY of SQL/JSON', true),
  JsonObjectAgg: () => need('jsonConstructors', 'JSON_OBJECTAGG', true),
  JsonArrayAgg: () => need('jsonConstructors', 'JSON_ARRAYAGG', true),
  JsonIsPredicate: () => need('jsonConstructors', 'IS JSON', true),
  JsonFuncExpr: () => need('jsonQueryFunctions', 'JSON_EXISTS, JSON_QUERY or JSON_VALUE', true),
  JsonTable: () => need('jsonQueryFunctions', 'JSON_TABLE', true),
  JsonScalarExpr: () => need('jsonQueryFunctions', 'JSON_SCALAR', true),
  JsonSerializeExpr: () => need('jsonQueryFunctions', 'JSON_SERIALIZE', true),
  JsonParseExpr: () => need('jsonQueryFunctions', 'JSON()', true),
  VariableSetStmt: ({ name }) => need('transactionTimeout', 'transaction_timeout', name === 'transaction_timeout'),
};

function ofCommand({ subtype, name, def }: Fields): readonly Need[] {
  switch (subtype) {
    case 'AT_SetExpression':
      return need('setExpression', 'SET EXPRESSION', true);
    case 'AT_SetAccessMethod':
      return name === undefined
        ? need('defaultAccessMethod', 'SET ACCESS METHOD DEFAULT', true)
        : need('setAccessMethod', 'SET ACCESS METHOD', true);
    case 'AT_SetStorage':
      return need('defaultStorageMode', 'SET STORAGE DEFAULT', /"sval":"default"/i.test(JSON.stringify(def)));
    default:
      return [];
  }
}

/** Only these kinds say whether they are enforced. */
function isNotEnforced({ contype, is_enforced }: Fields): boolean {
  if (contype === 'CONSTR_ATTR_NOT_ENFORCED' || contype === 'CONSTR_ATTR_ENFORCED') return true;
  return (contype === 'CONSTR_CHECK' || contype === 'CONSTR_FOREIGN') && is_enforced !== true;
}

/** Behind a column it names none. */
function isTableNotNull({ contype, keys }: Fields): boolean {
  return contype === 'CONSTR_NOTNULL' && Array.isArray(keys);
}

/** `old.a` in RETURNING; a table of that name is not looked for. */
function ofReturning({ returningClause }: Fields): readonly Need[] {
  if (typeof returningClause !== 'object' || returningClause === null) return [];
  let found = hasKey(returningClause, 'options');
  visit(returningClause, (tag, fields) => {
    if (tag === 'ColumnRef' && /^\{"fields":\[\{"String":\{"sval":"(?:old|new)"\}\},/.test(JSON.stringify(fields)))
      found = true;
  });
  return need('returningOldAndNew', 'OLD and NEW in RETURNING', found);
}

/** Not what the files or the database define themselves under the name. */
function ofCall({ funcname }: Fields, catalog: Catalog): readonly Need[] {
  const path = [...JSON.stringify(funcname ?? []).matchAll(/"sval":"([^"]*)"/g)].map(([, part = '']) => part);
  const name = path.at(-1) ?? '';
  const capability = newFunctions.get(name);
  if (capability === undefined || [...catalog.functions.values()].some((own) => own.name === name)) return [];
  return path.length === 1 || path[0] === 'pg_catalog' ? need(capability, `The function ${name}`, true) : [];
}

/** The tree holds the value alone. */
function ofLiterals(text: string, node: unknown): readonly Need[] {
  if (!/\b0[xob]|\d_\d/i.test(text)) return [];
  const found: Need[] = [];
  visit(node, (tag, fields) => {
    const { location, ival } = fields;
    if (tag !== 'A_Const' || typeof location !== 'number' || ival === undefined) return;
    found.push(...need('integerLiteralForms', 'An integer like 0x1F or 1_000', isNewForm(text, ival)));
  });
  return found;
}

function isNewForm(text: string, ival: unknown): boolean {
  const value = /"ival":(-?\d+)/.exec(JSON.stringify({ ...(typeof ival === 'object' ? ival : {}) }))?.[1] ?? '0';
  return [
    ...text.matchAll(/(?<![\w$.'"])(?:0[xX][\da-fA-F_]+|0[oO][0-7_]+|0[bB][01_]+|\d+(?:_\d+)+)(?![\w$.'"])/g),
  ].some(([literal]) => Number(literal.replaceAll('_', '')) === Number(value));
}

function hasOption(options: unknown, ...names: readonly string[]): boolean {
  return names.some((name) => JSON.stringify(options ?? []).includes(`{"DefElem":{"defname":"${name}"`));
}

function hasKey(value: unknown, ...keys: readonly string[]): boolean {
  return typeof value === 'object' && value !== null && keys.some((key) => key in value);
}
