/**
 * Random schemas, rows and migrations. `npm run test:property -- --runs 2000` runs many of them, here it is a few with a
 * fixed seed. README.md says what is generated and what must hold.
 */
import { beforeAll, describe, expect, test } from 'vitest';
import { loadParser } from '../../src/sql/parse.ts';
import { serverVersion } from '../support/server.ts';
import { newestVersion } from '../operations/harness/case-file.ts';
import { optionsOf } from './options.ts';
import { runProperties } from './run.ts';

const options = optionsOf(process.env);

beforeAll(loadParser);

describe.runIf(serverVersion() === newestVersion)('random migrations', () => {
  test(
    `${options.runs} runs from seed ${options.seed} on`,
    async () => {
      const begun = performance.now();
      const { runs, failures, counts } = await runProperties({
        ...options,
        onRun: ({ seed, outcome, milliseconds }) =>
          options.verbose && process.stdout.write(`seed ${seed}: ${outcome}, ${milliseconds.toFixed(0)} ms\n`),
        onFailure: ({ report }) => options.verbose && process.stdout.write(`${report}\n\n`),
      });
      if (options.verbose) {
        const seconds = (performance.now() - begun) / 1000;
        process.stdout.write(`${runs} runs in ${seconds.toFixed(0)} s (${(runs / seconds).toFixed(1)} a second)\n`);
        for (const [what, count] of [...counts].toSorted((a, b) => b[1] - a[1]))
          process.stdout.write(`${String(count).padStart(6)}  ${what}\n`);
      }
      expect(failures.map(({ report }) => report).join('\n\n')).toBe('');
    },
    options.timeoutMs,
  );
});
