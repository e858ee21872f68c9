/**
 * The installed program in a process of its own, killed with SIGKILL at one effect of a verb. The same verb is run again,
 * and the database must be what it is where nobody killed anything.
 */
import { spawn } from 'node:child_process';
import path from 'node:path';
import process from 'node:process';
import { withFiles } from '../../cli/run-main.ts';
import type { CaseDatabase } from '../../operations/harness/case-database.ts';
import { migrationsOf, type OperationCase } from '../../operations/harness/case-file.ts';
import { runnerIsGone } from '../../operations/harness/crashing-runner.ts';
import { numberedColumns } from '../../operations/harness/expectations.ts';
import type { Phase } from '../../operations/harness/lifecycle.ts';
import { differingColumns } from '../../operations/harness/table-data.ts';
import { startFaultProxy, type Effect, type Injection } from '../../support/fault-proxy.ts';
import { repositoryFolder } from '../../support/server.ts';
import { isPossible } from './faults.ts';
import type { TrialResult } from './lives.ts';
import { nobody } from './outside.ts';
import { differences, stateOf, type State } from './state.ts';

const program = path.join(repositoryFolder, 'bin', 'migrate.js');
const verbs: readonly Phase[] = ['expand', 'backfill', 'contract'];

type Ended = { readonly code: number | null; readonly text: string };
type Run = { readonly ended: Promise<Ended>; readonly kill: () => Promise<void> };

type Undisturbed = { readonly start: State; readonly stages: readonly Stage[] };
type Stage = { readonly verb: Phase; readonly effects: readonly Effect[]; readonly after: State };

type Killing = {
  readonly database: CaseDatabase;
  readonly operationCase: OperationCase;
  readonly random: () => number;
  readonly onResult: (result: TrialResult) => void;
};

/** Three kills a life, one in each verb. False when the program does not run the case without a question. */
export async function killEachVerb(killing: Killing, lives: number): Promise<boolean> {
  const { database, operationCase, onResult } = killing;
  const [migration] = migrationsOf(operationCase);
  const [source] = operationCase.changes;
  if (migration === undefined || source === undefined) return false;
  const files = {
    // As if the tables were large: every change takes the online path.
    'onward.config.json': JSON.stringify({ smallTableRows: 0, waitForRunnerMs: 60_000 }),
    [`migrations/${migration.name}.sql`]: source,
  };
  return withFiles(files, async (folder) => {
    const whole = await undisturbed(database, operationCase, folder);
    const again = whole === null ? null : await undisturbed(database, operationCase, folder);
    if (whole === null || again === null) return false;
    const volatile = volatileColumns(whole, again);
    for (let life = 0; life < lives; life += 1) {
      await database.prepare(operationCase);
      for (const stage of whole.stages) {
        const result = await killOne(killing, stage, folder, volatile);
        onResult(result);
        if (result.problem !== null) break;
      }
    }
    return true;
  });
}

async function killOne(
  { database, operationCase, random }: Killing,
  { verb, effects, after }: Stage,
  folder: string,
  volatile: ReadonlySet<string>,
): Promise<TrialResult> {
  const fault = { kind: 'die', at: random() < 0.5 ? 'before' : 'after' } as const;
  const possible = effects.filter((effect) => isPossible(fault, effect));
  const { session = '', number = 0 } = possible[Math.floor(random() * possible.length)] ?? {};
  const first = await runProgram(database, folder, verb, { session, number, fault });
  await runnerIsGone(database);
  const { code, text } = await start(verb, folder, database.url).ended;
  await runnerIsGone(database);
  const found = [
    ...(code === 0 ? [] : [`the same verb ended with ${code}: ${text}`]),
    ...differences(after, await stateOf(database), { volatile }),
  ];
  const name = `SIGKILL-${fault.at}`;
  const where = `${operationCase.id} ${verb} ${session} ${number} ${name}\n  at: ${first.hit?.text.slice(0, 200) ?? 'nothing'}`;
  return {
    verb,
    fault: name,
    wasInjected: first.hit !== null,
    end: first.code === null ? 'killed' : `exit ${first.code}`,
    problem: found.length === 0 ? null : [where, ...found].join('\n  '),
  };
}

/** Null when it fails: what this case needs, a person has to say. */
async function undisturbed(
  database: CaseDatabase,
  operationCase: OperationCase,
  folder: string,
): Promise<Undisturbed | null> {
  await database.prepare(operationCase);
  const before = await stateOf(database);
  const stages: Stage[] = [];
  for (const verb of verbs) {
    const { code, effects } = await runProgram(database, folder, verb, null);
    if (code !== 0) return null;
    stages.push({ verb, effects, after: await stateOf(database) });
  }
  return { start: before, stages };
}

function volatileColumns(one: Undisturbed, other: Undisturbed): ReadonlySet<string> {
  const states = ({ start: first, stages }: Undisturbed): readonly State[] => [
    first,
    ...stages.map(({ after }) => after),
  ];
  const others = states(other);
  return new Set(
    states(one).flatMap((state, at) => [
      ...differingColumns(state.data, (others[at] ?? state).data),
      ...numberedColumns(state),
    ]),
  );
}

async function runProgram(database: CaseDatabase, folder: string, verb: Phase, injection: Injection | null) {
  let run: Run | null = null;
  const kill = async (): Promise<void> => run?.kill();
  const proxy = await startFaultProxy(database.url, { injection, isPossible, outside: nobody, delayMs: 0, kill });
  try {
    run = start(verb, folder, proxy.url);
    const { code, text } = await run.ended;
    return { code, text, effects: proxy.effects, hit: proxy.hit };
  } finally {
    await proxy.close();
  }
}

function start(verb: Phase, folder: string, url: string): Run {
  const args = [verb, ...(verb === 'expand' ? ['--no-backfill'] : []), '--yes'];
  const child = spawn(process.execPath, [program, ...args, '--config', path.join(folder, 'onward.config.json')], {
    env: { ...process.env, DATABASE_URL: url },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let text = '';
  child.stdout.on('data', (chunk) => (text += String(chunk)));
  child.stderr.on('data', (chunk) => (text += String(chunk)));
  const ended = new Promise<Ended>((resolve) => {
    child.once('close', (code) => resolve({ code, text }));
  });
  return {
    ended,
    kill: async () => {
      child.kill('SIGKILL');
      await ended;
    },
  };
}
