/** CREATE TRIGGER (row 26): as written, in expand; SHARE ROW EXCLUSIVE for a moment (measured: create_trigger). */
import { blankTrigger } from '../catalog/blank.ts';
import { putTrigger } from '../catalog/edit.ts';
import { resolveName, resolveTable } from '../catalog/lookup.ts';
import type { Table } from '../catalog/model.ts';
import { identifier, qualified, sql } from '../sql/template.ts';
import type { CreateTrigger } from './change.ts';
import { dottedName, relationName, stringValues } from './decode/names.ts';
import { noEffects } from './effects.ts';
import type { Operation } from './operation.ts';
import { directStep } from './pieces/direct.ts';
import { lockOn, lockOnFamily } from './pieces/locks.ts';
import { descendantsOf } from './pieces/table-family.ts';
import { transactional, undoBy } from './step-draft.ts';
import { touchRelation } from './touch.ts';

/** Bits of CreateTrigStmt in the parse tree (src/include/catalog/pg_trigger.h). */
const timingBits = { before: 2, insteadOf: 64 } as const;
const eventBits = [
  ['insert', 4],
  ['delete', 8],
  ['update', 16],
  ['truncate', 32],
] as const;

export const createTrigger: Operation<CreateTrigger> = {
  kind: 'create_trigger',

  decode(part) {
    if (!('CreateTrigStmt' in part.node)) return null;
    const { trigname, relation, funcname, row, timing = 0, events = 0, columns, replace } = part.node.CreateTrigStmt;
    return [
      {
        kind: 'create_trigger',
        sql: part.sql,
        table: relationName(relation),
        name: trigname ?? '',
        replace: replace === true,
        timing:
          (timing & timingBits.before) !== 0
            ? 'before'
            : (timing & timingBits.insteadOf) !== 0
              ? 'instead of'
              : 'after',
        level: row === true ? 'row' : 'statement',
        events: eventBits.flatMap(([event, bit]) => ((events & bit) === 0 ? [] : [event])),
        updateOf: stringValues(columns),
        function: dottedName(funcname),
      },
    ];
  },

  apply(catalog, change) {
    const table = resolveTable(catalog, change.table);
    if (table === null) return catalog;
    const { timing, level, events, updateOf } = change;
    const trigger = blankTrigger(change.name, change.sql, resolveName(catalog, change.function), {
      timing,
      level,
      events,
      updateOf,
    });
    return toPartitions(table, change)
      ? descendantsOf(catalog, table).reduce(
          (edited, partition) => putTrigger(edited, partition, { ...trigger, inherited: true }),
          putTrigger(catalog, table, trigger),
        )
      : putTrigger(catalog, table, trigger);
  },

  touches: (change, catalog) => ({
    reads: [touchRelation(catalog, change.function)],
    writes: [touchRelation(catalog, change.table)],
  }),

  effects(change, catalog) {
    const table = resolveTable(catalog, change.table);
    const mode = 'SHARE ROW EXCLUSIVE';
    return {
      ...noEffects,
      locks: toPartitions(table, change) ? lockOnFamily(catalog, table, mode) : lockOn(table, mode),
    };
  },

  plan: (change, { catalog }) => [directStep('expand', change.sql, createTrigger.undo(change, catalog))],

  undo(change, catalog) {
    const table = resolveTable(catalog, change.table);
    const before = table?.triggers.find((trigger) => trigger.name === change.name);
    const drop =
      sql`DROP TRIGGER IF EXISTS ${identifier(change.name)} ON ${qualified(resolveName(catalog, change.table))}`.text;
    return undoBy(transactional(drop, ...(before === undefined ? [] : [before.definition])));
  },
};

/** Row triggers of a partitioned table are made on its partitions too (measured: create_trigger.of_partitioned). */
function toPartitions(table: Table | null, { level }: CreateTrigger): boolean {
  return table?.kind === 'partitioned' && level === 'row';
}
