/**
 * The ledger row of a backfill: made when it begins, claimed by each run that goes on with it, and ended together with
 * its step.
 */
import { MigrateError } from '../../errors.ts';
import type { BackfillRun } from '../../operations/step-draft.ts';
import { fenced, leaseLost, recordedError, tables, type Ledger } from '../ledger/ledger.ts';
import { readBackfills, type BackfillRecord } from '../ledger/records.ts';
import type { RecordedError } from '../ledger/tables.ts';
import type { JobName } from './batch-statements.ts';
import { freezeRanges } from './ranges.ts';
import { sql } from 'kysely';

/**
 * The job as it stands, claimed with our token: from here on a batch of an older runner changes nothing. The claim waits
 * for the row lock of such a batch while it is still running on the server, and then sees the cursor that it left.
 */
export async function claimJob(
  ledger: Ledger,
  name: JobName,
  run: BackfillRun,
  firstBatchSize: number,
): Promise<BackfillRecord> {
  const { session, schema, token } = ledger;
  const known = await findJob(ledger, name);
  if (known === null) {
    const { ranges, estimate } = await freezeRanges(session, run);
    // If we die before this commits, the next run freezes anew: no row has been touched yet.
    await fenced(ledger, async () => {
      await tables(ledger)
        .insertInto('backfill')
        .values({
          ...name,
          status: 'running',
          ranges: JSON.stringify(ranges),
          estimate,
          batch_size: firstBatchSize,
          token,
        })
        .execute();
    });
  } else if (known.status !== 'done') {
    await fenced(ledger, async () => {
      await tables(ledger)
        .updateTable('backfill')
        .set({ token, status: 'running' })
        .where('migration', '=', name.migration)
        .where('step', '=', name.step)
        .where('purpose', '=', name.purpose)
        .execute();
    });
  }
  const claimed = await findJob(ledger, name);
  if (claimed === null)
    throw new MigrateError('INTERNAL', `The backfill of ${name.migration} vanished from ${schema}.`);
  return claimed;
}

async function findJob(ledger: Ledger, name: JobName): Promise<BackfillRecord | null> {
  const jobs = await readBackfills(ledger.session, ledger.schema, name.migration);
  return jobs.find((job) => job.step === name.step && job.purpose === name.purpose) ?? null;
}

/** On to the next range, or to the first one of another sweep. */
export async function moveToRange(
  ledger: Ledger,
  name: JobName,
  to: { readonly range: number; readonly sweep: number; readonly ranges?: BackfillRecord['ranges'] },
): Promise<void> {
  await updateJob(ledger, name, (query) =>
    query.set({
      range: to.range,
      sweep: to.sweep,
      cursor: null,
      ...(to.ranges === undefined ? {} : { ranges: JSON.stringify(to.ranges) }),
    }),
  );
}

/** The job and its step are done together. */
export async function finishJob(ledger: Ledger, name: JobName, recordStep: () => Promise<void>): Promise<void> {
  await fenced(ledger, async () => {
    await ownJob(ledger, name)
      .set({ status: 'done', finished_at: sql<Date>`clock_timestamp()`, last_error: null })
      .execute();
    await recordStep();
  });
}

export async function stopJob(
  ledger: Ledger,
  name: JobName,
  status: 'paused' | 'failed',
  error: Omit<RecordedError, 'at'>,
): Promise<void> {
  await updateJob(ledger, name, (query) => query.set({ status, last_error: recordedError(error) }));
}

function ownJob(ledger: Ledger, name: JobName) {
  return tables(ledger)
    .updateTable('backfill')
    .where('migration', '=', name.migration)
    .where('step', '=', name.step)
    .where('purpose', '=', name.purpose)
    .where('token', '=', ledger.token);
}

async function updateJob(
  ledger: Ledger,
  name: JobName,
  change: (query: ReturnType<typeof ownJob>) => ReturnType<typeof ownJob>,
): Promise<void> {
  await fenced(ledger, async () => {
    const { numUpdatedRows } = await change(ownJob(ledger, name)).executeTakeFirst();
    if (numUpdatedRows === 0n) throw leaseLost();
  });
}
