/** (e) From kill -9 of the runner to the first batch of the next one, which is started at once. */
import { spawn, type ChildProcess } from 'node:child_process';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import type { EmbeddedServer } from '../../src/run/embedded-server.ts';
import { median } from './figures.ts';
import { makeTable, prepareBackfill } from './made-tables.ts';

export type KillNine = {
  readonly resumeAfterMs: number;
  /** Of that, what a process takes from its start to its first batch when nobody was there before. */
  readonly startMs: number;
};

const rows = 200_000;

export async function killNine(server: EmbeddedServer, runs: number): Promise<KillNine> {
  const table = await makeTable(server, 'narrow', rows);
  const [starts, resumes]: [number[], number[]] = [[], []];
  for (let run = 0; run < runs; run += 1) {
    const url = await table.copy();
    await prepareBackfill(url);
    const startedAt = performance.now();
    const first = lead(url);
    await batches(first, 1);
    starts.push(performance.now() - startedAt);
    await batches(first, 5);
    first.kill('SIGKILL');
    const killedAt = performance.now();
    const second = lead(url);
    await batches(second, 1);
    resumes.push(performance.now() - killedAt);
    second.kill('SIGKILL');
    await new Promise((resolve) => second.once('close', resolve));
  }
  await table.drop();
  return { resumeAfterMs: Math.round(median(resumes)), startMs: Math.round(median(starts)) };
}

function lead(url: string): ChildProcess {
  const file = fileURLToPath(new URL('leader-process.js', import.meta.url));
  return spawn(process.execPath, [file, url], { stdio: ['ignore', 'pipe', 'inherit'] });
}

/** Waits for so many more of them. */
function batches({ stdout }: ChildProcess, count: number): Promise<void> {
  let left = count;
  return new Promise((resolve) => {
    stdout?.on('data', function heard(text: Buffer) {
      left -= text.toString().split('batch').length - 1;
      if (left > 0) return;
      stdout.off('data', heard);
      resolve();
    });
  });
}

export function describeKillNine({ resumeAfterMs, startMs }: KillNine): readonly string[] {
  return [
    'kill -9 of the runner, and another one at once',
    `  its first batch ends ${resumeAfterMs} ms after the kill; without a predecessor it takes ${startMs} ms`,
  ];
}
