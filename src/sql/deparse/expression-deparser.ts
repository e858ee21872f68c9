/**
 * pgsql-deparser with its mistakes put right: expressions, types and queries.
 *
 * Each method names what version 18.3.8 gets wrong for the statements that migrations use. emit.ts proves every text
 * that comes out, so a mistake that is not listed is an error and never a silently different statement. Classes,
 * because the deparser is one and calls its own methods.
 *
 * General facts about it: `pretty: true` indents the lines inside string constants, which changes them; it forgets
 * quotes around names in rare places (`name-tokens.ts`); it leaves out parentheses that some operators need.
 */

import { Deparser } from 'pgsql-deparser';
import type * as tree from '@pgsql/types';
import { quoteIdentifier } from '../identifier.ts';
import { typeSql } from '../type-name.ts';
import { stringOf, words } from './text.ts';

export type Context = Parameters<Deparser['Constraint']>[1];

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

/** What the deparser puts before a subscript or a field without the parentheses that the grammar asks for. */
const subscriptedTags: ReadonlySet<string> = new Set([
  'A_ArrayExpr',
  'A_Const',
  'BoolExpr',
  'CaseExpr',
  'CoalesceExpr',
  'CollateClause',
  'MinMaxExpr',
]);

export class ExpressionDeparser extends Deparser {
  protected readonly parenthesise: boolean;
  readonly #path: string[] = [];

  /** `parenthesise`: put every operand that is an operator itself in parentheses. They leave no trace in the tree. */
  constructor(node: tree.Node, parenthesise: boolean) {
    // It sorts lists of its input in place (ON CONFLICT … SET (a, b) = …), hence the copy.
    super(structuredClone(node), {
      pretty: false,
      functionDelimiter: '$body$',
      functionDelimiterFallback: '$onward_body$',
    });
    this.parenthesise = parenthesise;
  }

  override visit(node: tree.Node, context?: Context): string {
    const tag = Object.keys(node)[0] ?? '';
    const parent = this.#path.at(-1) ?? '';
    if (tag !== 'List') this.#path.push(tag);
    try {
      const text = super.visit(node, context);
      // It forgets the parentheses of `(ARRAY[a, b])[1]`, and of all but the commonest others before a subscript.
      const isSubscripted = parent === 'A_Indirection' && subscriptedTags.has(tag);
      const isOperand = this.parenthesise && operatorTags.has(tag) && operatorTags.has(parent);
      return isSubscripted || isOperand ? `(${text})` : text;
    } finally {
      if (tag !== 'List') this.#path.pop();
    }
  }

  /** It spells `bit varying` as another type than it is, loses %TYPE and the brackets of `"char"[]`. */
  override TypeName(node: tree.TypeName, _context: Context): string {
    return typeSql(node, (modifier) => this.visit(modifier));
  }

  /** `a::app.mood` became CAST(a AS app.mood): the same, but not what people write. */
  override TypeCast(node: tree.TypeCast, context: Context): string {
    if (node.arg === undefined || node.typeName === undefined) return super.TypeCast(node, context);
    const argument = this.visit(node.arg, context);
    const type = this.TypeName(node.typeName, context);
    return bindsTightly(node.arg) && !argument.startsWith('-')
      ? `${argument}::${type}`
      : `CAST(${argument} AS ${type})`;
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
}

/** What `::` may follow without parentheses. */
function bindsTightly(node: tree.Node): boolean {
  if ('FuncCall' in node) return node.FuncCall.funcformat === 'COERCE_EXPLICIT_CALL';
  return 'A_Const' in node || 'ColumnRef' in node || 'ParamRef' in node || 'A_ArrayExpr' in node;
}

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
