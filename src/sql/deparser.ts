/**
 * pgsql-deparser with its mistakes put right.
 *
 * Each method below names what version 18.3.8 gets wrong for the statements that migrations use; emit.ts proves every
 * text that comes out, so a mistake that is not listed here is an error and never a silently different statement.
 * A class, because the deparser is one and calls its own methods.
 *
 * General facts about it: `pretty: true` indents the lines inside string constants, which changes them; it forgets
 * quotes around names in rare places; it leaves out parentheses that some operators need (`parenthesise` adds them).
 */

import { Deparser } from 'pgsql-deparser';
import type * as tree from '@pgsql/types';
import { quoteIdentifier, quoteLiteral } from './identifier.ts';
import { typeSql } from './type-name.ts';

type Context = Parameters<Deparser['Constraint']>[1];

/** Expressions that need parentheses when they stand inside another one of them. */
const operatorTags: ReadonlySet<string> = new Set([
  'A_Expr',
  'A_Indirection',
  'BoolExpr',
  'BooleanTest',
  'CaseExpr',
  'CollateClause',
  'NullTest',
  'TypeCast',
  'JsonIsPredicate',
]);

export class CorrectedDeparser extends Deparser {
  readonly #parenthesise: boolean;
  readonly #path: string[] = [];

  /** `parenthesise`: put every operand that is an operator itself in parentheses. They leave no trace in the tree. */
  constructor(node: tree.Node, parenthesise: boolean) {
    // It sorts lists of its input in place (ON CONFLICT … SET (a, b) = …), hence the copy.
    super(structuredClone(node), {
      pretty: false,
      functionDelimiter: '$body$',
      functionDelimiterFallback: '$onward_body$',
    });
    this.#parenthesise = parenthesise;
  }

  override visit(node: tree.Node, context?: Context): string {
    const tag = Object.keys(node)[0] ?? '';
    const parent = this.#path.at(-1) ?? '';
    if (tag !== 'List') this.#path.push(tag);
    try {
      const text = super.visit(node, context);
      return this.#parenthesise && operatorTags.has(tag) && operatorTags.has(parent) ? `(${text})` : text;
    } finally {
      if (tag !== 'List') this.#path.pop();
    }
  }

  /** It spells `bit varying` as another type than it is, loses %TYPE and the brackets of `"char"[]`. */
  override TypeName(node: tree.TypeName, _context: Context): string {
    return typeSql(node, (modifier) => this.visit(modifier));
  }

  /** `a AT LOCAL` became a plain call of timezone(a). */
  override FuncCall(node: tree.FuncCall, context: Context): string {
    const [argument, second] = node.args ?? [];
    const name = (node.funcname ?? []).map(stringOf).join('.');
    if (node.funcformat === 'COERCE_SQL_SYNTAX' && name === 'pg_catalog.timezone' && argument && !second) {
      return `(${this.visit(argument, context)}) AT LOCAL`;
    }
    return super.FuncCall(node, context);
  }

  /** JSON_VALUE, JSON_QUERY and JSON_EXISTS are missing. */
  JsonFuncExpr(node: tree.JsonFuncExpr, context: Context): string {
    const passing = (node.passing ?? []).map((argument) => {
      if (!('JsonArgument' in argument)) throw new Error('not a JSON argument');
      const { val = {}, name = '' } = argument.JsonArgument;
      return `${this.JsonValueExpr(val, context)} AS ${quoteIdentifier(name)}`;
    });
    const subject = `${this.JsonValueExpr(node.context_item ?? {}, context)}, ${node.pathspec ? this.visit(node.pathspec, context) : ''}`;
    const behavior = ({ btype = 'JSON_BEHAVIOR_NULL', expr }: tree.JsonBehavior, event: string): string =>
      words(jsonBehaviors[btype] ?? '', expr === undefined ? '' : `(${this.visit(expr, context)})`, `ON ${event}`);
    const parts = words(
      subject,
      passing.length > 0 ? `PASSING ${passing.join(', ')}` : '',
      this.formatJsonOutput(node.output, context) ?? '',
      jsonWrappers[node.wrapper ?? 'JSW_UNSPEC'],
      jsonQuotes[node.quotes ?? 'JS_QUOTES_UNSPEC'],
      node.on_empty === undefined ? '' : behavior(node.on_empty, 'EMPTY'),
      node.on_error === undefined ? '' : behavior(node.on_error, 'ERROR'),
    );
    return `${(node.op ?? '').replace(/_OP$/, '')}(${parts})`;
  }

