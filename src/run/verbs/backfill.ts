/** `migrate backfill`: fills existing rows in batches, while both versions of the application run. */
import { MigrateError } from '../../errors.ts';
import type { Runner } from '../runner.ts';
import { decide } from '../steps/decide.ts';
import { advanceAll, type VerbResult } from './result.ts';
import { selectMigrations, type Names } from './selection.ts';

/**
 * Without names: what is expanded and not yet backfilled; a migration beside it that is half expanded does not hold it up.
 * Throws NOT_EXPANDED before anything is changed.
 */
export async function backfillMigrations(runner: Runner, options: Names = {}): Promise<VerbResult> {
  const selected = await selectMigrations(runner, options);
  const ready = selected.filter((record) => record.status === 'expanded' || record.status === 'backfilling');
  const records = options.names === undefined && ready.length > 0 ? ready : selected;
  for (const record of records) {
    const action = decide(record, 'backfill');
    if (action.kind !== 'refuse') continue;
    throw new MigrateError(action.code, action.message, { hint: action.hint, details: { migration: record.name } });
  }
  return advanceAll(runner, 'backfill', records);
}
