/** A batch of what a migration's own statement says: one statement of the server. */
import { batchSql, type BatchReply } from './batch-statements.ts';
import type { Perform } from './workplace.ts';

export const performStatement: Perform = async (worker, { chunk, token }, stretch, checkpoint) => {
  const { session, schema, key, run, once, clock } = worker;
  const fence = { schema, job: key, ordinal: chunk.ordinal, token };
  const startedAt = clock.now();
  // Without the signal: a batch is short, and is finished rather than cancelled.
  const { rows } = await session.query<BatchReply>(
    batchSql(fence, run, once, chunk, stretch.units === 0 ? null : stretch.span, checkpoint),
  );
  const [reply] = rows;
  if (reply === undefined) return null;
  return { ...reply, ms: clock.now() - startedAt };
};
