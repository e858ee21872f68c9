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
  if ('AlterTableStmt' in node) {
    const cmds = (node.AlterTableStmt.cmds ?? []).map((item) => {
      if (!('AlterTableCmd' in item)) return item;
      const { def } = item.AlterTableCmd;
      if (def === undefined || !('PartitionCmd' in def)) return item;
      return {
        AlterTableCmd: { ...item.AlterTableCmd, def: { PartitionCmd: { ...def.PartitionCmd, concurrent: false } } },
      };
    });
    return emit({ AlterTableStmt: { ...node.AlterTableStmt, cmds } });
  }
  if ('ReindexStmt' in node) {
    const params = (node.ReindexStmt.params ?? []).filter(
      (item) => !('DefElem' in item && item.DefElem.defname === 'concurrently'),
    );
    return emit({ ReindexStmt: { ...node.ReindexStmt, params } });
  }
  return statement;
}
