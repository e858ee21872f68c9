/**
 * The throttle of a backfill: asked before each batch, it lets the work go on, makes it wait, or ends it.
 *
 * It puts together what is measured (sampler.ts), what that means (judgement.ts) and what follows from it (ladder.ts). As
 * long as a job is shorter than a quarter of a second nothing is measured at all: it is over before anybody could have
 * noticed it. After that no batch begins before every signal has been seen, and none while one of them is stale.
 *
 * One throttle serves all workers of a process on one table: they share the signals, and pause together.
 */
import { MigrateError } from '../../../errors.ts';
import { qualifiedName } from '../../../sql/identifier.ts';
import type { QualifiedName } from '../../../catalog/model.ts';
import type { Clock } from '../../clock.ts';
import type { Connection } from '../../connection/connection.ts';
import { throwIfInterrupted } from '../../interruption.ts';
import { cancelBlockingSql } from './blocked-sessions.ts';
import { judge, worstJudgement, type Judgement } from './judgement.ts';
import { defaultLadderPolicy, firstRung, nextRung, type Ladder, type LadderPolicy, type Rung } from './ladder.ts';
import { startSampler, type Sampler } from './sampler.ts';
import { defaultSignalSettings, type SignalOptions } from './settings.ts';
import { usualIntervalMs, type Unit } from './signal.ts';

export type ThrottleOptions = {
  readonly signals?: SignalOptions;
  readonly ladder?: Partial<LadderPolicy>;
  /** For how long a job runs before anything is measured. */
  readonly graceMs?: number;
};

/** One signal, for events and for the status. */
export type SignalState = {
  readonly signal: string;
  readonly state: Judgement['state'];
  /** Null when there is nothing to measure, when it could not be, and for what is beyond any limit (`over`). */
  readonly value: number | null;
  readonly limit: number | null;
  readonly unit: Unit;
  /** Which standby, slot or session; or why there is no value. */
  readonly about: string | null;
};

export type ThrottleEvent =
  | ({
      readonly kind: 'backfill_throttled';
      readonly rung: Exclude<Rung, 'running'>;
      /** For how long no batch has run. */
      readonly forMs: number;
    } & SignalState)
  | { readonly kind: 'backfill_unthrottled'; readonly forMs: number; readonly nice: number }
  /** What all signals say, once a second, whether it runs or waits. */
  | ({ readonly kind: 'backfill_signals' } & ThrottleSnapshot)
  | { readonly kind: 'backfill_signals_unseen'; readonly signals: readonly SignalState[] };

export type ThrottleSnapshot = {
  readonly rung: Rung;
  /** For how long no batch has run; 0 while it runs. */
  readonly forMs: number;
  readonly nice: number;
  /** The signal that presses most; null when none does. */
  readonly worst: SignalState | null;
  readonly signals: readonly SignalState[];
};

type Admission = {
  /** How long to wait after the batch, as a multiple of its time. */
  readonly nice: number;
  /** Somebody waited for our locks: half as many rows from here on. Told to one worker only. */
  readonly shrink: boolean;
  /** The job was held meanwhile: what `onHold` has released must be claimed again. */
  readonly held: boolean;
};

type AdmitWishes = {
  /** What a person wants of the job now: the pauses never get shorter than that. */
  readonly nice?: number;
  /** Lets go of what others could do while the job is held. */
  readonly onHold?: () => Promise<void>;
};

export type Throttle = {
  /**
   * Before each batch, without an open transaction. Waits while the job is paused or held; throws what an interruption
   * throws, and BACKFILL_FAILED when a person is needed.
   */
  admit(signal: AbortSignal, wishes?: AdmitWishes): Promise<Admission>;
  snapshot(): ThrottleSnapshot;
  /** Never throws. */
  stop(): Promise<void>;
};

export type ThrottleInput = {
  /** Opens a connection of its own; `purpose` becomes a part of its application_name. */
  readonly connect: (purpose: string) => Promise<Connection>;
  readonly clock: Clock;
  readonly table: QualifiedName;
  /** Backends that do the work at this moment. */
  readonly backends: () => readonly number[];
  readonly onEvent: (event: ThrottleEvent) => void;
  readonly options: ThrottleOptions;
};

const usualGraceMs = 250; // three batches; a job that is done by then never opens a second connection
const toldEveryMs = 1_000; // often enough for a line on a terminal
const firstRoundMs = 2_000; // what has not been measured by then counts as failed

