/** `migrate new <name>`: an empty migration with the next number. Never writes over a file. */
import * as fs from 'node:fs/promises';
import path from 'node:path';
import { exitCodes, MigrateError, type ExitCode } from '../errors.ts';
import type { Call, Verb } from './call.ts';
import { nextMigrationFileName } from './next-name.ts';

export const newVerb: Verb = {
  name: 'new',
  arguments: '<name...>',
  summary: 'make the next migration file',
  description: "Make an empty migration file with the next number of the folder's own scheme.",
  options: [],
  examples: [
    ['migrate new add phone to users', 'makes migrations/0008_add_phone_to_users.sql'],
    ['migrate new "drop legacy flags" --dir db/migrations', 'in another folder'],
  ],
  run: runNew,
};

async function runNew(call: Call): Promise<ExitCode> {
  const { dir } = call.config;
  const existing = await filesIn(dir);
  const name = nextMigrationFileName({ existing, title: call.args.join(' '), now: new Date() });
  if (name === null) {
    throw new MigrateError('BAD_USAGE', `"${call.args.join(' ')}" has no letter or digit to make a file name of.`, {
      hint: 'Say in a few words what the migration does: migrate new add phone to users',
    });
  }
  const file = path.join(dir, name);
  if (call.flags.dryRun === true) {
    call.print(`Would make ${file}\n`);
  } else {
    // "wx": of two people at once, the second one gets an error and not the first one's file.
    await fs.writeFile(file, contentOf(name), { flag: 'wx' });
    call.print(`Made ${file}\nWrite plain SQL into it, then look at what it becomes: migrate plan\n`);
  }
  call.result({ file });
  return exitCodes.done;
}

async function filesIn(dir: string): Promise<readonly string[]> {
  const entries = await fs.readdir(dir, { withFileTypes: true }).catch((cause: unknown) => {
    throw new MigrateError('NO_MIGRATIONS_FOLDER', `There is no migrations folder ${dir}.`, {
      hint: 'Make it with "migrate init", or name another one with --dir.',
      cause,
    });
  });
  for (const entry of entries) {
    if (!entry.isDirectory()) continue;
    const inside = await fs.readdir(path.join(dir, entry.name));
    const sign = ['migration.sql', 'up.sql', '_journal.json'].find((file) => inside.includes(file));
    if (sign === undefined) continue;
    throw new MigrateError('UNSUPPORTED_FILE', `${dir} is laid out by another tool (${entry.name}/${sign}).`, {
      hint: 'onward reads such a folder and does not write into it: make the migration with that tool.',
    });
  }
  return entries.filter((entry) => !entry.isDirectory()).map((entry) => entry.name);
}

function contentOf(name: string): string {
  return `-- ${name.replace(/(?:\.up)?\.sql$/, '')}: plain SQL, as if nobody used the tables. "migrate plan" shows what it becomes.\n`;
}
