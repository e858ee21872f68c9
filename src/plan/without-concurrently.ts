/**
 * The same index without CONCURRENTLY: where nobody uses the table there is nobody to wait for, and the plain build can
 * share the transaction of its neighbours. The index is the same in the end.
 */
import { emit } from '../sql/emit.ts';
import { parseStatements } from '../sql/parse.ts';

export function withoutConcurrently(statement: string): string {
  const node = parseStatements(statement)[0]?.node;
  if (node === undefined) return statement;
  if ('IndexStmt' in node) return emit({ IndexStmt: { ...node.IndexStmt, concurrent: false } });
  if ('DropStmt' in node) return emit({ DropStmt: { ...node.DropStmt, concurrent: false } });
  return statement;
}
