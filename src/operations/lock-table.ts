/**
 * LOCK TABLE. Each step of ours takes the locks that it needs and gives them back with its transaction, so a lock that a
 * person takes for the statements that follow holds for its own step only, and the plan says so.
 */
import { resolveTable } from '../catalog/lookup.ts';
import { lockModes } from '../postgres/lock-mode.ts';
import type { LockTable } from './change.ts';
import { relationName } from './decode/names.ts';
import { noEffects } from './effects.ts';
import type { Operation } from './operation.ts';
import { directStep } from './pieces/direct.ts';
import { lockOn, lockOnFamily } from './pieces/locks.ts';
import { nothingToUndo } from './step-draft.ts';

export const lockTable: Operation<LockTable> = {
  kind: 'lock_table',

  decode(part) {
    if (!('LockStmt' in part.node)) return null;
    const { relations, mode } = part.node.LockStmt;
    const ranges = (relations ?? []).flatMap((node) => ('RangeVar' in node ? [node.RangeVar] : []));
    return [
      {
        kind: 'lock_table',
        sql: part.sql,
        tables: ranges.map(relationName),
        only: ranges.some(({ inh }) => inh !== true),
        // The parser counts the modes from 1, weakest first (src/include/storage/lockdefs.h).
        mode: lockModes[(mode ?? lockModes.length) - 1] ?? 'ACCESS EXCLUSIVE',
      },
    ];
  },

  apply: (catalog) => catalog,
  touches: () => ({ reads: [], writes: [] }),

  effects: ({ tables, mode, only }, catalog) => ({
    ...noEffects,
    locks: tables.flatMap((name) => {
      const table = resolveTable(catalog, name);
      return only ? lockOn(table, mode) : lockOnFamily(catalog, table, mode);
    }),
  }),

  plan: (change) => [
    directStep('expand', change.sql, nothingToUndo, [
      'It holds for this step only: every other step takes the locks that it needs and gives them back at its end.',
    ]),
  ],

  undo: () => nothingToUndo,
};
