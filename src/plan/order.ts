/**
 * Keeping the file's order wherever it matters.
 *
 * Every change that has been planned is remembered with what it touches and the phase in which it is finished. A later
 * change that meets it cannot run before that phase; within a phase the order of the file is kept. So `DROP COLUMN a`
 * followed by `ADD COLUMN a` both happen in contract, in this order, although adding a column alone goes to expand.
 */
import { columnOf, resolveName, resolveTable, tableNamed } from '../catalog/lookup.ts';
import { objectKey, type Catalog, type ObjectKey, type QualifiedName } from '../catalog/model.ts';
import type { Change } from '../operations/change.ts';
import { touchesOf, applyChange } from '../operations/index.ts';
import type { Companion, Touches } from '../operations/operation.ts';
import type { Phase } from '../operations/step-draft.ts';
import { conflict, met, overwrites } from '../operations/touch.ts';
import { movesRows } from './tables-of.ts';
import { triggerValues, type TriggerValues } from './trigger-values.ts';

const rank: Readonly<Record<Phase, number>> = { expand: 0, backfill: 1, contract: 2 };

export function latest(...phases: readonly Phase[]): Phase {
  return phases.reduce((a, b) => (rank[b] > rank[a] ? b : a), 'expand');
}

export function isBefore(a: Phase, b: Phase): boolean {
  return rank[a] < rank[b];
}

type Planned = {
  readonly migration: string;
  readonly touches: Touches;
  readonly values: TriggerValues;
  /** When others may build on it: a new column exists from expand on, however late its NOT NULL comes. */
  readonly usableFrom: Phase;
  readonly finishedIn: Phase;
  readonly unfinished: boolean;
};

export type Floor = {
  /** The earliest phase for the change. */
  readonly phase: Phase;
  /** Another migration whose contract must come first, by name. */
  readonly waitsFor: string | null;
  /** True when that one was expanded in an earlier run: the live schema is in between, and nothing can be planned on it. */
  readonly unfinished: boolean;
  /** True when that one waits itself: until it is done, nothing of what it makes or changes is there. */
  readonly behindWaiting: boolean;
};

/** Who creates a table, and in which phase: in a later one it is in use. */
type Created = { readonly migration: string; readonly phase: Phase };

/** What the pending migrations have done so far, as far as later ones depend on it. Grows while a plan is made. */
export class History {
  readonly #planned: Planned[] = [];
  readonly #waiting = new Set<string>();
  readonly #createdTables = new Map<ObjectKey, Created>();
  /** Those of them that got rows from elsewhere: to look through these takes its time. */
  readonly filledTables = new Set<ObjectKey>();
  /** `table key.column` of columns that they add to tables in use. */
  readonly createdColumns = new Set<string>();

  /** The last migration with a statement that may have done anything to the schema. */
  obscuredBy: string | null = null;

  /** Whether the pending migrations create the table in this phase, so that nobody uses it yet. */
  isNewIn(table: QualifiedName, phase: Phase): boolean {
    const created = this.#createdTables.get(objectKey(table));
    return created !== undefined && !isBefore(created.phase, phase);
  }

  /** The pending migration that creates the table. */
  creatorOf(table: QualifiedName): string | null {
    return this.#createdTables.get(objectKey(table))?.migration ?? null;
  }

  /** The phase is that of the change's first step. */
  noteCreated(migration: string, change: Change, catalog: Catalog, phase: Phase): void {
    const created = { migration, phase };
    if (change.kind === 'create_table') {
      const name = resolveName(catalog, change.table);
      // CREATE TABLE IF NOT EXISTS of a table that is there creates nothing.
      if (tableNamed(catalog, name) === null) {
        this.#createdTables.set(objectKey(name), created);
        if (movesRows(change)) this.filledTables.add(objectKey(name));
      }
    }
    if (change.kind === 'change_rows' && change.command === 'insert' && movesRows(change))
      this.filledTables.add(objectKey(resolveName(catalog, change.table)));
    if (change.kind === 'create_object' && change.objectType === 'materialized view')
      this.#createdTables.set(objectKey(resolveName(catalog, change.name)), created);
    if (change.kind === 'add_column') {
      const table = resolveTable(catalog, change.table);
      if (table !== null && columnOf(table, change.column.name) === null)
        this.createdColumns.add(`${objectKey(table)}.${change.column.name}`);
    }
    if (change.kind === 'rename_object' && change.objectType === 'table') {
      const from = resolveName(catalog, change.name);
      const known = this.#createdTables.get(objectKey(from));
      if (known !== undefined) this.#createdTables.set(objectKey({ schema: from.schema, name: change.to }), known);
    }
  }

  /** The phases of its first and of its last step. */
  add(
    migration: string,
    change: Change,
    touches: Touches,
    values: TriggerValues,
    phases: { readonly startedIn: Phase; readonly finishedIn: Phase },
  ): void {
    const { startedIn, finishedIn } = phases;
    const usableFrom = change.kind === 'add_column' ? startedIn : finishedIn;
    const { lasting = touches } = touches;
    this.#planned.push({ migration, touches: lasting, values, usableFrom, finishedIn, unfinished: false });
    if (lasting !== touches)
      this.#planned.push({
        migration,
        touches,
        values,
        usableFrom: startedIn,
        finishedIn: startedIn,
        unfinished: false,
      });
  }

  /** A migration whose contract is still to come: whatever it touches is taken as finished only then. */
  addUnfinished(migration: string, changes: readonly Companion[], catalog: Catalog): void {
    let folded = catalog;
    for (const { change, directives } of changes) {
      this.#planned.push({
        migration,
        touches: touchesOf(change, folded, directives),
        values: triggerValues(change, directives.using, folded),
        usableFrom: 'contract',
        finishedIn: 'contract',
        unfinished: true,
      });
      folded = applyChange(folded, change);
    }
  }

  /** The migration waits for another one's contract, so none of its steps run yet. */
  noteWaiting(migration: string): void {
    this.#waiting.add(migration);
  }

  floorFor(migration: string, touches: Touches, values: TriggerValues): Floor {
    let phase: Phase = 'expand';
    let waitsFor: string | null = null;
    let unfinished = false;
    let behindWaiting = false;
    for (const earlier of this.#planned) {
      const needs = met(earlier.touches.frees ?? [], touches.writes) || conflict(earlier.touches, touches);
      if (this.#waiting.has(earlier.migration) && needs) {
        waitsFor = earlier.migration;
        behindWaiting = true;
      }
      if (earlier.finishedIn === 'expand') continue;
      const unsettled =
        met(earlier.touches.writes, values.reads) ||
        (values.keepsTwoShapes && met(earlier.values.reads, touches.writes));
      if (!unsettled && !conflict(earlier.touches, touches)) continue;
      // Reading what is usable already is no reason to wait for the rest of it; writing it is.
      const onlyReads = !unsettled && !overwrites(touches, earlier.touches);
      const needed = onlyReads ? earlier.usableFrom : earlier.finishedIn;
      if (earlier.migration !== migration && needed === 'contract') {
        waitsFor ??= earlier.migration;
        unfinished ||= earlier.unfinished;
      }
      phase = latest(phase, needed);
    }
    return { phase, waitsFor, unfinished, behindWaiting };
  }
}
