/**
 * Cuts a statement into parts that each hold one change: an ALTER TABLE with five commands becomes five parts, in the
 * order in which Postgres carries them out (its passes: drops first, then type changes, new columns, constraints …;
 * src/backend/commands/tablecmds.c, `AlterTablePass`), which is not always the order in which they are written.
 */
import type { SqlStatement, StatementNode } from '../../sql/parse.ts';
import { emit } from '../../sql/emit.ts';

export type StatementPart = {
  /** The statement, an ALTER TABLE with exactly one command. */
  readonly node: StatementNode;
  /** The part as SQL without semicolon; the person's exact text when the statement has one part. */
  readonly sql: string;
};

/** Rank of an ALTER TABLE command in Postgres' own passes; commands of one rank keep their order. */
function passOf(subtype: string | undefined, contype: string | undefined, hasValue: boolean): number {
  switch (subtype) {
    case 'AT_ColumnDefault':
      return hasValue ? 9 : 0;
    case 'AT_DropColumn':
    case 'AT_DropConstraint':
    case 'AT_DropNotNull':
    case 'AT_DropExpression':
    case 'AT_DropIdentity':
      return 0;
    case 'AT_AlterColumnType':
      return 1;
    case 'AT_AddColumn':
      return 4;
    case 'AT_SetExpression':
      return 5;
    case 'AT_AddConstraint':
      return contype === 'CONSTR_FOREIGN' ? 9 : contype === 'CONSTR_CHECK' || contype === 'CONSTR_NOTNULL' ? 7 : 8;
    case 'AT_AddIdentity':
      return 9;
    case 'AT_SetNotNull':
    case 'AT_SetIdentity':
    case 'AT_SetStatistics':
    case 'AT_SetStorage':
    case 'AT_SetOptions':
    case 'AT_ResetOptions':
    case 'AT_SetCompression':
      return 6;
    default:
      return 10;
  }
}

export function statementParts(statement: SqlStatement): readonly StatementPart[] {
  const node = statement.node;
  if (!('AlterTableStmt' in node)) return [{ node, sql: statement.text }];
  const commands = node.AlterTableStmt.cmds ?? [];
  if (commands.length <= 1) return [{ node, sql: statement.text }];
  const ranked = commands.map((command) => {
    const cmd = 'AlterTableCmd' in command ? command.AlterTableCmd : null;
    const def = cmd?.def;
    const contype = def !== undefined && def !== null && 'Constraint' in def ? def.Constraint.contype : undefined;
    return { command, pass: passOf(cmd?.subtype, contype, def !== undefined && def !== null) };
  });
  return ranked
    .toSorted((a, b) => a.pass - b.pass)
    .map(({ command }) => {
      const single: StatementNode = { AlterTableStmt: { ...node.AlterTableStmt, cmds: [command] } };
      return { node: single, sql: emit(single) };
    });
}
