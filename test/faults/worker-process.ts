/**
 * A process for tests that kill it: leads the backfills of a database, or takes part in them, and writes each event as a
 * line of JSON. One argument, JSON.
 */
import process from 'node:process';
import { backfill, workOnBackfills } from '../../src/index.ts';
import type { RunOptions } from '../../src/index.ts';

type Task = { readonly leads: boolean; readonly options: RunOptions };

const { leads, options }: Task = JSON.parse(process.argv[2] ?? '');
const onEvent = (event: object): void => void process.stdout.write(`${JSON.stringify(event)}\n`);
if (leads) {
  const { error } = await backfill({ ...options, onEvent });
  if (error !== null) throw error;
} else {
  await workOnBackfills({ ...options, onEvent, until: 'interrupted' });
}
