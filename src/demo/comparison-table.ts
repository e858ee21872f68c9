/** The demo's last word: both runs side by side, in 80 columns. */
import Table from 'cli-table3';
import type { Look } from '../report/paint.ts';
import { count, duration, withSeparators } from '../report/wrap.ts';
import type { DemoOutcome, RunOutcome } from './run-demo.ts';
import type { Version } from './shop-client.ts';

export function comparisonTable({ online, direct, differences }: DemoOutcome, { paint }: Look): readonly string[] {
  const table = new Table({
    head: ['', 'onward', 'the same SQL, directly'],
    style: { head: [], border: [] },
    colWidths: [33, 19, 24], // 80 with the borders
    chars: { mid: '', 'left-mid': '', 'mid-mid': '', 'right-mid': '' },
    colAligns: ['left', 'right', 'right'],
  });
  const good = (value: number) => (value === 0 ? paint.green('0') : paint.red(withSeparators(value)));
  const ofVersion = (version: Version) => {
    const [a, b] = [online.measurements.of(version), direct.measurements.of(version)];
    table.push([`statements of the ${version} version`, withSeparators(a.statements), withSeparators(b.statements)]);
    table.push(['  failed', good(a.failed), good(b.failed)]);
  };
  ofVersion('old');
  ofVersion('new');
  const wait = (run: RunOutcome, phase: string) => {
    const found = run.measurements.phases.find((candidate) => candidate.phase === phase);
    return found === undefined ? '–' : duration(found.longestMs);
  };
  table.push(['longest wait before', wait(online, 'before'), wait(direct, 'before')]);
  table.push(['longest wait in expand', wait(online, 'expand'), '–']);
  table.push(['longest wait in backfill', wait(online, 'backfill'), '–']);
  table.push(['longest wait in contract', wait(online, 'contract'), '–']);
  table.push(['longest wait beside the SQL', '–', wait(direct, 'direct')]);
  table.push(['files failing on existing rows', good(online.refused.length), good(direct.refused.length)]);
  table.push(['rows lost or changed', good(online.lostRows), good(direct.lostRows)]);
  return [
    ...table.toString().split('\n'),
    differences.length === 0
      ? paint.green('Both databases have the same schema in the end.')
      : paint.red(`The two schemas differ: ${count(differences.length, 'difference')}.`),
    ...differences.map((difference) => `  ${difference}`),
  ];
}
