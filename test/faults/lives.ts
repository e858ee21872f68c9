/** Processes that run a verb on a database, and what they tell while they live. */
import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll } from 'vitest';
import type { RunOptions } from '../../src/index.ts';
import type { RunEvent } from '../../src/run/run-event.ts';
import { bundledProgram, type BundledProgram } from '../support/bundled-program.ts';

/** Of worker-process.ts. */
const exitCodes = { turnedAway: 75, rowsLeftOut: 76 };

export type Life = {
  readonly child: ChildProcess;
  /** Rejects when it failed by itself. */
  readonly ended: Promise<End>;
};

type End =
  /** By SIGKILL. */
  | 'killed'
  /** It could not connect, and would have to be started again. */
  | 'turned_away'
  /** All rows are done but for some that cannot be changed. */
  | 'rows_left_out'
  /** It had no more to do, or was told to end by SIGTERM. */
  | 'ended';

export type Role = 'lead' | 'join' | 'retry';

export type Lives = {
  start(role: Role, options: RunOptions, onEvent?: (event: RunEvent, child: ChildProcess) => void): Life;
  /** As many at a time as asked for, a new one for each that was killed, until `end`; then all are gone. */
  keep(count: number, start: () => Life): { readonly children: ReadonlySet<ChildProcess>; end(): Promise<void> };
};

/** For a test file: the program is made before its tests, and removed after them. */
export function lives(): Lives {
  let program: BundledProgram;
  beforeAll(async () => {
    program = await bundledProgram('test/faults/worker-process.ts');
  });
  const started = new Set<ChildProcess>();
  afterAll(async () => {
    for (const child of started) child.kill('SIGKILL'); // only where a test has failed is any of them alive
    await program.remove();
  });
  return {
    start(role, options, onEvent) {
      const child = spawn(process.execPath, [program.file, JSON.stringify({ role, options })], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      started.add(child);
      createInterface({ input: child.stdout }).on('line', (line) => {
        const event: RunEvent = JSON.parse(line);
        onEvent?.(event, child);
      });
      const ended = new Promise<End>((resolve, reject) => {
        child.once('close', (code) => {
          started.delete(child);
          if (child.signalCode === 'SIGKILL') resolve('killed');
          else if (code === exitCodes.turnedAway) resolve('turned_away');
          else if (code === exitCodes.rowsLeftOut) resolve('rows_left_out');
          else if (code === 0 || child.signalCode === 'SIGTERM') resolve('ended');
          else reject(new Error(`It failed by itself: ${code}`));
        });
      });
      return { child, ended };
    },
    keep(count, start) {
      const children = new Set<ChildProcess>();
      let isOver = false;
      const keepOne = async (): Promise<void> => {
        while (!isOver) {
          const life = start();
          children.add(life.child);
          await life.ended;
          children.delete(life.child);
        }
      };
      const kept = Promise.all(Array.from({ length: count }, keepOne));
      kept.catch(() => undefined); // told by `end`
      return {
        children,
        end: async () => {
          isOver = true;
          for (const child of children) child.kill('SIGTERM');
          await kept;
        },
      };
    },
  };
}