  /** Names of DEFAULT, GENERATED, IDENTITY and NULL are lost; keys lose INCLUDE, WITH, their tablespace and quotes. */
  override Constraint(node: tree.Constraint, context: Context): string {
    switch (node.contype) {
      case 'CONSTR_PRIMARY':
      case 'CONSTR_UNIQUE':
        return this.#keyConstraint(node, context);
      case 'CONSTR_EXCLUSION':
        return this.#exclusionConstraint(node, context);
      case 'CONSTR_DEFAULT':
        // Only a restricted form of expression may follow DEFAULT without parentheses.
        if (this.#parenthesise && node.raw_expr)
          return words(named(node), 'DEFAULT', `(${this.visit(node.raw_expr, context)})`);
        return words(named(node), super.Constraint(node, context));
      case 'CONSTR_GENERATED':
      case 'CONSTR_IDENTITY':
      case 'CONSTR_NULL':
        return words(named(node), super.Constraint(node, context));
      default:
        return super.Constraint(node, context);
    }
  }

  #keyConstraint(node: tree.Constraint, context: Context): string {
    const keys = (node.keys ?? []).map((key) => quoteIdentifier(stringOf(key)));
    const overlaps = node.without_overlaps === true ? ' WITHOUT OVERLAPS' : '';
    return words(
      named(node),
      node.contype === 'CONSTR_PRIMARY' ? 'PRIMARY KEY' : 'UNIQUE',
      node.nulls_not_distinct === true ? 'NULLS NOT DISTINCT' : '',
      keys.length > 0 ? `(${keys.join(', ')}${overlaps})` : '',
      node.indexname === undefined ? '' : `USING INDEX ${quoteIdentifier(node.indexname)}`,
      this.#indexParts(node, context),
      deferral(node),
    );
  }

