/**
 * `migrate init`: a config file, a folder and a first migration, each only where there is none; for those who want them a
 * CI workflow and npm scripts. A person at the terminal is asked; `--yes` takes everything, and a pipe what asks for
 * nothing. Nothing that exists is overwritten.
 */
import * as fs from 'node:fs/promises';
import path from 'node:path';
import { exitCodes, type ExitCode } from '../errors.ts';
import type { Call, Verb } from './call.ts';
import { workflowFile, workflowText } from './init/ci-workflow.ts';
import { configText } from './init/config-text.ts';
import { withScripts } from './init/npm-scripts.ts';
import { configFileNames, newConfigFile } from './load-config.ts';

export const initVerb: Verb = {
  name: 'init',
  summary: 'set up a project',
  description:
    'Find the migrations and whose they are, write a commented config file, and make a folder with a first sample ' +
    'where there is none. Asks about a CI workflow and npm scripts. Nothing that exists is overwritten.',
  options: [],
  examples: [
    ['migrate init', 'asks'],
    ['migrate init --yes', 'asks nothing, makes everything'],
    ['migrate init --dir db/migrations --dry-run', 'what would be made'],
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

type Wanted = { readonly dir: string; readonly workflow: boolean; readonly scripts: boolean };

async function runInit(call: Call): Promise<ExitCode> {
  const { detectTool } = await import('../index.ts');
  const dry = call.flags.dryRun === true;
  const wanted = await wantedBy(call);
  const { dir } = wanted;
  const tool = await detectTool(dir);
  const outcomes: Outcome[] = [];
  const make = async (place: string, content: string): Promise<void> => {
    outcomes.push({ path: place, made: await makeFile(place, content, dry) });
  };

  const present = await presentConfig();
  if (present !== null) outcomes.push({ path: present, made: false });
  else await make(newConfigFile, configText({ dir: withSlashes(dir), tool }));
  const folderExists = await exists(dir);
  outcomes.push({ path: `${withSlashes(dir)}/`, made: !folderExists });
  if (!dry) await fs.mkdir(dir, { recursive: true });
  if (!folderExists || (await fs.readdir(dir)).every((name) => name.startsWith('.'))) {
    await make(path.join(dir, '0001_example.sql'), sample);
  }
  if (wanted.workflow) await make(workflowFile, workflowText(withSlashes(dir)));
  if (wanted.scripts) outcomes.push(...(await addScripts(dry)));

  const made = dry ? 'would make' : 'made';
  call.print(`${outcomes.map((one) => `  ${one.made ? made : 'exists'}  ${one.path}`).join('\n')}\n`);
  call.print(nextText(tool));
  call.result({ files: outcomes, tool });
  return exitCodes.done;
}

/** What the flags say, then what the person answers, then the least. */
async function wantedBy(call: Call): Promise<Wanted> {
  const found = call.flags.dir ?? (await existingFolder()) ?? call.config.dir;
  const hasManifest = await exists('package.json');
  if (call.flags.yes === true) return { dir: found, workflow: await exists('.github'), scripts: hasManifest };
  const { form } = call.terminal;
  if (!call.terminal.inputIsTty || form === null) return { dir: found, workflow: false, scripts: false };
  const dir = call.flags.dir ?? (await form.text('Where are the migrations, or where should they be?', found));
  const workflow =
    !(await exists(workflowFile)) &&
    (await form.agrees(`Lint pull requests on GitHub? (${workflowFile})`, await exists('.github')));
  const scripts =
    hasManifest && (await form.agrees('Add the scripts db:lint, db:plan, db:up and db:status to package.json?', true));
  return { dir, workflow, scripts };
}

function nextText(tool: string | null): string {
  const rows: readonly (readonly [string, string])[] = [
    ['migrate lint', 'what would hurt'],
    ['migrate plan', 'what would run'],
    ...(tool === null || tool === 'onward'
      ? []
      : [['migrate import --dry-run', `what has run already, by ${tool}`] as const]),
    ['migrate up --database-url postgres:…', 'run it on a development database'],
  ];
  const width = Math.max(...rows.map(([command]) => command.length));
  return ['', 'Next:', ...rows.map(([command, text]) => `  ${command.padEnd(width)}  ${text}`), ''].join('\n');
}

async function existingFolder(): Promise<string | null> {
  for (const folder of usualFolders) if (await exists(folder)) return folder;
  return null;
}

async function exists(place: string): Promise<boolean> {
  return (await fs.stat(place).catch(() => null)) !== null;
}

function withSlashes(place: string): string {
  return place.split(path.sep).join('/');
}

/** True when the file was made, false when it was there. */
async function makeFile(place: string, content: string, dry: boolean): Promise<boolean> {
  if (dry) return !(await exists(place));
  try {
    await fs.mkdir(path.dirname(place), { recursive: true });
    await fs.writeFile(place, content, { flag: 'wx' });
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  }
}

async function addScripts(dry: boolean): Promise<readonly Outcome[]> {
  const manifest = await fs.readFile('package.json', 'utf8').catch(() => '');
  const changed = withScripts(manifest);
  if (changed === null) return [{ path: 'package.json (scripts)', made: false }];
  if (!dry) await fs.writeFile('package.json', changed.text);
  return [{ path: `package.json (${changed.added.join(', ')})`, made: true }];
}

async function presentConfig(): Promise<string | null> {
  for (const file of configFileNames) if (await exists(file)) return file;
  const manifest = await fs.readFile('package.json', 'utf8').catch(() => '{}');
  try {
    const content: unknown = JSON.parse(manifest);
    return typeof content === 'object' && content !== null && 'onward' in content ? 'package.json ("onward")' : null;
  } catch {
    return null;
  }
}
