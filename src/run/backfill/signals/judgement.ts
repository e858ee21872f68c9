/**
 * How much a signal presses, from what is known of it by now. Pure.
 *
 * Fail closed: a signal that could not be measured, or was last measured too long ago, counts as one at its limit, unless
 * it was called optional. What our role may not see is told and does not count, unless somebody asked for it by name.
 */
import { pressureOf, type Measure, type Reading, type Watch } from './signal.ts';

/** What is known of a signal. */
export type Sample = {
  /** When the measuring ended; null before the first time. */
  readonly at: number | null;
  readonly result: { readonly kind: 'failed'; readonly reason: string } | Reading | null;
};

export type Judgement = {
  readonly signal: string;
  readonly state: 'easy' | 'near' | 'over' | 'failed' | 'unavailable';
  /** Value ÷ limit of the worst measure; 1 for one that is counted as being at its limit. */
  readonly pressure: number;
  /** The worst; null when there is none. */
  readonly measure: Measure | null;
  /** Why it has no value, for people. */
  readonly reason: string | null;
};

const staleAfterMs = 2_000; // eight samples missed: what it says is about another time

export function judge(watch: Watch, sample: Sample, now: number, easyBelow: number): Judgement {
  const { at, result } = sample;
  const uncounted = watch.optional ? 0 : 1;
  if (result === null || at === null) {
    return told(watch, 'failed', uncounted, 'it has not been measured yet');
  }
  if (result.kind === 'unavailable') {
    const pressure = watch.wanted ? uncounted : 0;
    return told(watch, 'unavailable', pressure, `our role may not see it: it needs ${result.needs}`);
  }
  if (now - at > watch.everyMs + staleAfterMs) {
    return told(watch, 'failed', uncounted, `it was last measured ${Math.round((now - at) / 1_000)} s ago`);
  }
  if (result.kind === 'failed') return told(watch, 'failed', uncounted, result.reason);
  const measure = worstOf(result.measures);
  const pressure = measure === null ? 0 : pressureOf(measure);
  const state = pressure >= 1 ? 'over' : pressure >= easyBelow ? 'near' : 'easy';
  return { signal: watch.name, state, pressure, measure, reason: null };
}

/** The one that presses most; of several that do not press, the first. */
export function worstJudgement(judgements: readonly Judgement[]): Judgement | null {
  return judgements.reduce<Judgement | null>(
    (worst, one) => (worst === null || one.pressure > worst.pressure ? one : worst),
    null,
  );
}

function worstOf(measures: readonly Measure[]): Measure | null {
  return measures.reduce<Measure | null>(
    (worst, one) => (worst === null || pressureOf(one) > pressureOf(worst) ? one : worst),
    null,
  );
}

function told(watch: Watch, state: Judgement['state'], pressure: number, reason: string): Judgement {
  return { signal: watch.name, state, pressure, measure: null, reason };
}
