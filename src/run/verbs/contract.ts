/**
 * `migrate contract`: removes the old shape, once no old version of the application runs any more. After its first
 * step that changes something there is no way back.
 */
import { MigrateError } from '../../errors.ts';
import type { Runner } from '../runner.ts';
import { decide } from '../steps/decide.ts';
import { advanceAll, type VerbResult } from './result.ts';
import { selectMigrations, type Names } from './selection.ts';

/** Throws NOT_EXPANDED and BACKFILL_INCOMPLETE before anything is changed, if only one of the migrations is not ready. */
export async function contractMigrations(runner: Runner, options: Names = {}): Promise<VerbResult> {
  const records = await selectMigrations(runner, options);
  for (const record of records) {
    const action = decide(record, 'contract');
    if (action.kind !== 'refuse') continue;
    throw new MigrateError(action.code, action.message, { hint: action.hint, details: { migration: record.name } });
  }
  return advanceAll(runner, 'contract', records);
}
