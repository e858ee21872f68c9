// `unit` is pure and takes seconds. `server` talks to a real Postgres, one server for the whole run, started by the global
// setup; each test makes databases of its own on it (test/support/server.ts). `faults` does too; it breaks servers of its
// own, takes minutes, and runs when it is asked for.
// ONWARD_TEST_RESULTS names a file for the results as JSON; .ci/run counts them.
import { defineConfig } from 'vitest/config';
import { FaultTable } from './test/support/fault-table.ts';
import { LongestFirst } from './test/support/longest-first.ts';

const resultsFile = process.env['ONWARD_TEST_RESULTS'];

const jsonTo = (outputFile: string): ['json', { outputFile: string }] => ['json', { outputFile }];

const onServers = {
  globalSetup: 'test/support/global-setup.ts',
  pool: 'forks',
  testTimeout: 60_000,
  hookTimeout: 60_000,
} as const;

export default defineConfig({
  test: {
    reporters: ['default', new FaultTable(), ...(resultsFile === undefined ? [] : [jsonTo(resultsFile)])],
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
          exclude: ['test/servers/**', 'test/faults/**'],
          ...onServers,
        },
      },
      {
        test: { name: 'faults', include: ['test/faults/**/*.server.test.ts'], ...onServers, testTimeout: 600_000 },
      },
    ],
  },
});
