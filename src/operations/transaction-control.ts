/**
 * BEGIN, COMMIT and the like in a file (row 34). The engine decides about transactions itself: each step has its own, and
 * its ledger row shares it. So the markers are understood and left out.
 */
import type { TransactionControl } from './change.ts';
import { noEffects } from './effects.ts';
import type { Operation } from './operation.ts';
import { nothingToUndo } from './step-draft.ts';

const commands: Readonly<Record<string, TransactionControl['command']>> = {
  TRANS_STMT_BEGIN: 'begin',
  TRANS_STMT_START: 'begin',
  TRANS_STMT_COMMIT: 'commit',
  TRANS_STMT_ROLLBACK: 'rollback',
  TRANS_STMT_SAVEPOINT: 'savepoint',
  TRANS_STMT_RELEASE: 'savepoint',
  TRANS_STMT_ROLLBACK_TO: 'savepoint',
};

export const transactionControl: Operation<TransactionControl> = {
  kind: 'transaction_control',
  decode(part) {
    if (!('TransactionStmt' in part.node)) return null;
    const command = commands[part.node.TransactionStmt.kind ?? ''];
    return command === undefined ? null : [{ kind: 'transaction_control', sql: part.sql, command }];
  },
  apply: (catalog) => catalog,
  touches: () => ({ reads: [], writes: [] }),
  effects: () => noEffects,
  plan: () => [],
  undo: () => nothingToUndo,
};
