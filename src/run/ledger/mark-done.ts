/**
 * Enters migrations as done that ran without us: by another tool, or by hand before there was a ledger. All of them in one
 * transaction: if the process dies, none is marked.
 */
import type { MigrationFile } from '../../plan/migration-file.ts';
import { onwardVersion } from '../../onward-version.ts';
import { clockTimestamp, fenced, tables, type Ledger } from './ledger.ts';

export type DoneElsewhere = {
  readonly file: MigrationFile;
  /** Null: nobody knows; the time of marking is kept. */
  readonly at: Date | null;
  /** How it is known that it ran, for people. */
  readonly note: string;
};

const rowsAtOnce = 500; // far below the server's 65,535 values of one statement

export async function markDone(ledger: Ledger, migrations: readonly DoneElsewhere[]): Promise<void> {
  if (migrations.length === 0) return;
  await fenced(ledger, async () => {
    const db = tables(ledger);
    for (let first = 0; first < migrations.length; first += rowsAtOnce) {
      const rows = migrations.slice(first, first + rowsAtOnce).map(({ file, at, note }) => rowOf(file, at, note));
      // One that was rolled back, or entered and never begun, is still there.
      await db
        .deleteFrom('migration')
        .where(
          'name',
          'in',
          rows.map(({ name }) => name),
        )
        .execute();
      await db.insertInto('migration').values(rows).execute();
    }
  });
}

function rowOf({ name, checksum }: MigrationFile, at: Date | null, note: string) {
  const plan = { name, checksum, steps: [], notes: [note], waitsFor: null, versions: [] };
  const moment = at ?? clockTimestamp;
  return {
    name,
    checksum,
    status: 'done' as const,
    plan: JSON.stringify(plan),
    onward_version: onwardVersion,
    created_at: moment,
    expanded_at: moment,
    backfilled_at: moment,
    finished_at: moment,
  };
}
