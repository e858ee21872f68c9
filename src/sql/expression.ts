/**
 * One SQL expression, from its text.
 *
 * Guarantee: what is accepted is exactly one expression, so that it can stand in parentheses and without them: no
 * second statement, no alias, no clause after it, no unbalanced parenthesis that the surrounding text would close.
 */

import type { Node, SelectStmt } from '@pgsql/types';
import { MigrateError } from '../errors.ts';
import { readComments, readStatements } from './grammar.ts';

const mostKnown = 500; // trees of short expressions; a schema has the same few defaults in all its tables

const longestKnown = 100; // characters

const known = new Map<string, Node>();

/**
 * The tree of one expression, not to be changed: the same text gets the same tree again. Locations in it are relative to
 * `sql`, and unknown for the first word.
 */
export function parseExpression(sql: string): Node {
  const found = known.get(sql);
  if (found !== undefined) return found;
  const tree = readExpression(sql);
  if (sql.length <= longestKnown) {
    if (known.size >= mostKnown) known.clear();
    known.set(sql, tree);
  }
  return tree;
}

function readExpression(sql: string): Node {
  const bare = onlyTarget(`SELECT\n${sql}\n`);
  // `ALL x` is one target without parentheses, `1) + (2` is one within them: both readings must agree.
  const bracketed = onlyTarget(`SELECT (\n${sql}\n)`);
  if (bare === null || bracketed === null) {
    throw new MigrateError('SYNTAX_ERROR', `"${sql}" is not one SQL expression.`, {
      hint: 'Write one expression, as it would stand after DEFAULT or in a SELECT list.',
    });
  }
  return bare;
}

/** The expression's text without comments around it (a comment at the end would swallow what follows it). */
export function expressionText(sql: string): string {
  parseExpression(sql);
  const comments = readComments(sql);
  const last = comments.at(-1);
  if (last === undefined) return sql.trim();
  const blanked = comments.reduce(
    (text, { start, end }) => text.slice(0, start) + ' '.repeat(end - start) + text.slice(end),
    sql,
  );
  return blanked.trim();
}

function onlyTarget(source: string): Node | null {
  const statements = readStatements(source);
  const [statement] = statements;
  if (statements.length !== 1 || statement === undefined || statement.terminated) return null;
  if (!('SelectStmt' in statement.node)) return null;
  return singleTarget(statement.node.SelectStmt);
}

/** The target of a SELECT that has one unnamed target and no clause. */
function singleTarget(select: SelectStmt): Node | null {
  const { targetList = [], limitOption: _limitOption, op: _op, ...clauses } = select;
  const [target] = targetList;
  if (Object.keys(clauses).length > 0 || select.op !== 'SETOP_NONE') return null;
  if (targetList.length !== 1 || target === undefined || !('ResTarget' in target)) return null;
  const { name, val, indirection } = target.ResTarget;
  if (name !== undefined || indirection !== undefined || val === undefined) return null;
  return isStar(val) ? null : val;
}

function isStar(node: Node): boolean {
  return 'ColumnRef' in node && (node.ColumnRef.fields ?? []).some((field) => 'A_Star' in field);
}
