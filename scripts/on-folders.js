// Runs a test of the server project on folders of migrations, with what they need to be told.
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import process from 'node:process';
import { parseArgs } from 'node:util';

/** `<folder> [more folders] [--setup <sql file>] [--set name=value …]`, from the command line of this process. */
export function runOnFolders({ command, test }) {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { setup: { type: 'string' }, set: { type: 'string', multiple: true, default: [] } },
  });
  if (positionals.length === 0) {
    console.error(`Usage: npm run ${command} -- <folder> [more folders] [--setup <sql file>] [--set name=value …]`);
    process.exitCode = 2;
    return;
  }
  const pairs = values.set.map((text) => {
    const at = text.indexOf('=');
    return [text.slice(0, at), text.slice(at + 1)];
  });
  const request = {
    folders: positionals.map((folder) => path.resolve(folder)),
    setup: values.setup === undefined ? null : path.resolve(values.setup),
    values: Object.fromEntries(pairs),
  };
  const { status } = spawnSync(
    process.execPath,
    ['node_modules/vitest/vitest.mjs', 'run', '--project', 'server', test],
    {
      stdio: 'inherit',
      env: { ...process.env, ONWARD_ACCEPTANCE: JSON.stringify(request) },
    },
  );
  process.exitCode = status ?? 1;
}
