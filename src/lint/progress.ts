/** Where the linter is in a file: the schema at that point, what the session has set, and what its transaction holds. */
import type { Catalog } from '../catalog/model.ts';
import type { Change } from '../operations/change.ts';
import { foldedChanges } from './fold-change.ts';
import { locksAfter, type HeldLock } from './held-locks.ts';
import { afterRaw, afterSet, afterTransactionControl, endsTransaction, type SessionState } from './session-state.ts';
import { afterChange, isNewTable, type Unshipped } from './unshipped.ts';

/** What is known of the schema at one point of the files. */
export type SchemaState = {
  readonly catalog: Catalog;
  readonly unshipped: Unshipped;
  /** Keys of tables of which nothing is known but that they exist. */
  readonly assumed: ReadonlySet<string>;
};

export type Progress = SchemaState & { readonly session: SessionState; readonly held: readonly HeldLock[] };

export function advance(progress: Progress, change: Change): Progress {
  const { session, catalog, unshipped } = progress;
  if (change.kind === 'transaction_control') {
    const held = endsTransaction(change) ? [] : progress.held;
    return { ...progress, session: afterTransactionControl(session, change), held };
  }
  const folded = foldedChanges(change, catalog);
  return {
    ...progress,
    catalog: folded.at(-1)?.after ?? catalog,
    unshipped: folded.reduce((state, each) => afterChange(state, each.change, each.before, each.after), unshipped),
    session: afterChangeOfSession(session, change),
    held: folded.reduce(
      (held, each) =>
        locksAfter(held, each.change, each.before, each.after, (table) => isNewTable(unshipped, each.before, table)),
      progress.held,
    ),
  };
}

function afterChangeOfSession(session: SessionState, change: Change): SessionState {
  if (change.kind === 'set_session') return afterSet(session, change);
  return change.kind === 'raw' ? afterRaw(session, change) : session;
}
