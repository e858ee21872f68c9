// Runs the property tests (test/property/README.md):
//
//   npm run test:property -- --runs 2000               random runs, from a random seed on
//   npm run test:property -- --seed 17 --path 0:3:1    one failing run again, as it was printed
//   --only both-versions                               one of equivalence, fold, undo, crash, both-versions
//   --shrink 600                                       make a failing run smaller for so many seconds (90)
//   --failures 10                                      go on until that many different failures are found
import { spawnSync } from 'node:child_process';
import { randomInt } from 'node:crypto';
import process from 'node:process';
import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '100' },
    seed: { type: 'string', default: String(randomInt(1, 2 ** 30)) },
    path: { type: 'string' },
    only: { type: 'string' },
    lanes: { type: 'string' },
    shrink: { type: 'string' },
    failures: { type: 'string' },
  },
});
const { status } = spawnSync(
  process.execPath,
  ['node_modules/vitest/vitest.mjs', 'run', '--project', 'server', 'test/property'],
  { stdio: 'inherit', env: { ...process.env, ONWARD_PROPERTY: JSON.stringify(values) } },
);
process.exitCode = status ?? 1;
