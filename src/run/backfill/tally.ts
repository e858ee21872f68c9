/**
 * What all workers on a job have done, for its progress: counted here after each batch, and taken from the ledger every
 * two seconds, because other processes may be at work too.
 */
import { qualified, sql } from '../../sql/template.ts';
import type { JobKey } from '../ledger/backfill-tables.ts';
import type { Clock } from '../clock.ts';
import type { BackfillProgress } from '../run-event.ts';
import type { Session } from '../session.ts';
import { isJob } from './chunk-lease.ts';
import { reportProgress } from './progress.ts';

export type Tally = {
  /** After each batch of any worker of this process. */
  add(
    session: Session,
    batch: { readonly changed: number; readonly scanned: number; readonly size: number },
  ): Promise<void>;
  /** Rows that were looked at since the process began. */
  scanned(): number;
  finished(session: Session): Promise<void>;
};

const refreshMs = 2_000;

export function makeTally(
  schema: string,
  key: JobKey,
  start: { readonly rowsDone: number; readonly rowsScanned: number; readonly estimate: number },
  clock: Clock,
  tell: (progress: BackfillProgress) => void,
): Tally {
  let counts = { ...start, batchSize: 0 };
  let refreshedAt = clock.now();
  let scanned = 0;
  const report = reportProgress({ rowsScanned: start.rowsScanned, now: clock.now() }, tell);

  async function refresh(session: Session): Promise<void> {
    refreshedAt = clock.now();
    const { rows } = await session.query<{ done: string; scanned: string }>(
      sql`select coalesce(sum(rows_done), 0)::text as done, coalesce(sum(rows_scanned), 0)::text as scanned
        from ${qualified({ schema, name: 'backfill_chunk' })} where ${isJob(key)}`.text,
    );
    counts = { ...counts, rowsDone: Number(rows[0]?.done), rowsScanned: Number(rows[0]?.scanned) };
  }

  return {
    async add(session, batch) {
      scanned += batch.scanned;
      counts = {
        ...counts,
        rowsDone: counts.rowsDone + batch.changed,
        rowsScanned: counts.rowsScanned + batch.scanned,
        batchSize: batch.size,
      };
      if (clock.now() - refreshedAt >= refreshMs) await refresh(session);
      report.moved(counts, clock.now());
    },
    scanned: () => scanned,
    async finished(session) {
      await refresh(session);
      report.finished(counts, clock.now());
    },
  };
}
