/**
 * What the position in the write-ahead log was at which time: a standby that has replayed up to some position is as far
 * behind as the time since the log first stood beyond it. Pure.
 *
 * `pg_stat_replication.replay_lag` is not used: it is blind for up to ten seconds while replay stands still, and goes on
 * telling the old lag after the standby has caught up (measured). This is true to one interval of sampling.
 */

type Entry = { readonly at: number; readonly position: number };

/** Oldest first; positions and times only grow. */
export type LsnRing = readonly Entry[];

const mostEntries = 1_024; // four minutes of samples; older ones are thinned out, not forgotten

/** Positions are bytes since the start of the log: below 2^53 for the first nine petabytes. */
export function addPosition(ring: LsnRing, position: number, at: number): LsnRing {
  const last = ring.at(-1);
  if (last !== undefined && position <= last.position) return ring;
  const longer = [...ring, { at, position }];
  if (longer.length <= mostEntries) return longer;
  // Every second one of the older half goes; the first stays, because it says how long we have been looking.
  const half = longer.length / 2;
  return longer.filter((_, index) => index >= half || index % 2 === 0);
}

/** How long ago the log first stood beyond `position`, as far as the ring goes back; 0 when it does not. */
export function behindMs(ring: LsnRing, position: number, now: number): number {
  const first = ring.find((entry) => entry.position > position);
  return first === undefined ? 0 : now - first.at;
}

/** Bytes a second over about the last `spanMs`; null before there are two samples. */
export function bytesPerSecond(ring: LsnRing, position: number, now: number, spanMs: number): number | null {
  const start = ring.findLast((entry) => now - entry.at >= spanMs) ?? ring[0];
  if (start === undefined || now <= start.at) return null;
  return ((position - start.position) / (now - start.at)) * 1_000;
}