export function makeThrottle(input: ThrottleInput): Throttle {
  const { clock, table, options } = input;
  const asked: LadderPolicy = { ...defaultLadderPolicy, ...options.ladder };
  let policy = asked;
  const signals = options.signals ?? {};
  const cancelAfterMs =
    signals.blockedSessions === false
      ? null
      : { ...defaultSignalSettings.blockedSessions, ...signals.blockedSessions }.cancelAfterMs;
  const graceMs = options.graceMs ?? usualGraceMs;
  const madeAt = clock.now();

  let sampler: Sampler | null = null;
  let sampledSince = madeAt;
  let ladder: Ladder = firstRung(policy, madeAt);
  let judgements: readonly Judgement[] = [];
  let shrink = false;
  let round = new AbortController(); // aborts when the next round is through, for those who wait for it
  let told: { readonly rung: Rung; readonly reason: string | null; readonly idleSince: number | null } = {
    rung: 'running',
    reason: null,
    idleSince: null,
  };
  let toldAt = madeAt;
  let toldUnseen = false;

  /** Whether there is something to judge by. */
  function look(): boolean {
    if (sampler === null) return false;
    const now = clock.now();
    const sampled = sampler.sampled();
    judgements = sampled.map(({ watch, sample }) => judge(watch, sample, now, policy.easyBelow));
    const isComplete = sampled.every(({ sample }) => sample.result !== null);
    if (!isComplete && now - sampledSince < firstRoundMs) return false;
    ladder = nextRung(ladder, worstJudgement(judgements)?.pressure ?? 0, now, policy);
    return true;
  }

  async function onRound(connection: Connection | null): Promise<void> {
    look();
    const waited = judgements.find(({ signal }) => signal === 'blockedSessions');
    if (waited?.state === 'over') {
      shrink = true;
      const waitedMs = waited.measure?.value ?? 0;
      if (connection !== null && cancelAfterMs !== null && waitedMs >= cancelAfterMs) {
        // When it cannot be done, the batch's own timeout ends it.
        await connection.query(cancelBlockingSql(input.backends(), cancelAfterMs)).catch(() => undefined);
      }
    }
    round.abort();
    round = new AbortController();
  }

  function begin(): void {
    sampledSince = clock.now();
    sampler = startSampler({
      connect: input.connect,
      clock,
      signals,
      target: () => ({ table, backends: input.backends() }),
      onRound,
    });
  }

  /** From here only, so that a listener that throws ends the job and not the measuring. */
  function tell(): void {
    const now = clock.now();
    const unseen = judgements.filter(({ state }) => state === 'unavailable');
    if (!toldUnseen && unseen.length > 0) {
      toldUnseen = true;
      input.onEvent({ kind: 'backfill_signals_unseen', signals: unseen.map(stateOf) });
    }
    const before = told;
    tellRung(now);
    if (told === before && now - toldAt < toldEveryMs) return;
    toldAt = now;
    input.onEvent({ kind: 'backfill_signals', ...snapshot() });
  }

  function tellRung(now: number): void {
    if (ladder.rung === 'running') {
      if (told.rung === 'running') return;
      const forMs = now - (told.idleSince ?? now);
      told = { rung: 'running', reason: null, idleSince: null };
      input.onEvent({ kind: 'backfill_unthrottled', forMs, nice: ladder.nice });
      return;
    }
    const worst = worstJudgement(judgements);
    if (worst === null) return;
    const reason = `${worst.signal} ${worst.state}`;
    // While it waits for the last bit the worst signal may change at every round: only one that presses is news.
    if (ladder.rung === told.rung && (worst.pressure < 1 || reason === told.reason)) return;
    told = { rung: ladder.rung, reason, idleSince: ladder.idleSince };
    input.onEvent({ kind: 'backfill_throttled', rung: ladder.rung, forMs: idleMs(now), ...stateOf(worst) });
  }

  function snapshot(): ThrottleSnapshot {
    const worst = worstJudgement(judgements);
    return {
      rung: ladder.rung,
      forMs: idleMs(clock.now()),
      nice: ladder.nice,
      worst: worst === null || worst.pressure === 0 ? null : stateOf(worst),
      signals: judgements.map(stateOf),
    };
  }

  function idleMs(now: number): number {
    return ladder.idleSince === null ? 0 : now - ladder.idleSince;
  }

  function needsPerson(): MigrateError {
    const worst = worstJudgement(judgements);
    const why =
      worst === null ? '' : `, last because of ${worst.signal}${aboutOf(worst) === null ? '' : ` (${aboutOf(worst)})`}`;
    return new MigrateError(
      'BACKFILL_FAILED',
      `The backfill of ${qualifiedName(table)} was held ${ladder.holds} times in a row${why}.`,
      {
        hint: 'Correct that, or change its limit under "backfill": { "signals": … } in the config; then run migrate backfill again: it goes on where it stopped.',
        details: { table, signal: worst === null ? null : stateOf(worst) },
      },
    );
  }

  return {
    async admit(signal, { nice = 0, onHold } = {}) {
      throwIfInterrupted(signal);
      policy = { ...asked, nice: Math.max(asked.nice, nice) };
      if (sampler === null) {
        if (clock.now() - madeAt < graceMs) return { nice: policy.nice, shrink: false, held: false };
        begin();
      }
      let held = false;
      for (;;) {
        throwIfInterrupted(signal);
        if (look()) {
          tell();
          if (ladder.rung === 'running') {
            const admission = { nice: ladder.nice, shrink, held };
            shrink = false;
            return admission;
          }
          if (ladder.rung === 'stopped') throw needsPerson();
          if (ladder.rung === 'held' && !held) {
            held = true;
            await onHold?.();
          }
        }
        await clock.sleep(usualIntervalMs, AbortSignal.any([signal, round.signal]));
      }
    },
    snapshot() {
      look();
      return snapshot();
    },
    async stop() {
      await sampler?.stop();
    },
  };
}

function stateOf(judgement: Judgement): SignalState {
  const { signal, state, measure } = judgement;
  return {
    signal,
    state,
    value: measure === null || !Number.isFinite(measure.value) ? null : measure.value,
    limit: measure === null || !Number.isFinite(measure.limit ?? 0) ? null : measure.limit,
    unit: measure?.unit ?? '',
    about: aboutOf(judgement),
  };
}

function aboutOf({ reason, measure }: Judgement): string | null {
  return reason ?? measure?.about ?? null;
}
