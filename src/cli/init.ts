/** `migrate init`: a config file, a folder and a first migration, each only where there is none. */
import * as fs from 'node:fs/promises';
import path from 'node:path';
import { exitCodes, type ExitCode } from '../errors.ts';
import type { Call, Verb } from './call.ts';
import { configFileName } from './load-config.ts';

export const initVerb: Verb = {
  name: 'init',
  summary: 'set up a project',
  description:
    'Write a config file, make the migrations folder, and put a first sample into it. Nothing that exists is touched.',
  options: [],
  examples: [
    ['migrate init', `makes ${configFileName} and migrations/`],
    ['migrate init --dir db/migrations', 'with another folder'],
  ],
  run: runInit,
};

/** Where other tools and habits keep SQL migrations. */
const usualFolders = ['migrations', 'db/migrations', 'prisma/migrations', 'drizzle', 'supabase/migrations', 'sql'];

const sample = `-- A migration is plain SQL in a file. It runs once, and is never edited after it ran.
CREATE TABLE example (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  note text NOT NULL
);
`;

type Outcome = { readonly path: string; readonly made: boolean };

async function runInit(call: Call): Promise<ExitCode> {
  const dry = call.flags.dryRun === true;
  const dir = call.flags.dir ?? (await existingFolder()) ?? call.config.dir;
  const outcomes: Outcome[] = [];

  if (await hasOnwardKey()) outcomes.push({ path: 'package.json ("onward")', made: false });
  else {
    const config = `${JSON.stringify({ dir: dir.split(path.sep).join('/') }, null, 2)}\n`;
    outcomes.push({ path: configFileName, made: await makeFile(configFileName, config, dry) });
  }
  const folderExists = await exists(dir);
  outcomes.push({ path: `${dir}/`, made: !folderExists });
  if (!dry) await fs.mkdir(dir, { recursive: true });
  if (!folderExists || (await fs.readdir(dir)).every((name) => name.startsWith('.'))) {
    const file = '0001_example.sql';
    outcomes.push({ path: path.join(dir, file), made: await makeFile(path.join(dir, file), sample, dry) });
  }

  const made = dry ? 'would make' : 'made';
  call.print(`${outcomes.map((one) => `  ${one.made ? made : 'exists'}  ${one.path}`).join('\n')}\n`);
  call.print(
    [
      '',
      'Next:',
      '  migrate lint                          what would hurt',
      '  migrate plan                          what would run',
      '  migrate up --database-url postgres:…  run it on a development database',
      '',
    ].join('\n'),
  );
  call.result({ files: outcomes });
  return exitCodes.done;
}

async function existingFolder(): Promise<string | null> {
  for (const folder of usualFolders) if (await exists(folder)) return folder;
  return null;
}

async function exists(place: string): Promise<boolean> {
  return (await fs.stat(place).catch(() => null)) !== null;
}

/** True when the file was made, false when it was there. */
async function makeFile(place: string, content: string, dry: boolean): Promise<boolean> {
  if (dry) return !(await exists(place));
  try {
    await fs.writeFile(place, content, { flag: 'wx' });
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  }
}

async function hasOnwardKey(): Promise<boolean> {
  const text = await fs.readFile('package.json', 'utf8').catch(() => '{}');
  try {
    const content: unknown = JSON.parse(text);
    return typeof content === 'object' && content !== null && 'onward' in content;
  } catch {
    return false;
  }
}
