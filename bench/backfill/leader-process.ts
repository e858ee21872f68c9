/** Leads the backfill of a database, and writes a line after each batch. One argument: its URL. */
import process from 'node:process';
import { runBackfill } from './made-tables.ts';

await runBackfill(process.argv[2] ?? '', {
  backfills: { largestBatchSize: 1_000 },
  onEvent: ({ kind }) => void (kind === 'backfill_batch' && process.stdout.write('batch\n')),
});
