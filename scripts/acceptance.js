// Runs the acceptance test on any folders of migrations. What they need to be told is said here:
//   npm run acceptance -- path/to/migrations [more folders] [--setup before.sql] [--set name=value …]
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import process from 'node:process';
import { parseArgs } from 'node:util';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { setup: { type: 'string' }, set: { type: 'string', multiple: true, default: [] } },
});
const pairs = values.set.map((text) => {
  const at = text.indexOf('=');
  return [text.slice(0, at), text.slice(at + 1)];
});

if (positionals.length === 0) {
  console.error('Usage: npm run acceptance -- <folder> [more folders] [--setup <sql file>] [--set name=value …]');
  process.exitCode = 2;
} else {
  const request = {
    folders: positionals.map((folder) => path.resolve(folder)),
    setup: values.setup === undefined ? null : path.resolve(values.setup),
    values: Object.fromEntries(pairs),
  };
  const { status } = spawnSync(
    process.execPath,
    ['node_modules/vitest/vitest.mjs', 'run', '--project', 'server', 'test/acceptance'],
    { stdio: 'inherit', env: { ...process.env, ONWARD_ACCEPTANCE: JSON.stringify(request) } },
  );
  process.exitCode = status ?? 1;
}
