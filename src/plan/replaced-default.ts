/**
 * `DROP DEFAULT`, a change of type, `SET DEFAULT`, all of one column: how a default that does not fit the new type is
 * carried over (Prisma and Drizzle write it so to change an enum).
 *
 * Run one by one, the column would be without a default from the first to the last of them, and whoever relies on it
 * would fail meanwhile. So the old default stays until the new column takes the old one's place, and goes with it.
 */
import type { AlterColumnType, Change, SetDefault } from '../operations/change.ts';
import { transactional, type StepDraft } from '../operations/step-draft.ts';

/** By the change of type, the DROP DEFAULT that it makes unnecessary. */
export function replacedDefaults(changes: readonly Change[]): ReadonlyMap<AlterColumnType, SetDefault> {
  const found = new Map<AlterColumnType, SetDefault>();
  for (const [position, drop] of changes.entries()) {
    if (drop.kind !== 'set_default' || drop.default !== null) continue;
    const [change, set] = changes.slice(position + 1).filter((later) => concerns(later, drop));
    if (change?.kind === 'alter_column_type' && set?.kind === 'set_default' && set.default !== null)
      found.set(change, drop);
  }
  return found;
}

/** On a small table the change of type runs as written, and then the old default must be out of its way. */
export function withDefaultDropped(
  drafts: readonly StepDraft[],
  change: Change,
  drop: SetDefault,
): readonly StepDraft[] {
  return drafts.map((draft) =>
    draft.run.kind === 'sql' && draft.run.transaction && draft.run.statements.includes(change.sql)
      ? { ...draft, run: transactional(drop.sql, ...draft.run.statements) }
      : draft,
  );
}

/** Whether the change is about the same column, or about the whole table, so that it could matter in between. */
function concerns(change: Change, { table, column }: SetDefault): boolean {
  if (!('table' in change) || change.table === null) return false;
  if (change.table.name !== table.name || change.table.schema !== table.schema) return false;
  return !('column' in change) || change.column === column;
}
