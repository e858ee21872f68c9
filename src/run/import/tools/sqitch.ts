/**
 * Sqitch's registry, in a schema of its own: a row for each change that is deployed, of all projects. A change that was
 * reworked is there once for each of its scripts, in their order. One that failed is not among them.
 */
import * as fs from 'node:fs/promises';
import path from 'node:path';
import type { MigrationFile } from '../../../plan/migration-file.ts';
import { literal, sql } from '../../../sql/template.ts';
import { sqitchPlanFile } from '../../sqitch-plan.ts';
import type { HistoryTool } from '../history-tool.ts';

export const sqitch: HistoryTool = {
  name: 'sqitch',
  title: 'Sqitch',
  schema: null,
  table: 'changes',
  columns: ['change_id', 'change', 'project', 'committed_at', 'planned_at', 'planner_name'],
  entries: (table, project) =>
    sql`select change || '#' || row_number() over (partition by change order by committed_at) as id, 'done' as state,
        committed_at as at, null as checksum
      from ${table} where project = ${literal(project ?? '')} order by committed_at`,
  scopeOf: projectOf,
  idsOf(files) {
    const times = new Map<string, number>();
    return files.map(({ name }) => {
      const change = name.replace(/@[^@]*$/, ''); // a reworked change's earlier script carries a tag
      const time = (times.get(change) ?? 0) + 1;
      times.set(change, time);
      return `${change}#${time}`;
    });
  },
  repair: (id) => `Finish or revert ${id} with sqitch.`,
};

/** What the plan's `%project=` says. The scripts are in `deploy` beside the plan, or in folders in it. */
async function projectOf(files: readonly MigrationFile[]): Promise<string | null> {
  const [first] = files;
  if (first === undefined) return null;
  const folder = first.path.slice(0, first.path.lastIndexOf(`${path.sep}deploy${path.sep}`));
  const plan = await fs.readFile(path.join(folder, sqitchPlanFile), 'utf8').catch(() => '');
  return /^%project=(\S+)/m.exec(plan)?.[1] ?? null;
}
