/**
 * What a CHECK comes out as for a row that an old application writes, when all its columns were just added: each of them
 * is NULL, or its constant default. NULL and TRUE pass a check.
 *
 * Guarantee: never "passes" where the server could say FALSE; whatever is not understood is unknown.
 */
import type { A_Expr, Node } from '@pgsql/types';
import { parseExpression } from '../../sql/parse.ts';

/** `unknown`: it could be anything. A constant is a text or a number as written. */
type Outcome =
  | { readonly kind: 'unknown' }
  | { readonly kind: 'null' }
  | { readonly kind: 'truth'; readonly value: boolean }
  | { readonly kind: 'text'; readonly value: string }
  | { readonly kind: 'number'; readonly value: number };

const unknown: Outcome = { kind: 'unknown' };
const nothing: Outcome = { kind: 'null' };

/** Comes out NULL whenever an argument is NULL (pg_proc.proisstrict), as far as checks commonly call them. */
const strictFunctions: ReadonlySet<string> = new Set([
  'abs', 'array_length', 'ascii', 'btrim', 'cardinality', 'ceil', 'char_length', 'character_length', 'date_part', 'extract',
  'floor', 'json_typeof', 'jsonb_array_length', 'jsonb_typeof', 'length', 'lower', 'ltrim', 'octet_length', 'regexp_replace',
  'round', 'rtrim', 'starts_with', 'strpos', 'substring', 'timezone', 'trunc', 'upper',
]); // prettier-ignore

/** Texts that mean another date at each reading. */
const movingConstants: ReadonlySet<string> = new Set(['now', 'today', 'tomorrow', 'yesterday']);

/** True when no such row can violate the check. `values` gives the default's text, or null for none, by column. */
export function passesWith(expression: string, values: ReadonlyMap<string, string | null>): boolean {
  const outcome = evaluate(parseExpression(expression), values);
  return outcome.kind === 'null' || (outcome.kind === 'truth' && outcome.value);
}

function evaluate(node: Node | undefined, values: ReadonlyMap<string, string | null>): Outcome {
  if (node === undefined) return unknown;
  const of = (inner: Node | undefined): Outcome => evaluate(inner, values);
  if ('ColumnRef' in node) {
    const last = node.ColumnRef.fields?.at(-1);
    const name = last !== undefined && 'String' in last ? (last.String.sval ?? '') : '';
    const value = values.get(name);
    // The value of a default: a constant, or anything.
    return value === undefined ? unknown : value === null ? nothing : evaluate(parseExpression(value), new Map());
  }
  if ('A_Const' in node) return constant(node.A_Const);
  if ('TypeCast' in node) {
    // A cast can change a constant ('1.5'::int::text): only NULL stays what it is.
    const inner = of(node.TypeCast.arg);
    return inner.kind === 'null'
      ? nothing
      : inner.kind === 'text' && isTextType(node.TypeCast.typeName?.names)
        ? inner
        : unknown;
  }
  if ('CollateClause' in node) return of(node.CollateClause.arg);
  if ('NullTest' in node) {
    const inner = of(node.NullTest.arg);
    if (inner.kind === 'unknown') return unknown;
    return { kind: 'truth', value: (inner.kind === 'null') === (node.NullTest.nulltesttype === 'IS_NULL') };
  }
  if ('BoolExpr' in node) {
    const parts = (node.BoolExpr.args ?? []).map(of);
    switch (node.BoolExpr.boolop) {
      case 'NOT_EXPR':
        return negate(parts[0] ?? unknown);
      case 'OR_EXPR':
        return negate(conjunction(parts.map(negate)));
      case 'AND_EXPR':
        return conjunction(parts);
      default:
        return unknown;
    }
  }
  if ('FuncCall' in node) {
    const last = node.FuncCall.funcname?.at(-1);
    const name = last !== undefined && 'String' in last ? (last.String.sval ?? '') : '';
    return strictFunctions.has(name) && (node.FuncCall.args ?? []).some((arg) => of(arg).kind === 'null')
      ? nothing
      : unknown;
  }
  if ('A_Expr' in node) return comparison(node.A_Expr, of);
  return unknown;
}

