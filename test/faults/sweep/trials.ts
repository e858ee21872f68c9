/** Which faults are tried: all there are of a case, or some of them, drawn by a seed. */
import type { Fault, Injection } from '../../support/fault-proxy.ts';
import { faults, isPossible, nameOf } from './faults.ts';
import type { Reference } from './reference.ts';

/** What is done after the fault: the same verb again, or a rollback in its place. */
type Recovery = 'again' | 'rollback';

export type Trial = {
  /** Of the reference's stages; the rollback behind it where `isRollback`. */
  readonly stage: number;
  readonly isRollback: boolean;
  readonly injection: Injection;
  readonly recovery: Recovery;
  /** The next run does not wait until the server has noticed that the last one is gone. */
  readonly atOnce: boolean;
};

/** From 0 (included) to 1 (excluded), the same ones for the same seed: https://prng.di.unimi.it/splitmix32.c */
export function randomOf(seed: string): () => number {
  let state = 0;
  for (const letter of seed) state = (Math.imul(state, 31) + letter.charCodeAt(0)) | 0;
  return () => {
    state = (state + 0x9e3779b9) | 0;
    let mixed = Math.imul(state ^ (state >>> 16), 0x21f0aaad);
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
    return ((mixed ^ (mixed >>> 15)) >>> 0) / 2 ** 32;
  };
}

export function shuffled<T>(items: readonly T[], random: () => number): readonly T[] {
  return items
    .map((item) => ({ item, key: random() }))
    .toSorted((a, b) => a.key - b.key)
    .map(({ item }) => item);
}

/** All that can be tried on a case, in an order that takes the kinds of faults by turns. */
export function trialsOf(reference: Reference, random: () => number): readonly Trial[] {
  const byFault = faults.map((fault) => shuffled(trialsWith(fault, reference, random), random));
  const most = Math.max(...byFault.map((trials) => trials.length));
  const rounds = Array.from({ length: most }, (_, round) =>
    shuffled(
      byFault.flatMap((trials) => trials.slice(round, round + 1)),
      random,
    ),
  );
  return rounds.flat();
}

const rollbackShare = 0.3;
const atOnceShare = 0.1; // looking five times a second, each of them takes as long as several others

function trialsWith(fault: Fault, { stages, rollbacks }: Reference, random: () => number): readonly Trial[] {
  return stages.flatMap(({ effects, verb }, stage) => {
    const ahead = effects
      .filter((effect) => isPossible(fault, effect))
      .map(({ session, number }): Trial => {
        const goesBack = verb !== 'contract' && random() < rollbackShare;
        return {
          stage,
          isRollback: false,
          injection: { session, number, fault },
          recovery: goesBack ? 'rollback' : 'again',
          atOnce: random() < atOnceShare,
        };
      });
    const back = (rollbacks[stage]?.effects ?? [])
      .filter((effect) => isPossible(fault, effect))
      .map(({ session, number }): Trial => ({
        stage,
        isRollback: true,
        injection: { session, number, fault },
        recovery: 'again',
        atOnce: random() < atOnceShare,
      }));
    return [...ahead, ...back];
  });
}

/** As ONWARD_SWEEP_ONLY takes it. */
export function describeTrial(id: string, { stage, isRollback, injection, recovery, atOnce }: Trial): string {
  const { session, number, fault } = injection;
  const verb = isRollback ? 'back' : 'run';
  return `${id} ${stage} ${verb} ${session} ${number} ${nameOf(fault)} ${recovery} ${atOnce ? 'at-once' : 'later'}`;
}

export function trialFrom(text: string): { readonly id: string; readonly trial: Trial } {
  const [id = '', stage, verb, session = '', number, name, recovery, when] = text.split(' ');
  const fault = faults.find((each) => nameOf(each) === name);
  if (fault === undefined) throw new Error(`"${text}" is no trial.`);
  return {
    id,
    trial: {
      stage: Number(stage),
      isRollback: verb === 'back',
      injection: { session, number: Number(number), fault },
      recovery: recovery === 'rollback' ? 'rollback' : 'again',
      atOnce: when === 'at-once',
    },
  };
}
