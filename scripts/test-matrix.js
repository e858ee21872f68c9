// Runs the tests that hold facts about Postgres against a server, once for each supported version.
//
//   npm run test:matrix                                  facts and all proofs of operations on 14 to 18
//   npm run test:matrix -- --versions 14,17              some versions only
//   npm run test:matrix -- test/run                      other tests, by the start of their path
//
// The older servers are a package of their own (test/servers), installed here when it is needed.
// ONWARD_TEST_RESULTS names a file for the results as JSON; the version is put before its extension. At the end stands how
// many cases of each kind of change were proven on which version.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { proofsByKind } from './proofs-by-kind.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const defaultTests = ['test/facts/', 'test/operations/', 'test/postgres/', 'test/run/embedded-server'];

const { values, positionals } = parseArgs({
  options: { versions: { type: 'string', default: '14,15,16,17,18' } },
  allowPositionals: true,
});
const versions = values.versions.split(',');
const tests = positionals.length > 0 ? positionals : defaultTests;

function run(program, parameters, environment = {}) {
  const { status, error } = spawnSync(program, parameters, {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, ...environment },
  });
  if (error !== undefined) throw error;
  return status === 0;
}

// npm writes its own copy of the lock into node_modules last, so an interrupted installation has none.
function serversAreInstalled() {
  const installed = path.join(root, 'test/servers/node_modules/.package-lock.json');
  if (!existsSync(installed)) return false;
  const wanted = JSON.parse(readFileSync(path.join(root, 'test/servers/package-lock.json'), 'utf8')).packages;
  const there = JSON.parse(readFileSync(installed, 'utf8')).packages;
  return Object.entries(there).every(([name, { version }]) => wanted[name]?.version === version);
}

if (process.env.ONWARD_TEST_CONTAINERS !== '1' && !serversAreInstalled()) {
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
  if (!run(npm, ['ci', '--prefix', 'test/servers', '--ignore-scripts'])) process.exit(1);
}

const scratch = mkdtempSync(path.join(tmpdir(), 'onward-matrix-'));
const resultsFile = process.env.ONWARD_TEST_RESULTS ?? path.join(scratch, 'results.json');
const failed = [];
const results = new Map();
for (const version of versions) {
  console.log(`\nPostgres ${version}`);
  const file = resultsFile.replace(/(\.[^.]*)?$/, `-${version}$1`);
  const vitest = path.join(root, 'node_modules/vitest/vitest.mjs');
  const passed = run(process.execPath, [vitest, 'run', '--project', 'server', ...tests], {
    ONWARD_TEST_PG: version,
    ONWARD_TEST_RESULTS: file,
  });
  if (!passed) failed.push(version);
  // A run that could not even begin leaves none.
  if (existsSync(file)) results.set(version, JSON.parse(readFileSync(file, 'utf8')));
}
rmSync(scratch, { recursive: true, force: true });

const table = proofsByKind(results);
if (table.length > 0) console.log(`\n${table.join('\n')}`);
console.log(
  failed.length === 0 ? `\nPassed on Postgres ${versions.join(', ')}.` : `\nFailed on Postgres ${failed.join(', ')}.`,
);
process.exitCode = failed.length === 0 ? 0 : 1;
