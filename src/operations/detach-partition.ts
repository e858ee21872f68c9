/**
 * ALTER TABLE … DETACH PARTITION (row 29). Its rows go out of the old application's sight, so it waits for contract.
 *
 * As written it takes ACCESS EXCLUSIVE on the parent (measured: detach_partition). CONCURRENTLY it lets reads and writes of
 * the parent go on; a try that was cut off leaves the partition half detached, which FINALIZE ends. Postgres leaves a check
 * of the former bound on the table then, which the plain statement does not, so that is dropped. It cannot be done
 * concurrently where there is a default partition.
 */
import { updateTable } from '../catalog/edit.ts';
import { constraintOf, foreignKeysTo, resolveTable, sameName, tableNamed } from '../catalog/lookup.ts';
import type { Table } from '../catalog/model.ts';
import { has } from '../postgres/version.ts';
import { chooseName } from '../postgres/names.ts';
import { qualified, sql } from '../sql/template.ts';
import type { DetachPartition } from './change.ts';
import { partitionCommand } from './decode/partition-command.ts';
import { noEffects } from './effects.ts';
import type { Operation } from './operation.ts';
import { dropConstraintIfExists } from './pieces/constraint-statement.ts';
import { defaultPartitionOf } from './pieces/default-partition.ts';
import { directStep } from './pieces/direct.ts';
import { lockOn, lockOnFamily } from './pieces/locks.ts';
import { cannotUndo, nothingToUndo, outsideTransaction, transactional, undoBy } from './step-draft.ts';
import { touchRelation } from './touch.ts';

export const detachPartition: Operation<DetachPartition> = {
  kind: 'detach_partition',

  decode(part) {
    const whole = partitionCommand(part, 'AT_DetachPartition');
    const found = whole ?? partitionCommand(part, 'AT_DetachPartitionFinalize');
    if (found === null) return null;
    const { table, ifTableExists, partition, command } = found;
    const concurrently = command.concurrent === true;
    return [
      {
        kind: 'detach_partition',
        sql: part.sql,
        table,
        ifTableExists,
        partition,
        concurrently,
        finalize: whole === null,
        outsideTransaction: concurrently,
      },
    ];
  },

  apply(catalog, change) {
    const table = resolveTable(catalog, change.partition);
    if (table === null || table.partitionOf === null) return catalog;
    const parent = tableNamed(catalog, table.partitionOf.parent);
    return updateTable(catalog, table, (each) => ({
      ...each,
      partitionOf: null,
      // Its columns, checks, keys and indexes stay, as its own; clones of the parent's triggers go.
      constraints: each.constraints.map((constraint) => ({ ...constraint, inherited: false })),
      indexes: each.indexes.map((index) => ({ ...index, partitionOf: null })),
      triggers: each.triggers.filter(
        ({ inherited, name }) => !inherited || parent?.triggers.some((above) => above.name === name) === false,
      ),
    }));
  },

  touches: (change, catalog) => ({
    reads: [],
    writes: [touchRelation(catalog, change.table), touchRelation(catalog, change.partition)],
  }),

  effects(change, catalog) {
    const parent = resolveTable(catalog, change.table);
    const table = resolveTable(catalog, change.partition);
    if (parent === null) return noEffects;
    if (change.concurrently || change.finalize)
      return {
        ...noEffects,
        locks: [...lockOn(parent, 'SHARE UPDATE EXCLUSIVE'), ...lockOnFamily(catalog, table, 'ACCESS EXCLUSIVE')],
      };
    return {
      ...noEffects,
      locks: [
        ...lockOn(parent, 'ACCESS EXCLUSIVE'),
        ...lockOnFamily(catalog, table, 'ACCESS EXCLUSIVE'),
        ...lockOn(defaultPartitionOf(catalog, parent), 'ACCESS EXCLUSIVE'),
        ...parent.constraints.flatMap(({ references }) =>
          references === null ? [] : lockOn(tableNamed(catalog, references.table), 'SHARE ROW EXCLUSIVE'),
        ),
        ...foreignKeysTo(catalog, parent)
          .filter((key) => !sameName(key.table, parent))
          .flatMap((key) => lockOn(key.table, 'ACCESS EXCLUSIVE')),
      ],
    };
  },

  plan(change, { catalog, directives }) {
    const phase = directives.phase ?? 'contract';
    const parent = resolveTable(catalog, change.table);
    const table = resolveTable(catalog, change.partition);
    const undo = detachPartition.undo(change, catalog);
    const note = `The old version may look for the rows of ${change.partition.name} in ${change.table.name} until contract.`;
    if (parent === null || table === null || table.partitionOf === null) return [directStep(phase, change.sql, undo)];
    const beside = defaultPartitionOf(catalog, parent);
    if (beside !== null || !has(catalog.version, 'detachConcurrently')) {
      const why = `${beside?.name ?? ''} is a default partition, so it cannot be done concurrently; the lock is held for a moment.`;
      return [directStep(phase, change.sql, undo, [note, ...(beside === null ? [] : [why])])];
    }
    const detach = sql`ALTER TABLE ${qualified(parent)} DETACH PARTITION ${qualified(table)} CONCURRENTLY`;
    const names = { parent: bare(parent), partition: bare(table) };
    return [
      {
        phase,
        title: `Detach ${table.name} from ${parent.name}`,
        run: outsideTransaction(detach.text, { kind: 'partition_detached', ...names }),
        undo,
        notes: [note],
      },
      ...(change.concurrently
        ? []
        : [
            {
              phase,
              title: `Drop the check of its former bound from ${table.name}`,
              run: transactional(dropConstraintIfExists(table, checkLeftBehind(parent, table))),
              undo: nothingToUndo,
              notes: [],
            },
          ]),
    ];
  },

  undo(change, catalog) {
    const table = resolveTable(catalog, change.partition);
    if (table === null || table.partitionOf === null) return nothingToUndo;
    const { parent, bound } = table.partitionOf;
    if (bound === '') return cannotUndo(`the bound of ${table.name} is not known`);
    const attach = sql`ALTER TABLE ${qualified(parent)} ATTACH PARTITION ${qualified(table)}`.text;
    return undoBy(transactional(`${attach} ${bound}`));
  },
};

function bare({ schema, name }: Table) {
  return { schema, name };
}

/** The name that Postgres gives it (DetachAddConstraintIfNeeded in tablecmds.c adds a check without one). */
function checkLeftBehind(parent: Table, table: Table): string {
  const columns = parent.partitionKeyColumns.length === 1 ? parent.partitionKeyColumns : [];
  return chooseName({ table: table.name, columns, label: 'check' }, (name) => constraintOf(table, name) !== null);
}
