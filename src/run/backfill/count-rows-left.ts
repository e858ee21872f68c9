/**
 * The last count: rows that the job should have put right and has not, by the plan's own predicate. In the stretches of
 * the chunks, under the same throttle, so that no statement takes long and nothing holds back the vacuum; the first and the last stretch of a
 * table are open, so that rows outside of all chunks are counted too, and a table that came later as a whole.
 */
import { qualifiedName } from '../../sql/identifier.ts';
import type { ChunkRecord } from '../ledger/backfill-records.ts';
import type { QualifiedName } from '../../catalog/model.ts';
import type { Session } from '../session.ts';
import { verifySql, type OpenSpan } from './batch-statements.ts';
import { leavesOf } from './leaves.ts';
import { patiently } from './patience.ts';
import { withReadingSettings } from './quiet-session.ts';
import type { Workplace } from './workplace.ts';

type Part = {
  readonly table: QualifiedName;
  readonly within: { readonly chunk: ChunkRecord; readonly span: OpenSpan } | null;
};

/** 0 where it cannot be told. */
export async function countRowsLeft(
  place: Workplace,
  session: Session,
  chunks: readonly ChunkRecord[],
): Promise<bigint> {
  const { run, policy, name } = place;
  const { verify } = run;
  if (verify === null) return 0n;
  return withReadingSettings(session, policy, async () => {
    let left = 0n;
    const leaves = await patiently(place, name, run, () => leavesOf(session, run.table));
    for (const part of leaves.flatMap(({ table }) => partsOf(table, chunks))) {
      await place.throttle.admit(place.signal);
      left += await patiently(place, name, run, async () => {
        const statement = verifySql(run, verify, part.table, part.within);
        const { rows } = await session.query<{ rows: string }>(statement, [], { signal: place.signal });
        return BigInt(rows[0]?.rows ?? '0');
      });
    }
    return left;
  });
}

function partsOf(table: QualifiedName, all: readonly ChunkRecord[]): readonly Part[] {
  const chunks = all.filter((chunk) => qualifiedName(chunk.table) === qualifiedName(table));
  if (chunks.length === 0) return [{ table, within: null }];
  return chunks.map((chunk, index) => {
    const after = index === 0 ? null : chunk.lower;
    const upTo = index === chunks.length - 1 ? null : chunk.upper;
    return { table, within: { chunk, span: { after, upTo } } };
  });
}
