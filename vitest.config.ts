// Two projects. `unit` is pure and takes seconds. `server` talks to a real Postgres, one server for the whole
// run, started by the global setup; each test makes databases of its own on it (test/support/server.ts).
// ONWARD_TEST_RESULTS names a file for the results as JSON; .ci/run counts them.
import { defineConfig } from 'vitest/config';
import { LongestFirst } from './test/support/longest-first.ts';

const resultsFile = process.env['ONWARD_TEST_RESULTS'];

export default defineConfig({
  test: {
    reporters: resultsFile === undefined ? ['default'] : ['default', ['json', { outputFile: resultsFile }]],
    // Tests wait for the server much of the time, so one worker more than the two cores of a small CI machine.
    maxWorkers: 3,
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/**/*.unit.test.ts'],
          exclude: ['test/servers/**'],
          testTimeout: 20_000,
        },
      },
      {
        test: {
          name: 'server',
          include: ['test/**/*.server.test.ts'],
          exclude: ['test/servers/**'],
          globalSetup: ['test/support/global-setup.ts'],
          pool: 'forks',
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
    ],
  },
});
