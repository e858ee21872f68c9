/**
 * One thing goes wrong at one effect of a verb: the process dies, the connection breaks, the backend is cancelled or
 * terminated, an answer comes late, a statement fails. Then the same verb is run again, or a rollback, and the database
 * must be what it is where nothing went wrong.
 *
 * ONWARD_SWEEP says how many faults (300 by default), or `all`: each fault at each effect of each case, which takes days.
 * ONWARD_SWEEP_SEED draws others, ONWARD_SWEEP_LANES says how many are tried at a time, ONWARD_SWEEP_ONLY takes one as it
 * was printed.
 */
import { beforeAll, expect, test } from 'vitest';
import { loadParser } from '../../src/sql/parse.ts';
import { withRunner } from '../../src/run/runner.ts';
import { openCaseDatabase, type CaseDatabase } from '../operations/harness/case-database.ts';
import { readCases, type OperationCase } from '../operations/harness/case-file.ts';
import { serverVersion } from '../support/server.ts';
import { countFaults } from './fault-count.ts';
import { tryAll } from './sweep/lives.ts';
import { readReference } from './sweep/reference.ts';
import { reportOf, type Counted } from './sweep/report.ts';
import { randomOf, shuffled, trialFrom, trialsOf } from './sweep/trials.ts';

const { ONWARD_SWEEP: amount = '300', ONWARD_SWEEP_SEED: seed = '1', ONWARD_SWEEP_ONLY: only } = process.env;
const wanted = amount === 'all' ? Infinity : Number(amount);
const lanes = Number(process.env['ONWARD_SWEEP_LANES'] ?? '2');
/** Fewer would not repay what a case costs before its first fault. */
const leastPerCase = 6;

beforeAll(loadParser);

/** A sign of life now and then. */
const faultsPerWord = 500;
/** Of a machine that does much else, nobody is to learn that its server does not answer. */
const longestConnectSeconds = 120;
const millisecondsPerFault = 5_000; // on a busy machine

test(
  `${amount} faults, drawn by seed ${seed}`,
  async (context) => {
    const count = countFaults(context, 'one effect of a verb');
    const cases = readCases(serverVersion()).filter(({ expect: refused }) => refused === null);
    const results: Counted[] = [];
    let possible = 0;
    const single = only === undefined ? null : trialFrom(only);
    const chosen =
      single === null
        ? shuffled(cases, randomOf(seed)).slice(0, Math.ceil(wanted / leastPerCase))
        : cases.filter(({ id }) => id === single.id);
    const perCase = Math.ceil(wanted / chosen.length);
    const troubles: string[] = [];
    const tryCase = async (database: CaseDatabase, operationCase: OperationCase): Promise<void> => {
      const reference = await readReference(database, operationCase);
      const trials = trialsOf(reference, randomOf(`${seed} ${operationCase.id}`));
      possible += trials.length;
      const onResult = (result: Counted): void => {
        results.push(result);
        if (result.wasInjected) count.fault();
        count.run();
        if (result.problem === null) count.right();
        if (result.problem !== null) process.stdout.write(`\n${result.problem}\n`);
        if (results.length % faultsPerWord === 0) process.stdout.write(`${results.length} faults\n`);
      };
      await tryAll(
        {
          database,
          operationCase,
          reference,
          onResult: (result) => onResult({ ...result, operation: operationCase.folder }),
        },
        single === null ? trials.slice(0, perCase) : [single.trial],
      );
    };
    const queue = [...chosen];
    const lane = async (): Promise<void> => {
      const opened = await openCaseDatabase();
      const url = new URL(opened.url);
      url.searchParams.set('connect_timeout', String(longestConnectSeconds));
      const database = { ...opened, url: url.href };
      try {
        await withRunner({ url: database.url }, () => Promise.resolve()); // installs the ledger
        for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
          const { id } = next;
          // One that cannot be tried at all is told in the end; the others are tried all the same.
          await tryCase(database, next).catch((error: unknown) => {
            troubles.push(`${id}: ${error instanceof Error ? (error.stack ?? error.message) : JSON.stringify(error)}`);
          });
        }
      } finally {
        await database.drop();
      }
    };
    await Promise.all(Array.from({ length: lanes }, lane));
    process.stdout.write(`\nseed ${seed}; ${possible} faults are possible in these ${chosen.length} cases\n`);
    process.stdout.write(`${reportOf(results)}\n`);
    expect([...results.flatMap(({ problem }) => problem ?? []), ...troubles].join('\n')).toBe('');
  },
  Number.isFinite(wanted) ? 600_000 + wanted * millisecondsPerFault : 2 ** 31 - 1,
);
