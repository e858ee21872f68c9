/**
 * Sub-queries that are one value for the whole statement. A job works them out once, when it begins, and keeps them
 * beside its bounds; its batches read them as columns of `onward_once`. So all rows get the same value, as from the one
 * statement, whatever becomes of the tables meanwhile, and however long the query takes.
 */
import type { Node, SelectStmt } from '@pgsql/types';
import { emitExpression } from '../../sql/emit.ts';
import { visit } from '../../sql/walk.ts';
import type { BackfillRun } from '../step-draft.ts';
import { unsafeCall } from './batch-functions.ts';
import type { Subject } from './batch-subject.ts';
import { isCorrelated } from './inner-queries.ts';
import type { Queries } from './query-sources.ts';

export type SharedValues = {
  /** The statement, reading `onward_once` in their place. */
  readonly node: Node;
  readonly values: NonNullable<BackfillRun['once']>;
  /** `onward_once`, as far as the statement has to know it. */
  readonly queries: Queries;
};

/** Null when there are none that could be taken out. */
export function sharedValues(node: Node, { inner, statement, catalog }: Subject): SharedValues | null {
  const named = new Set(statement.with.flatMap((clause) => clause.ctes ?? []).map(nameOf));
  const shared = inner
    .filter(
      (each) =>
        each.place === 'value' && each.level !== null && each.query.lockingClause === undefined && !isCorrelated(each),
    )
    .map(({ query }) => query)
    .filter((query) => readsTables(query) && !mentions(query, named))
    .filter((query) => unsafeCall([{ SelectStmt: query }], 'query', catalog) === null);
  const wanted = new Set<unknown>(shared);
  const values: { readonly column: string; readonly query: string }[] = [];
  const rewritten = replaceQueries(node, wanted, (sublink) => {
    const column = `value_${values.length + 1}`;
    values.push({ column, query: emitExpression(sublink) });
    return column;
  });
  if (values.length === 0) return null;
  return { node: rewritten, values, queries: new Map([['onward_once', nothing(values.map(({ column }) => column))]]) };
}

const valueLinks: readonly unknown[] = ['EXPR_SUBLINK', 'EXISTS_SUBLINK', 'ARRAY_SUBLINK'];

/** A copy in which each sub-query of `wanted` is `(SELECT value_1 FROM onward_once)`; the outermost ones first. */
function replaceQueries<T>(tree: T, wanted: ReadonlySet<unknown>, columnOf: (sublink: Node) => string): T {
  if (Array.isArray(tree)) return tree.map((item: unknown) => replaceQueries(item, wanted, columnOf)) as T; // item by item
  if (typeof tree !== 'object' || tree === null) return tree;
  if ('SubLink' in tree) {
    const { SubLink: link } = tree as Node & {
      readonly SubLink: { readonly subselect?: Node; readonly subLinkType?: string };
    };
    const query = link.subselect !== undefined && 'SelectStmt' in link.subselect ? link.subselect.SelectStmt : null;
    if (wanted.has(query) && valueLinks.includes(link.subLinkType)) {
      // The grammar gives the tree back as the node that it is.
      return {
        SubLink: { subLinkType: 'EXPR_SUBLINK', subselect: { SelectStmt: ofOnce(columnOf(tree as Node)) } },
      } as T;
    }
  }
  return Object.fromEntries(
    Object.entries(tree).map(([key, value]) => [key, replaceQueries(value, wanted, columnOf)]),
  ) as T;
}

function ofOnce(column: string): SelectStmt {
  return {
    targetList: [{ ResTarget: { val: { ColumnRef: { fields: [{ String: { sval: column } }] } } } }],
    fromClause: [{ RangeVar: { relname: 'onward_once', inh: true, relpersistence: 'p' } }],
    limitOption: 'LIMIT_OPTION_DEFAULT',
    op: 'SETOP_NONE',
  };
}

/** A query of these columns that reads no table. */
function nothing(columns: readonly string[]): SelectStmt {
  return {
    targetList: columns.map((name) => ({ ResTarget: { name, val: { A_Const: { isnull: true } } } })),
    limitOption: 'LIMIT_OPTION_DEFAULT',
    op: 'SETOP_NONE',
  };
}

function readsTables(query: SelectStmt): boolean {
  let found = false;
  visit({ SelectStmt: query }, (tag) => {
    if (tag === 'RangeVar') found = true;
  });
  return found;
}

function mentions(query: SelectStmt, names: ReadonlySet<string>): boolean {
  let found = false;
  visit({ SelectStmt: query }, (tag, fields) => {
    if (tag === 'RangeVar' && typeof fields['relname'] === 'string' && names.has(fields['relname'])) found = true;
  });
  return found;
}

function nameOf(each: Node): string {
  return 'CommonTableExpr' in each ? (each.CommonTableExpr.ctename ?? '') : '';
}
