/**
 * A process for tests that kill it, or cut it off: leads the backfills of a database, takes part in them, or tries the
 * rows again that were left out; and writes each event as a line of JSON. One argument, JSON.
 */
import process from 'node:process';
import { backfill, MigrateError, retryBackfill, workOnBackfills } from '../../src/index.ts';
import type { RunOptions } from '../../src/index.ts';

type Task = { readonly role: 'lead' | 'join' | 'retry'; readonly options: RunOptions };

const { role, options }: Task = JSON.parse(process.argv[2] ?? '');
const onEvent = (event: object): void => void process.stdout.write(`${JSON.stringify(event)}\n`);
try {
  if (role === 'join') {
    await workOnBackfills({ ...options, onEvent, until: 'interrupted' });
  } else {
    const { error } = await (role === 'lead' ? backfill : retryBackfill)({ ...options, onEvent });
    if (error !== null) throw error;
  }
} catch (error) {
  if (!(error instanceof MigrateError)) throw error;
  // Whoever was never connected is told at once, and may come again.
  if (error.code.startsWith('CONNECTION_') || error.code === 'READ_ONLY_SERVER') process.exitCode = 75;
  else if (error.details['quarantined'] !== undefined) process.exitCode = 76;
  else throw error;
}