  #exclusionConstraint(node: tree.Constraint, context: Context): string {
    const elements = (node.exclusions ?? []).map((pair) => {
      const [element, operator] = 'List' in pair ? (pair.List.items ?? []) : [];
      if (element === undefined || operator === undefined || !('List' in operator)) throw new Error('not an exclusion');
      return `${this.visit(element, context)} WITH ${operatorName(operator.List.items ?? [])}`;
    });
    return words(
      named(node),
      'EXCLUDE',
      node.access_method === undefined ? '' : `USING ${quoteIdentifier(node.access_method)}`,
      `(${elements.join(', ')})`,
      this.#indexParts(node, context),
      node.where_clause === undefined ? '' : `WHERE (${this.visit(node.where_clause, context)})`,
      deferral(node),
    );
  }

  #indexParts(node: tree.Constraint, context: Context): string {
    const including = (node.including ?? []).map((column) => quoteIdentifier(stringOf(column)));
    const options = (node.options ?? []).map((option) => this.#storageParameter(option));
    return words(
      including.length > 0 ? `INCLUDE (${including.join(', ')})` : '',
      options.length > 0 ? `WITH (${options.join(', ')})` : '',
      node.indexspace === undefined ? '' : `USING INDEX TABLESPACE ${quoteIdentifier(node.indexspace)}`,
    );
  }

  #storageParameter(node: tree.Node): string {
    if (!('DefElem' in node)) throw new Error('not an option');
    const { defnamespace, defname = '', arg } = node.DefElem;
    const name = [defnamespace, defname]
      .flatMap((part) => (part === undefined ? [] : [quoteIdentifier(part)]))
      .join('.');
    if (arg === undefined) return name;
    const value = 'String' in arg ? quoteLiteral(stringOf(arg)) : this.visit(arg);
    return `${name} = ${value}`;
  }

  /** ADD COLUMN loses STORAGE and COMPRESSION; SET STATISTICS DEFAULT its DEFAULT. */
  override AlterTableCmd(node: tree.AlterTableCmd, context: Context): string {
    if (node.subtype === 'AT_AddColumn' && node.def !== undefined && 'ColumnDef' in node.def) {
      return words(
        context.objtype === 'OBJECT_TYPE' ? 'ADD ATTRIBUTE' : 'ADD COLUMN',
        node.missing_ok === true ? 'IF NOT EXISTS' : '',
        this.ColumnDef(node.def.ColumnDef, context),
        node.behavior === 'DROP_CASCADE' ? 'CASCADE' : '',
      );
    }
    if (node.subtype === 'AT_SetStatistics' && node.def === undefined && node.name !== undefined) {
      return `ALTER COLUMN ${quoteIdentifier(node.name)} SET STATISTICS DEFAULT`;
    }
    return super.AlterTableCmd(node, context);
  }

  /** The tablespace is lost. It is the last part of the statement. */
  override CreateStmt(node: tree.CreateStmt, context: Context): string {
    return words(
      super.CreateStmt(node, context),
      node.tablespacename === undefined ? '' : `TABLESPACE ${quoteIdentifier(node.tablespacename)}`,
    );
  }

  /** LIKE … INCLUDING ALL EXCLUDING … loses what later versions add to ALL, and COMPRESSION. */
  override TableLikeClause(node: tree.TableLikeClause, context: Context): string {
    const relation = node.relation === undefined ? '' : this.RangeVar(node.relation, context);
    const options = node.options ?? 0;
    const all = options >= 2 ** likeOptions.length; // bits beyond the known ones come from ALL only
    const parts = likeOptions.flatMap((name, bit) => {
      const included = (options & (1 << bit)) !== 0;
      return included === all ? [] : [`${all ? 'EXCLUDING' : 'INCLUDING'} ${name}`];
    });
    return words('LIKE', relation, all ? 'INCLUDING ALL' : '', ...parts);
  }

  /** `ALTER TYPE app.mood OWNER TO` became `ALTER TYPE app, mood OWNER TO`. */
  override AlterOwnerStmt(node: tree.AlterOwnerStmt, context: Context): string {
    const { objectType, object, newowner } = node;
    const special = objectType === 'OBJECT_OPFAMILY' || objectType === 'OBJECT_OPCLASS';
    if (objectType === undefined || newowner === undefined || object === undefined || !('List' in object) || special) {
      return super.AlterOwnerStmt(node, context);
    }
    const name = (object.List.items ?? []).map((part) => quoteIdentifier(stringOf(part))).join('.');
    const kind =
      objectType === 'OBJECT_STATISTIC_EXT' ? 'STATISTICS' : objectType.slice('OBJECT_'.length).replaceAll('_', ' ');
    return `ALTER ${kind} ${name} OWNER TO ${this.RoleSpec(newowner, context)}`;
  }

  /** ALTER TRIGGER … RENAME loses the trigger's name. */
  override RenameStmt(node: tree.RenameStmt, context: Context): string {
    const { relation, subname, newname } = node;
    if (node.renameType !== 'OBJECT_TRIGGER' || !relation || !subname || !newname)
      return super.RenameStmt(node, context);
    return `ALTER TRIGGER ${quoteIdentifier(subname)} ON ${this.RangeVar(relation, context)} RENAME TO ${quoteIdentifier(newname)}`;
  }

  /** VERSION became NEW_VERSION, without quotes. */
  override CreateExtensionStmt(node: tree.CreateExtensionStmt, _context: Context): string {
    const options = (node.options ?? []).map((option) => {
      const { defname = '', arg } = 'DefElem' in option ? option.DefElem : {};
      const value = stringOf(arg);
      if (defname === 'schema') return `SCHEMA ${quoteIdentifier(value)}`;
      return defname === 'new_version' ? `VERSION ${quoteLiteral(value)}` : defname.toUpperCase();
    });
    const guard = node.if_not_exists === true ? 'IF NOT EXISTS' : '';
    return words('CREATE EXTENSION', guard, quoteIdentifier(node.extname ?? ''), ...options);
  }

  /** IF NOT EXISTS came before STATISTICS. */
  override CreateStatsStmt(node: tree.CreateStatsStmt, context: Context): string {
    const text = super.CreateStatsStmt(node, context);
    return text.replace(/^CREATE IF NOT EXISTS STATISTICS/, 'CREATE STATISTICS IF NOT EXISTS');
  }

  /** WITH TIES became a plain limit. */
  override SelectStmt(node: tree.SelectStmt, context: Context): string {
    if (node.limitOption !== 'LIMIT_OPTION_WITH_TIES' || node.limitCount === undefined)
      return super.SelectStmt(node, context);
    const { limitCount, ...rest } = node;
    const count = this.visit(limitCount, context);
    return `${super.SelectStmt({ ...rest, limitOption: 'LIMIT_OPTION_COUNT' }, context)} FETCH FIRST (${count}) ROWS WITH TIES`;
  }

  /** Names in the ON CONFLICT clause lose their quotes, and one of several lists of columns is taken apart. */
  override InsertStmt(node: tree.InsertStmt, context: Context): string {
    const { onConflictClause: clause, returningClause, ...rest } = node;
    if (clause === undefined) return super.InsertStmt(node, context);
    const { infer, targetList = [], whereClause } = clause;
    const elements = (infer?.indexElems ?? []).map((element) => this.visit(element, context));
    return words(
      super.InsertStmt(rest, context),
      'ON CONFLICT',
      infer?.conname === undefined ? '' : `ON CONSTRAINT ${quoteIdentifier(infer.conname)}`,
      elements.length > 0 ? `(${elements.join(', ')})` : '',
      infer?.whereClause === undefined ? '' : `WHERE ${this.visit(infer.whereClause, context)}`,
      clause.action === 'ONCONFLICT_UPDATE'
        ? `DO UPDATE SET ${this.formatUpdateAssignments(targetList, context)}`
        : 'DO NOTHING',
      whereClause === undefined ? '' : `WHERE ${this.visit(whereClause, context)}`,
      returningClause === undefined ? '' : this.ReturningClause(returningClause, context),
    );
  }

  /** AND CHAIN is lost. */
  override TransactionStmt(node: tree.TransactionStmt, context: Context): string {
    return words(super.TransactionStmt(node, context), node.chain === true ? 'AND CHAIN' : '');
  }

  /** Options with a value got an equals sign, which the grammar does not know here. */
  override VacuumStmt(node: tree.VacuumStmt, context: Context): string {
    const targets = (node.rels ?? []).map((relation) => this.visit(relation, context));
    return words(
      node.is_vacuumcmd === true ? 'VACUUM' : 'ANALYZE',
      utilityOptions(node.options ?? []),
      targets.join(', '),
    );
  }

  /** The same, and CONCURRENTLY is put where people look for it. */
  override ReindexStmt(node: tree.ReindexStmt, context: Context): string {
    const kind = (node.kind ?? '').slice('REINDEX_OBJECT_'.length);
    const isConcurrently = (option: tree.Node): boolean =>
      'DefElem' in option && option.DefElem.defname === 'concurrently' && option.DefElem.arg === undefined;
    const params = node.params ?? [];
    return words(
      'REINDEX',
      utilityOptions(params.filter((option) => !isConcurrently(option))),
      kind,
      params.some(isConcurrently) ? 'CONCURRENTLY' : '',
      node.relation === undefined ? '' : this.RangeVar(node.relation, context),
      node.name === undefined ? '' : quoteIdentifier(node.name),
    );
  }
}

