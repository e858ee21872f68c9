/**
 * A column that an UPDATE of the migration copies and that the migration then drops: what the old version writes into it
 * between the two is copied by nobody. The plain SQL had no such time in between, so the person cannot see it in the file.
 * A trigger of the same file may well copy it.
 */
import type { Change } from '../operations/change.ts';

export function missedWrites(changes: readonly Change[]): readonly string[] {
  const notes = changes.flatMap((update, position) => {
    if (update.kind !== 'change_rows' || update.command !== 'update') return [];
    return changes.slice(position + 1).flatMap((drop) => {
      if (drop.kind !== 'drop_column' || drop.table.name !== update.table.name || update.assigned.includes(drop.column))
        return [];
      if (!update.usedColumns.includes(drop.column) || hasTrigger(changes, drop.table.name)) return [];
      return [
        `What the old version writes into ${drop.table.name}.${drop.column} after the UPDATE is in no other column when contract drops it. To keep it, write the UPDATE's expression above ADD COLUMN, as -- migrate:using, and the way back above DROP COLUMN, as -- migrate:reverse, in place of the UPDATE.`,
      ];
    });
  });
  return [...new Set(notes)];
}

function hasTrigger(changes: readonly Change[], table: string): boolean {
  return changes.some((change) => change.kind === 'create_trigger' && change.table.name === table);
}
