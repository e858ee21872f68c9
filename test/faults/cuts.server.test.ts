/**
 * The network between the workers and the server fails: connections are cut at any byte, answers to commits are lost,
 * and connections fall silent without being closed. Several processes work through it, beside an application that does
 * not; each row is changed once, and the run that leads goes on by itself.
 */
import { expect, test, type TestContext } from 'vitest';
import type { RunOptions } from '../../src/index.ts';
import { withDatabase } from '../support/server.ts';
import { startUnreliableProxy, type Fate } from '../support/unreliable-proxy.ts';
import { startApplication } from './application.ts';
import { expectEachOnce, makeCounters } from './counters.ts';
import { deploy, deploys, differencesOf } from './deploys.ts';
import { countFaults, faults } from './fault-count.ts';
import { lives } from './lives.ts';

const processes = lives();

type Trial = {
  readonly kind: string;
  readonly fate: Fate['kind'];
  readonly wanted: number;
  readonly rows: number;
  readonly next: () => Fate;
};

/** Rounds through the proxy, until so many connections have met their fate. */
async function trial(context: TestContext, { kind, fate, wanted, rows, next }: Trial): Promise<number> {
  const count = countFaults(context, kind);
  await withDatabase(async ({ url }) => {
    for (let number = 1; count.injected() < wanted; number += 1) {
      count.run();
      const counters = { url, name: `counters_${number}`, rows };
      await makeCounters(counters);
      const left = wanted - count.injected();
      const proxy = await startUnreliableProxy(url, () => (proxy.met(fate) < left ? next() : null));
      try {
        const options: RunOptions = {
          databaseUrl: proxy.url,
          waitForRunnerMs: 60_000,
          backfills: { rowsPerChunk: 500 },
        };
        const application = startApplication({ url, table: counters.name, rows });
        const others = processes.keep(2, () => processes.start('join', options));
        while ((await processes.start('lead', options).ended) === 'turned_away');
        await others.end();
        await application.stop();
        count.fault(proxy.met(fate));
      } finally {
        await proxy.close();
      }
      await expectEachOnce(counters);
      count.right();
    }
  });
  return count.injected();
}

const anyOf = <T>(values: readonly T[]): T => values[Math.floor(Math.random() * values.length)] as T;

/** Anywhere from the first message to some hundred batches later. */
function anyByte(): { readonly of: 'client' | 'server'; readonly afterBytes: number } {
  const of = anyOf(['client', 'server'] as const);
  const most = of === 'client' ? 120_000 : 25_000;
  return { of, afterBytes: Math.floor(most ** Math.random()) + Math.floor(Math.random() * (most / 10)) };
}

test('connections that are cut at any byte', async (context) => {
  const wanted = faults(40);
  const met = await trial(context, {
    kind: 'a connection cut at any byte, either direction',
    fate: 'cut',
    wanted,
    rows: 6_000,
    next: () => ({ kind: 'cut', ...anyByte() }),
  });
  expect(met).toBeGreaterThanOrEqual(wanted);
});

test('commits whose answer is lost', async (context) => {
  const wanted = faults(40);
  const met = await trial(context, {
    kind: 'the answer to a commit lost',
    fate: 'answer_lost',
    wanted,
    rows: 6_000,
    next: () => ({ kind: 'answer_lost', statement: anyOf(['onward_checkpoint', 'onward_checkpoint', 'commit']) }),
  });
  expect(met).toBeGreaterThanOrEqual(wanted);
});

test('connections that fall silent and are never closed', async (context) => {
  const wanted = faults(6);
  const met = await trial(context, {
    kind: 'a connection gone silent, and never closed',
    fate: 'silence',
    wanted,
    rows: 3_000,
    next: () => ({ kind: 'silence', ...anyByte() }),
  });
  expect(met).toBeGreaterThanOrEqual(wanted);
});

test('expand, backfill and contract end the same through connections that are cut', async (context) => {
  const wanted = faults(30);
  const count = countFaults(context, 'a connection cut, or a commit unanswered, expand to contract');
  const options = { waitForRunnerMs: 60_000, backfills: { largestBatchSize: 100 } };
  for (let number = 0; count.injected() < wanted; number += 1) {
    count.run();
    const one = deploys[number % deploys.length] ?? anyOf(deploys);
    const undisturbed = await withDatabase(({ url }) =>
      deploy(one, { url, through: url }, options, () => async () => undefined),
    );
    await withDatabase(async ({ url }) => {
      const next = (): Fate =>
        Math.random() < 0.5
          ? { kind: 'answer_lost', statement: anyOf(['commit', 'create ', 'alter ', 'drop ']) }
          : { kind: 'cut', of: anyOf(['client', 'server'] as const), afterBytes: Math.floor(Math.random() * 40_000) };
      const proxy = await startUnreliableProxy(url, next);
      try {
        const disturbed = await deploy(one, { url, through: proxy.url }, options, () => async () => undefined);
        count.fault(proxy.met('cut') + proxy.met('answer_lost'));
        expect(differencesOf(undisturbed, disturbed)).toEqual([]);
        count.right();
      } finally {
        await proxy.close();
      }
    });
  }
});