/** In the order of their bits: TableLikeOption in src/include/nodes/parsenodes.h. */
const likeOptions = [
  'COMMENTS',
  'COMPRESSION',
  'CONSTRAINTS',
  'DEFAULTS',
  'GENERATED',
  'IDENTITY',
  'INDEXES',
  'STATISTICS',
  'STORAGE',
];

const jsonWrappers = {
  JSW_UNSPEC: '',
  JSW_NONE: 'WITHOUT WRAPPER',
  JSW_CONDITIONAL: 'WITH CONDITIONAL WRAPPER',
  JSW_UNCONDITIONAL: 'WITH UNCONDITIONAL WRAPPER',
} as const satisfies Record<tree.JsonWrapper, string>;

const jsonQuotes = {
  JS_QUOTES_UNSPEC: '',
  JS_QUOTES_KEEP: 'KEEP QUOTES',
  JS_QUOTES_OMIT: 'OMIT QUOTES',
} as const satisfies Record<tree.JsonQuotes, string>;

const jsonBehaviors = {
  JSON_BEHAVIOR_NULL: 'NULL',
  JSON_BEHAVIOR_ERROR: 'ERROR',
  JSON_BEHAVIOR_EMPTY: 'EMPTY',
  JSON_BEHAVIOR_TRUE: 'TRUE',
  JSON_BEHAVIOR_FALSE: 'FALSE',
  JSON_BEHAVIOR_UNKNOWN: 'UNKNOWN',
  JSON_BEHAVIOR_EMPTY_ARRAY: 'EMPTY ARRAY',
  JSON_BEHAVIOR_EMPTY_OBJECT: 'EMPTY OBJECT',
  JSON_BEHAVIOR_DEFAULT: 'DEFAULT',
} as const satisfies Record<tree.JsonBehaviorType, string>;

function utilityOptions(options: readonly tree.Node[]): string {
  if (options.length === 0) return '';
  const parts = options.map((option) => {
    const { defname = '', arg } = 'DefElem' in option ? option.DefElem : {};
    const value =
      arg === undefined ? '' : 'Integer' in arg ? String(arg.Integer.ival ?? 0) : quoteLiteral(stringOf(arg));
    return words(defname.toUpperCase(), value);
  });
  return `(${parts.join(', ')})`;
}

function operatorName(parts: readonly tree.Node[]): string {
  const names = parts.map(stringOf);
  const symbol = names.at(-1) ?? '';
  const schema = names.slice(0, -1).map((name) => `${quoteIdentifier(name)}.`);
  return schema.length === 0 ? symbol : `OPERATOR(${schema.join('')}${symbol})`;
}

function named(node: tree.Constraint): string {
  return node.conname === undefined ? '' : `CONSTRAINT ${quoteIdentifier(node.conname)}`;
}

function deferral(node: tree.Constraint): string {
  return words(node.deferrable === true ? 'DEFERRABLE' : '', node.initdeferred === true ? 'INITIALLY DEFERRED' : '');
}

function stringOf(node: tree.Node | undefined): string {
  return node !== undefined && 'String' in node ? (node.String.sval ?? '') : '';
}

function words(...parts: readonly string[]): string {
  return parts.filter((part) => part !== '').join(' ');
}
