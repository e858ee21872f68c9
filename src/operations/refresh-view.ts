/**
 * REFRESH MATERIALIZED VIEW (row 31).
 *
 * As written it holds ACCESS EXCLUSIVE on the view while its query runs: everybody who reads it waits (measured:
 * refresh_matview). CONCURRENTLY, it compares the new rows with the old ones and lets reads go on (EXCLUSIVE, measured:
 * refresh_matview_concurrently_in_tx), for which it needs a unique index over plain columns, without a condition, on a view
 * that has rows (measured: refresh_matview_concurrently_no_index and its like fail).
 */
import { updateView } from '../catalog/edit.ts';
import { resolveView } from '../catalog/lookup.ts';
import { objectKey, type Catalog, type QualifiedName, type View } from '../catalog/model.ts';
import { qualified, sql } from '../sql/template.ts';
import type { RefreshView } from './change.ts';
import { relationName } from './decode/names.ts';
import { noEffects } from './effects.ts';
import type { Operation } from './operation.ts';
import { directStep } from './pieces/direct.ts';
import { lockOnRelation } from './pieces/locks.ts';
import { nothingToUndo, transactional, undoBy, type StepDraft } from './step-draft.ts';
import { touchRelation, touchRows } from './touch.ts';

export const refreshView: Operation<RefreshView> = {
  kind: 'refresh_view',

  decode(part) {
    if (!('RefreshMatViewStmt' in part.node)) return null;
    const { relation, concurrent, skipData } = part.node.RefreshMatViewStmt;
    const view = relationName(relation);
    return [
      {
        kind: 'refresh_view',
        sql: part.sql,
        view,
        concurrently: concurrent === true,
        withData: skipData !== true,
      },
    ];
  },

  apply(catalog, change) {
    const view = resolveView(catalog, change.view);
    return view === null ? catalog : updateView(catalog, view, (each) => ({ ...each, populated: change.withData }));
  },

  touches(change, catalog) {
    const view = resolveView(catalog, change.view);
    const read = view === null ? [] : tablesBehind(catalog, view);
    return {
      reads: [touchRelation(catalog, change.view), ...read.map((table) => touchRows(catalog, table))],
      writes: [touchRows(catalog, change.view)],
    };
  },

  effects(change, catalog) {
    const view = resolveView(catalog, change.view);
    return {
      ...noEffects,
      locks: lockOnRelation(catalog, change.view, change.concurrently ? 'EXCLUSIVE' : 'ACCESS EXCLUSIVE'),
      rewrites: change.concurrently || view === null ? [] : [{ schema: view.schema, name: view.name }],
    };
  },

  plan(change, { catalog }): readonly StepDraft[] {
    const view = resolveView(catalog, change.view);
    const obstacle = view === null ? 'nothing is known of it' : whyNotConcurrently(view);
    if (change.concurrently || !change.withData) {
      const emptied = !change.withData && view?.populated !== false;
      const notes = emptied ? ['From then on the view cannot be read, so it waits for contract.'] : [];
      return [
        { ...directStep(emptied ? 'contract' : 'expand', change.sql, nothingToUndo, notes), exemption: 'inherent' },
      ];
    }
    if (view !== null && obstacle === null) {
      return [
        {
          phase: 'expand',
          title: `Refresh ${view.name} while it is read`,
          run: transactional(sql`REFRESH MATERIALIZED VIEW CONCURRENTLY ${qualified(view)}`.text),
          undo: nothingToUndo,
          notes: [],
          exemption: 'inherent',
        },
      ];
    }
    const nobodyReads = view !== null && !view.populated;
    const note = nobodyReads
      ? 'The view has no rows yet, so nobody reads it.'
      : `Whoever reads ${change.view.name} waits until it is done, because ${obstacle ?? 'it cannot be done concurrently'}.`;
    return [{ ...directStep('expand', change.sql, refreshView.undo(change, catalog), [note]), exemption: 'inherent' }];
  },

  // The rows before are the same query's, only older.
  undo(change, catalog) {
    const view = resolveView(catalog, change.view);
    if (view === null || view.populated || !change.withData) return nothingToUndo;
    return undoBy(transactional(sql`REFRESH MATERIALIZED VIEW ${qualified(view)} WITH NO DATA`.text));
  },
};

/** Null when Postgres can do it (is_usable_unique_index in matview.c). */
function whyNotConcurrently(view: View): string | null {
  if (!view.populated) return 'it has no rows yet';
  const usable = view.indexes.some(
    ({ unique, valid, method, predicate, keys }) =>
      unique && valid && method === 'btree' && predicate === null && keys.every(({ column }) => column !== null),
  );
  return usable ? null : 'it has no unique index over plain columns and without a condition';
}

/** The tables and materialized views whose rows it is made of. */
function tablesBehind(catalog: Catalog, view: View, seen: ReadonlySet<string> = new Set()): readonly QualifiedName[] {
  return view.uses.flatMap(({ table }) => {
    const key = objectKey(table);
    const below = catalog.views.get(key);
    if (below === undefined || below.kind === 'materialized') return [table];
    return seen.has(key) ? [] : tablesBehind(catalog, below, new Set([...seen, key]));
  });
}
