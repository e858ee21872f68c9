/**
 * How long a backfill still takes, as a span: from the fastest to the slowest of the speeds it has had, over the last
 * seconds, the last minutes and its whole life. The pauses that it was made to take count too, so that a backfill which
 * gives way to traffic says so. Pure.
 */

export type RemainingTime = {
  readonly seconds: number;
  /** If it went on as fast as it has been. */
  readonly atBest: number;
  /** If it went on as slowly as it has been. */
  readonly atWorst: number;
};

/** How many rows had been looked at by then; `at` in milliseconds of any clock. */
export type Sample = { readonly at: number; readonly rows: number };

const spansMs = [60_000, 10_000, 300_000] as const; // the first one is what the time is told by
const longestSpanMs = 300_000;
const leastSpanMs = 500; // a shorter one says more about one batch than about the backfill

/** The samples with one more; what is too old to matter goes. */
export function addSample(samples: readonly Sample[], sample: Sample): readonly Sample[] {
  const last = samples.at(-1);
  // Fewer rows than before: a chunk was begun anew, and what was measured of the old one says nothing.
  const known = last !== undefined && sample.rows < last.rows ? [] : samples;
  // The last one before the span stays, so that the span is measured to its beginning.
  const firstNeeded = known.findLastIndex(({ at }) => sample.at - at >= longestSpanMs);
  return [...known.slice(Math.max(0, firstNeeded)), sample];
}

/** Rows a second over each of the spans, as far as there are samples; the one that counts most first. */
export function speeds(samples: readonly Sample[]): readonly number[] {
  const last = samples.at(-1);
  if (last === undefined) return [];
  return spansMs.flatMap((span) => {
    const first = samples.findLast(({ at }) => last.at - at >= span) ?? samples[0];
    if (first === undefined || last.at - first.at < leastSpanMs) return [];
    return [((last.rows - first.rows) * 1_000) / (last.at - first.at)];
  });
}

/** Null when it stands still. */
export function remainingTime(rowsLeft: number, rowsPerSecond: readonly number[]): RemainingTime | null {
  const moving = rowsPerSecond.filter((speed) => speed > 0);
  const [main] = moving;
  if (main === undefined) return null;
  return {
    seconds: rowsLeft / main,
    atBest: rowsLeft / Math.max(...moving),
    atWorst: rowsLeft / Math.min(...moving),
  };
}
