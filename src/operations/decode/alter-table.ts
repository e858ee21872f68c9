/** The one command of an ALTER TABLE part, for the operations that decode it. */
import type { AlterTableCmd, RangeVar } from '@pgsql/types';
import type { RelationName } from '../change.ts';
import type { StatementPart } from './statement-parts.ts';
import { relationName } from './names.ts';

export type TableCommand = {
  readonly table: RelationName;
  readonly range: RangeVar;
  readonly ifTableExists: boolean;
  readonly command: AlterTableCmd;
};

/** Null when the part is not an ALTER of a table, or of another subtype. */
export function tableCommand(
  part: StatementPart,
  ...subtypes: readonly NonNullable<AlterTableCmd['subtype']>[]
): TableCommand | null {
  if (!('AlterTableStmt' in part.node)) return null;
  const statement = part.node.AlterTableStmt;
  if (statement.objtype !== 'OBJECT_TABLE' && statement.objtype !== 'OBJECT_FOREIGN_TABLE') return null;
  const node = statement.cmds?.[0];
  if (node === undefined || !('AlterTableCmd' in node) || statement.relation === undefined) return null;
  const command = node.AlterTableCmd;
  if (command.subtype === undefined || !subtypes.includes(command.subtype)) return null;
  return {
    table: relationName(statement.relation),
    range: statement.relation,
    ifTableExists: statement.missing_ok === true,
    command,
  };
}
