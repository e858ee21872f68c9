/** A sampler on a database of the tests, and waiting for what it tells. */
import { systemClock } from '../../../src/run/clock.ts';
import { connect } from '../../../src/run/connection/connection.ts';
import { judge, type Judgement } from '../../../src/run/backfill/signals/judgement.ts';
import { startSampler } from '../../../src/run/backfill/signals/sampler.ts';
import type { SignalOptions } from '../../../src/run/backfill/signals/settings.ts';

export type Sampling = {
  /** What the signal says once it satisfies the condition. */
  readonly until: (signal: string, holds: (judgement: Judgement) => boolean) => Promise<Judgement>;
};

export async function sampling<T>(
  url: string,
  signals: SignalOptions,
  work: (sampling: Sampling) => Promise<T>,
  about: { readonly table?: string; readonly backends?: readonly number[] } = {},
): Promise<T> {
  const sampler = startSampler({
    connect: (purpose) => connect(url, `test/${purpose}`, systemClock, { readOnly: false }),
    clock: systemClock,
    signals,
    target: () => ({ table: { schema: 'public', name: about.table ?? 'users' }, backends: about.backends ?? [] }),
    onRound: async () => undefined,
  });
  const now = (signal: string): Judgement => {
    const found = sampler.sampled().find(({ watch }) => watch.name === signal);
    if (found === undefined) throw new Error(`There is no signal ${signal}.`);
    return judge(found.watch, found.sample, systemClock.now(), 0.8);
  };
  try {
    return await work({
      async until(signal, holds) {
        for (let tries = 0; tries < 2_000; tries += 1) {
          const judgement = now(signal);
          if (judgement.reason !== 'it has not been measured yet' && holds(judgement)) return judgement;
          await systemClock.sleep(10);
        }
        throw new Error(`It never came to that: ${JSON.stringify(now(signal))}`);
      },
    });
  } finally {
    await sampler.stop();
  }
}