function comparison(expression: A_Expr, of: (node: Node | undefined) => Outcome): Outcome {
  const left = of(expression.lexpr);
  const operator = expression.name?.at(-1);
  const name = operator !== undefined && 'String' in operator ? (operator.String.sval ?? '') : '';
  switch (expression.kind) {
    case 'AEXPR_IN': {
      if (left.kind === 'null') return nothing;
      if (name !== '=' || left.kind === 'unknown') return unknown;
      const items =
        expression.rexpr !== undefined && 'List' in expression.rexpr ? (expression.rexpr.List.items ?? []) : [];
      return items.some((item) => isTrue(compare('=', left, of(item)))) ? { kind: 'truth', value: true } : unknown;
    }
    case 'AEXPR_OP':
      // Operators are strict with few exceptions; those for comparison, pattern and arithmetic all are.
      return compare(name, left, of(expression.rexpr));
    case 'AEXPR_LIKE':
    case 'AEXPR_ILIKE':
    case 'AEXPR_SIMILAR':
    case 'AEXPR_BETWEEN':
    case 'AEXPR_NOT_BETWEEN':
    case 'AEXPR_OP_ANY':
      return left.kind === 'null' ? nothing : unknown;
    default:
      return unknown;
  }
}

const strictOperators: ReadonlySet<string> = new Set([
  '=',
  '<>',
  '!=',
  '<',
  '>',
  '<=',
  '>=',
  '~',
  '~*',
  '!~',
  '!~*',
  '+',
  '-',
  '*',
  '/',
  '%',
  '~~',
  '!~~',
  '~~*',
  '!~~*',
  '->',
  '->>',
  '@>',
  '<@',
  '?',
  '&&',
]);

function compare(operator: string, left: Outcome, right: Outcome): Outcome {
  if (!strictOperators.has(operator)) return unknown;
  if (left.kind === 'null' || right.kind === 'null') return nothing;
  // Texts compare by a collation that is not known here: only "the same text" is certain.
  if (left.kind === 'text' && right.kind === 'text') {
    return ['=', '<=', '>='].includes(operator) && left.value === right.value
      ? { kind: 'truth', value: true }
      : unknown;
  }
  if (left.kind !== 'number' || right.kind !== 'number') return unknown;
  const [a, b] = [left.value, right.value];
  const results: Readonly<Record<string, boolean>> = {
    '=': a === b,
    '<>': a !== b,
    '!=': a !== b,
    '<': a < b,
    '>': a > b,
    '<=': a <= b,
    '>=': a >= b,
  };
  const value = results[operator];
  return value === undefined ? unknown : { kind: 'truth', value };
}

function constant(value: {
  isnull?: boolean;
  ival?: { ival?: number };
  sval?: { sval?: string };
  boolval?: { boolval?: boolean };
}): Outcome {
  if (value.isnull === true) return nothing;
  if (value.ival !== undefined) return { kind: 'number', value: value.ival.ival ?? 0 };
  if (value.sval !== undefined) {
    const text = value.sval.sval ?? '';
    return movingConstants.has(text.toLowerCase()) ? unknown : { kind: 'text', value: text };
  }
  if (value.boolval !== undefined) return { kind: 'truth', value: value.boolval.boolval ?? false };
  return unknown; // a number that is not an integer: not worth the doubt
}

function isTextType(names: readonly Node[] | undefined): boolean {
  const last = names?.at(-1);
  return last !== undefined && 'String' in last && last.String.sval === 'text';
}

function isTrue(outcome: Outcome): boolean {
  return outcome.kind === 'truth' && outcome.value;
}

function negate(outcome: Outcome): Outcome {
  if (outcome.kind === 'null') return nothing;
  return outcome.kind === 'truth' ? { kind: 'truth', value: !outcome.value } : unknown;
}

/** FALSE wins, then what is not known, then NULL. */
function conjunction(parts: readonly Outcome[]): Outcome {
  if (parts.some((part) => part.kind === 'truth' && !part.value)) return { kind: 'truth', value: false };
  if (parts.some((part) => part.kind !== 'truth' && part.kind !== 'null')) return unknown;
  return parts.some((part) => part.kind === 'null') ? nothing : { kind: 'truth', value: true };
}
