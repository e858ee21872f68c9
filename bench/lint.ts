/**
 * How long `migrate lint` takes, and how much memory it needs, against `squawk-cli` on the same files.
 *
 *   npm run bench:lint [-- <folder>] [--runs 5] [--json]
 *
 * Both are started as a person would start them, in turn, so that other work on the machine weighs on both; what they
 * print is thrown away. A figure is the median of its runs, a ratio the median of the ratios of each pair. For one small
 * file squawk's Node wrapper is measured, which is what npm installs; for all files its native binary alone. Without a
 * folder, a history of 9,000 small files is made up. Memory is read from Linux's /proc and is not told elsewhere.
 */
import { spawn } from 'node:child_process';
import { readdir, rm } from 'node:fs/promises';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { makeFolder } from '../scripts/made-folder.js';

const madeFiles = 9_000;
const pollMs = 2;

type Run = { readonly ms: number; readonly peakKb: number | null };
type Contest = { readonly ours: readonly Run[]; readonly squawk: readonly Run[] };
type Comparison = {
  readonly files: number;
  readonly oursMs: number;
  readonly squawkMs: number;
  readonly timeRatio: number;
  readonly oursMb: number | null;
  readonly squawkMb: number | null;
  readonly memoryRatio: number | null;
};

const print = (line: string): void => void process.stdout.write(`${line}\n`);

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { runs: { type: 'string', default: '5' }, json: { type: 'boolean', default: false } },
});
const runs = Number(values.runs);
const root = process.cwd();
const require = createRequire(path.join(root, 'package.json'));
const wrapper = [
  process.execPath,
  path.join(path.dirname(require.resolve('squawk-cli/package.json')), 'js/bin/squawk'),
];
const native = [nativeBinary()];
const ours = [process.execPath, path.join(root, 'bin/migrate.js'), 'lint'];

const made = positionals[0] === undefined ? await makeFolder(madeFiles) : null;
const folder = path.resolve(made ?? positionals[0] ?? '.');
try {
  const files = await sqlFiles(folder);
  const single = files.find((file) => readFileSync(file).length < 1_000) ?? files[0] ?? folder;
  const result = {
    node: process.version,
    runs,
    single: await contest([...ours, single], [...wrapper, single], 1),
    all: await contest([...ours, folder], [...native, ...files], files.length),
  };
  if (values.json) print(JSON.stringify(result));
  else {
    print(`Node ${result.node}, medians of ${runs} runs`);
    for (const line of [
      ...described('one small file, from cold', result.single),
      ...described('all files', result.all),
    ])
      print(line);
  }
} finally {
  if (made !== null) await rm(made, { recursive: true });
}

function nativeBinary(): string {
  const name = process.platform === 'win32' ? 'squawk.exe' : 'squawk';
  const besideWrapper = createRequire(require.resolve('squawk-cli/package.json'));
  return besideWrapper.resolve(`@squawk-cli/${process.platform}-${process.arch}/bin/${name}`);
}

async function sqlFiles(inside: string): Promise<readonly string[]> {
  const entries = await readdir(inside, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() && entry.name.endsWith('.sql') && entry.name !== 'down.sql')
    .map((entry) => path.join(entry.parentPath, entry.name))
    .toSorted();
}

async function contest(
  ourCommand: readonly string[],
  squawkCommand: readonly string[],
  files: number,
): Promise<Comparison> {
  const pairs: { ours: Run; squawk: Run }[] = [];
  // The first of each fills the caches of the file system.
  await measured(ourCommand);
  await measured(squawkCommand);
  for (let run = 0; run < runs; run += 1)
    pairs.push({ ours: await measured(ourCommand), squawk: await measured(squawkCommand) });
  return comparison({ ours: pairs.map((pair) => pair.ours), squawk: pairs.map((pair) => pair.squawk) }, files);
}

/** Both end with 1 when they find something. */
async function measured([program = '', ...parameters]: readonly string[]): Promise<Run> {
  const started = performance.now();
  const child = spawn(program, parameters, { stdio: 'ignore' });
  let peakKb: number | null = null;
  const poll = setInterval(() => {
    const now = child.pid === undefined ? null : peakOfTree(child.pid);
    if (now !== null) peakKb = Math.max(peakKb ?? 0, now);
  }, pollMs);
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', resolve);
  });
  const ms = performance.now() - started;
  clearInterval(poll);
  if (code !== 0 && code !== 1) throw new Error(`${program} ${parameters[0] ?? ''} ended with ${code ?? 'a signal'}.`);
  return { ms, peakKb };
}

/** The most that a process and its children have held so far; null where there is no /proc, or the process is gone. */
function peakOfTree(pid: number): number | null {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    const own = Number(/^VmHWM:\s*(\d+)/m.exec(status)?.[1] ?? 0);
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(/\s+/).filter(Boolean);
    return children.reduce((sum, child) => sum + (peakOfTree(Number(child)) ?? 0), own);
  } catch {
    return null;
  }
}

function comparison({ ours: our, squawk }: Contest, files: number): Comparison {
  const mb = (all: readonly Run[]): number | null => {
    const peaks = all.flatMap(({ peakKb }) => (peakKb === null ? [] : [peakKb]));
    return peaks.length === 0 ? null : Math.round(median(peaks) / 1024);
  };
  const [oursMb, squawkMb] = [mb(our), mb(squawk)];
  return {
    files,
    oursMs: Math.round(median(our.map(({ ms }) => ms))),
    squawkMs: Math.round(median(squawk.map(({ ms }) => ms))),
    timeRatio: rounded(median(our.map(({ ms }, index) => ms / (squawk[index]?.ms ?? ms)))),
    oursMb,
    squawkMb,
    memoryRatio: oursMb === null || squawkMb === null ? null : rounded(oursMb / squawkMb),
  };
}

function described(what: string, result: Comparison): readonly string[] {
  const line = (who: string, ms: number, mb: number | null): string =>
    `    ${who.padEnd(14)} ${String(ms).padStart(6)} ms${mb === null ? '' : ` ${String(mb).padStart(6)} MB`}`;
  const memory = result.memoryRatio === null ? '' : `, ${result.memoryRatio} of its memory`;
  return [
    `  ${what} (${result.files})`,
    line('migrate lint', result.oursMs, result.oursMb),
    line('squawk', result.squawkMs, result.squawkMb),
    `    ours takes ${result.timeRatio} of squawk's time${memory}`,
  ];
}

function rounded(value: number): number {
  return Number(value.toFixed(2));
}

function median(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? 0;
}
