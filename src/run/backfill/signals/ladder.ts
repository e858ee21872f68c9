/**
 * The ladder by which a backfill gives way. Pure: pressure and the clock's value in, the next rung out.
 *
 * Pressure is the worst of the signals, each as value ÷ limit. Below 0.8 the pauses between batches shrink by 10 % a
 * second, down to what was asked for; from 0.8 to 1 they stay; at 1 the backfill pauses at once, between two batches and
 * so without a transaction, until the pressure is below 0.8 again. The gap keeps it from stuttering around the limit, and
 * each pause makes it come back slower than it left.
 *
 * Pressure that stays at the critical mark or beyond for some seconds makes a hold: whoever works lets go of what he has
 * claimed, and nobody asks again for five minutes. A day of holds is more than traffic: the job stops, and a person
 * starts it again. The first seconds are a pause, because a standby that restarts is back by then.
 */

export type LadderPolicy = {
  /** Pressure below which a pause ends and the work speeds up. */
  readonly easyBelow: number;
  /** Pressure at which it is no longer a matter of waiting a little. */
  readonly critical: number;
  /** For how long it must be critical before the job is held. */
  readonly criticalForMs: number;
  readonly holdMs: number;
  /** Holds in a row after which a person is needed. */
  readonly mostHolds: number;
  /** Pause after a batch as a multiple of its time, when nothing presses. */
  readonly nice: number;
  /** As much as a pause may leave behind. */
  readonly mostNice: number;
};

export const defaultLadderPolicy: LadderPolicy = {
  easyBelow: 0.8,
  critical: 5,
  criticalForMs: 10_000, // a standby that restarts is back in less
  holdMs: 300_000,
  mostHolds: 288, // a day: longer than any nightly dump
  nice: 0,
  mostNice: 10, // one batch in eleven times its own time: slower than that, and it would not end
};

const leastResumeNice = 0.5; // after a pause two thirds of the time are work
const easedEachSecond = 0.9;
const negligibleNice = 0.01; // of a batch of 100 ms: a millisecond

export type Rung = 'running' | 'paused' | 'held' | 'stopped';

export type Ladder = {
  readonly rung: Rung;
  readonly nice: number;
  /** When the rung was reached; a hold that is prolonged begins again. */
  readonly since: number;
  /** When the work last stopped; null while it runs. */
  readonly idleSince: number | null;
  readonly criticalSince: number | null;
  /** Holds since the work last ran. */
  readonly holds: number;
  readonly at: number;
};

export function firstRung(policy: LadderPolicy, now: number): Ladder {
  return { rung: 'running', nice: policy.nice, since: now, idleSince: null, criticalSince: null, holds: 0, at: now };
}

export function nextRung(before: Ladder, pressure: number, now: number, policy: LadderPolicy): Ladder {
  const criticalSince = pressure >= policy.critical ? (before.criticalSince ?? now) : null;
  const here: Ladder = { ...before, criticalSince, at: now };
  switch (before.rung) {
    case 'running':
      if (pressure >= 1) return { ...here, rung: 'paused', since: now, idleSince: now };
      return pressure < policy.easyBelow ? { ...here, nice: eased(before, now, policy) } : here;
    case 'paused':
      if (criticalSince !== null && now - criticalSince >= policy.criticalForMs) return held(here, now);
      return pressure < policy.easyBelow ? resumed(here, now, policy) : here;
    case 'held':
      if (now - before.since < policy.holdMs) return here;
      if (pressure < policy.easyBelow) return resumed(here, now, policy);
      if (pressure < policy.critical) return { ...here, rung: 'paused', since: now };
      return before.holds >= policy.mostHolds ? { ...here, rung: 'stopped', since: now } : held(here, now);
    case 'stopped':
      return here;
  }
}

function held(before: Ladder, now: number): Ladder {
  return { ...before, rung: 'held', since: now, holds: before.holds + 1 };
}

function resumed(before: Ladder, now: number, policy: LadderPolicy): Ladder {
  const nice = Math.min(Math.max(2 * before.nice, leastResumeNice), Math.max(policy.mostNice, policy.nice));
  return { ...before, rung: 'running', nice, since: now, idleSince: null, holds: 0 };
}

function eased(before: Ladder, now: number, policy: LadderPolicy): number {
  // Somebody may ask for longer pauses than there are.
  const excess = Math.max(0, before.nice - policy.nice) * easedEachSecond ** ((now - before.at) / 1_000);
  return excess < negligibleNice ? policy.nice : policy.nice + excess;
}
