// Runs the acceptance test on any folders: npm run acceptance -- path/to/migrations [more folders]
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import process from 'node:process';

const folders = process.argv.slice(2);
if (folders.length === 0) {
  console.error('Usage: npm run acceptance -- <folder of migrations> [more folders]');
  process.exitCode = 2;
} else {
  const { status } = spawnSync(
    process.execPath,
    ['node_modules/vitest/vitest.mjs', 'run', '--project', 'server', 'test/acceptance'],
    {
      stdio: 'inherit',
      env: { ...process.env, ONWARD_ACCEPTANCE: folders.map((folder) => path.resolve(folder)).join(path.delimiter) },
    },
  );
  process.exitCode = status ?? 1;
}
