/**
 * What a test of the failure matrix has done, for the table at the end (test/support/fault-table.ts). Every run that
 * began and was not found right counts as a wrong end, so a test that throws has at least one.
 */
import type { TestContext } from 'vitest';

declare module 'vitest' {
  interface TaskMeta {
    faults?: { readonly kind: string; readonly injected: number; readonly runs: number; readonly right: number };
  }
}

export type FaultCount = {
  readonly injected: () => number;
  fault(count?: number): void;
  /** A run begins. */
  run(): void;
  /** It has ended, and everything was found as it should be. */
  right(): void;
};

export function countFaults({ task }: Pick<TestContext, 'task'>, kind: string): FaultCount {
  let injected = 0;
  let runs = 0;
  let right = 0;
  const write = (): void => {
    task.meta.faults = { kind, injected, runs, right };
  };
  write();
  return {
    injected: () => injected,
    fault(count = 1) {
      injected += count;
      write();
    },
    run() {
      runs += 1;
      write();
    },
    right() {
      right += 1;
      write();
    },
  };
}

/** How many faults of a kind that costs about a second each; ONWARD_FAULTS multiplies what all kinds inject. */
export function faults(usual: number): number {
  return Math.max(1, Math.round(usual * Number(process.env['ONWARD_FAULTS'] ?? '1')));
}
