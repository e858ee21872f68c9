/**
 * Names the row that cannot be changed. In a key range the batch of one row is the answer; in a block each of its rows
 * is tried in a transaction that is rolled back, whatever comes of it.
 */
import type { BackfillRun } from '../../operations/step-draft.ts';
import { sqlstateOf } from '../../postgres/sqlstate.ts';
import type { FrozenValue } from '../ledger/backfill-tables.ts';
import type { Session } from '../session.ts';
import { changeOneSql, rowsOfBlockSql, type ChunkShape } from './batch-statements.ts';
import type { Stretch } from './stretches.ts';

export type FailingRow = {
  readonly columns: readonly string[];
  readonly values: readonly string[];
  /** What the server said about this very row. */
  readonly cause: unknown;
};

class TriedOnly extends Error {}

export async function rowThatFails(
  session: Session,
  run: BackfillRun,
  once: readonly FrozenValue[],
  range: ChunkShape,
  stretch: Stretch,
  cause: unknown,
): Promise<FailingRow> {
  if (range.kind === 'key') return { columns: range.columns, values: stretch.cursor, cause };
  const block = 'from' in stretch.span ? stretch.span.from : 0;
  const { rows } = await session.query<{ ctid: string }>(rowsOfBlockSql(run, range, block));
  for (const { ctid } of rows) {
    try {
      await session.transaction(async () => {
        await session.query(changeOneSql(run, once, range, ctid));
        throw new TriedOnly(); // rolls back
      });
    } catch (error) {
      if (error instanceof TriedOnly) continue;
      if (sqlstateOf(error) === null) throw error;
      return { columns: ['ctid'], values: [ctid], cause: error };
    }
  }
  return { columns: ['block'], values: [String(block)], cause };
}
