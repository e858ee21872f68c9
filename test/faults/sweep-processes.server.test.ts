/**
 * The sweep with real processes: the installed program is killed with SIGKILL at one effect of each verb. To the server
 * it is what the other sweep does a hundred times faster; here it is proven that it is.
 *
 * ONWARD_SWEEP_KILLS says how many cases (4 by default), each with two lives of three kills.
 */
import { beforeAll, expect, test } from 'vitest';
import { loadParser } from '../../src/sql/parse.ts';
import { withRunner } from '../../src/run/runner.ts';
import { openCaseDatabase } from '../operations/harness/case-database.ts';
import { readCases } from '../operations/harness/case-file.ts';
import { serverVersion } from '../support/server.ts';
import { countFaults } from './fault-count.ts';
import { killEachVerb } from './sweep/killed-program.ts';
import { reportOf, type Counted } from './sweep/report.ts';
import { randomOf, shuffled } from './sweep/trials.ts';

const { ONWARD_SWEEP_KILLS: amount = '4', ONWARD_SWEEP_SEED: seed = '1' } = process.env;
const wanted = Number(amount);
const lanes = 2;
const lives = 2;
const millisecondsPerCase = 120_000; // eighteen processes and more, on a busy machine

beforeAll(loadParser);

test(
  `${wanted} cases, drawn by seed ${seed}`,
  async (context) => {
    const count = countFaults(context, 'SIGKILL at one effect of a verb');
    const cases = readCases(serverVersion()).filter(
      ({ expect: refused, changes }) => refused === null && changes.length === 1,
    );
    const queue = [...shuffled(cases, randomOf(seed))];
    const results: Counted[] = [];
    const passedOver: string[] = [];
    let tried = 0;
    const lane = async (): Promise<void> => {
      const database = await openCaseDatabase();
      try {
        await withRunner({ url: database.url }, () => Promise.resolve()); // installs the ledger
        while (tried < wanted) {
          const operationCase = queue.shift();
          if (operationCase === undefined) return;
          tried += 1;
          const onResult = (result: Counted): void => {
            results.push(result);
            if (result.wasInjected) count.fault();
            count.run();
            if (result.problem === null) count.right();
          };
          const random = randomOf(`${seed} ${operationCase.id}`);
          const ran = await killEachVerb(
            {
              database,
              operationCase,
              random,
              onResult: (result) => onResult({ ...result, operation: operationCase.folder }),
            },
            lives,
          );
          if (ran) continue;
          tried -= 1;
          passedOver.push(operationCase.id);
        }
      } finally {
        await database.drop();
      }
    };
    await Promise.all(Array.from({ length: lanes }, lane));
    process.stdout.write(
      `\nseed ${seed}; ${tried} cases, without those that ask a question: ${passedOver.join(', ')}\n`,
    );
    process.stdout.write(`${reportOf(results)}\n`);
    expect(results.flatMap(({ problem }) => problem ?? []).join('\n')).toBe('');
    expect(results.some(({ end }) => end === 'killed')).toBe(true);
  },
  60_000 + wanted * millisecondsPerCase,
);
