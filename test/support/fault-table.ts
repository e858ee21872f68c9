/** Prints what the failure matrix has injected, and how many of its runs had a wrong end; nothing for other tests. */
import Table from 'cli-table3';
import type { Reporter, TestModule } from 'vitest/node';

export class FaultTable implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const tests = modules.flatMap((module) => [...module.children.allTests()]);
    const counted = tests.flatMap((test) => {
      const { faults } = test.meta();
      if (faults === undefined) return [];
      const isFailed = test.result().state === 'failed';
      return [{ ...faults, wrong: Math.max(faults.runs - faults.right, isFailed ? 1 : 0) }];
    });
    if (counted.length === 0) return;
    const table = new Table({
      head: ['fault', 'injected', 'runs', 'wrong ends'],
      colAligns: ['left', 'right', 'right', 'right'],
      style: { head: [], border: [] },
    });
    for (const { kind, injected, runs, wrong } of counted) table.push([kind, injected, runs, wrong]);
    const sum = (of: (row: (typeof counted)[number]) => number): number =>
      counted.reduce((total, row) => total + of(row), 0);
    table.push(['all', sum((row) => row.injected), sum((row) => row.runs), sum((row) => row.wrong)]);
    process.stdout.write(`\n${table.toString()}\n`);
  }
}
