/**
 * BEGIN, COMMIT and the like in a file (row 34). The engine decides about transactions itself: each step has its own, and
 * its ledger row shares it. So the markers are understood and left out. A ROLLBACK cannot be left out: what stands above
 * it would stay. Nor can PREPARE TRANSACTION, which would take the ledger row along.
 */
import { MigrateError } from '../errors.ts';
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
  TRANS_STMT_ROLLBACK_TO: 'rollback to',
  TRANS_STMT_PREPARE: 'prepare',
  TRANS_STMT_COMMIT_PREPARED: 'prepare',
  TRANS_STMT_ROLLBACK_PREPARED: 'prepare',
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
  plan(change) {
    if (change.command === 'rollback' || change.command === 'rollback to') {
      throw new MigrateError('CANNOT_PLAN', `“${change.sql}” takes back what stands above it in the same file.`, {
        hint: 'Remove it together with the statements that it takes back. A failed step is rolled back without it.',
      });
    }
    if (change.command === 'prepare') {
      throw new MigrateError(
        'CANNOT_PLAN',
        `“${change.sql}” is about a prepared transaction, and each step has a transaction of its own.`,
        { hint: 'Remove it: the step and its record are committed together.' },
      );
    }
    return [];
  },
  undo: () => nothingToUndo,
};
