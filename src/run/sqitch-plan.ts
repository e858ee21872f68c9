/**
 * Sqitch's plan: the changes in the order in which they are deployed, each with a script `deploy/<change>.sql`. A change
 * may be reworked: listed again after a tag. Its first script then carries that tag, `deploy/<change>@<tag>.sql`.
 */
import { MigrateError } from '../errors.ts';
import type { FolderEntry, LocatedFile } from './folder-layout.ts';

export const sqitchPlanFile = 'sqitch.plan';

type PlanLine = { readonly kind: 'change' | 'tag'; readonly name: string };

/** The deploy scripts in the plan's order. */
export function fromSqitchPlan(plan: string, entries: readonly FolderEntry[], folder: string): readonly LocatedFile[] {
  const scripts = entries.flatMap((entry) => (entry.kind === 'folder' && entry.name === 'deploy' ? entry.files : []));
  const lines = plan
    .split(/\r?\n/)
    .flatMap((line, index) => planLine(line, `${folder}/${sqitchPlanFile}:${index + 1}`));
  return lines.flatMap(({ kind, name }, at) => {
    if (kind === 'tag') return [];
    const reworkedAt = lines.findIndex((line, later) => later > at && line.kind === 'change' && line.name === name);
    if (reworkedAt === -1) return [{ name, file: `deploy/${name}.sql` }];
    const tagged = lines.slice(at, reworkedAt).flatMap((line) => (line.kind === 'tag' ? [`${name}@${line.name}`] : []));
    const script = tagged.find((candidate) => scripts.includes(`${candidate}.sql`)) ?? tagged.at(-1);
    if (script === undefined) {
      throw new MigrateError(
        'DUPLICATE_NAME',
        `${folder}/${sqitchPlanFile} lists ${name} twice without a tag between.`,
        {
          hint: 'A change can be reworked only after a tag: sqitch tag, then sqitch rework.',
          details: { folder, change: name },
        },
      );
    }
    return [{ name: script, file: `deploy/${script}.sql` }];
  });
}

/** Nothing for blank lines, remarks and pragmas; dates, people and notes after a name are left out. */
function planLine(line: string, position: string): readonly PlanLine[] {
  const text = line.trim();
  if (text === '' || text.startsWith('#') || text.startsWith('%')) return [];
  const [, operator = '', name] = /^([+@-]?)[ \t]*([^\s@+-]\S*)/.exec(text) ?? [];
  if (name === undefined || operator === '-') {
    throw new MigrateError('UNSUPPORTED_FILE', `${position}: this line of the plan is not understood: ${text}`, {
      hint: 'A line names a change to deploy or an @tag. Changes that are reverted in the plan are not supported.',
    });
  }
  return [{ kind: operator === '@' ? 'tag' : 'change', name }];
}
