/**
 * A plan as a comment on a pull request: the order of things, the risks, what the deploy must do between the phases, and
 * for each migration its steps with their locks; the SQL is folded away. Kept below what GitHub takes as one comment:
 * where it is too long the SQL is left out first, then the last migrations, and either is said.
 */
import type { Plan, PlannedMigration, Step } from '../plan/plan.ts';
import { blocksReads, blocksWrites } from '../postgres/lock-mode.ts';
import { escapedMarkdown, fencedSql, markdownCode } from './markdown-escape.ts';
import { isSevere, planChecks, planRisks, type Risk } from './plan-risks.ts';
import {
  deployOrder,
  isWorrying,
  lockText,
  phases,
  phaseTitles,
  planOrigin,
  roomText,
  sizeText,
  sqlOf,
  timeText,
  undoText,
} from './step-text.ts';
import { versionText } from './version-text.ts';
import { count } from './wrap.ts';

const longestComment = 60_000; // characters; GitHub refuses comments of more than 65,536

export type PlanMarkdownOptions = {
  /** What else the reader should know of how this plan was made. */
  readonly remark: string | null;
};

export function planMarkdown(plan: Plan, { remark }: PlanMarkdownOptions): string {
  if (plan.migrations.length === 0) return '### Migration plan\n\nNothing to plan: no migration is pending.\n';
  const head = headOf(plan, remark);
  const whole = [head, ...plan.migrations.map((migration) => migrationBlock(migration, true))].join('\n');
  if (whole.length <= longestComment) return whole;
  let text = `${head}\n_The SQL is too long for one comment: see_ \`migrate plan --format html\`.\n`;
  for (const [index, migration] of plan.migrations.entries()) {
    const block = `\n${migrationBlock(migration, false)}`;
    if (text.length + block.length > longestComment) {
      return `${text}\n… and ${count(plan.migrations.length - index, 'more migration')}, which do not fit here.\n`;
    }
    text += block;
  }
  return text;
}

function headOf(plan: Plan, remark: string | null): string {
  const order = deployOrder(plan).map(
    ({ command, text }, index) => `${index + 1}. ${command === null ? text : `\`${command}\` ${text}`}`,
  );
  const room = roomText(plan);
  return [
    '### Migration plan',
    '',
    `${planOrigin(plan)}.`,
    ...(remark === null ? [] : ['', escapedMarkdown(remark)]),
    '',
    ...order,
    '',
    ...riskLines(planRisks(plan)),
    ...checkLines(plan),
    ...(room === null ? [] : ['', '**Room on disk**', '', escapedMarkdown(room)]),
    ...betweenLines(plan),
    '',
  ].join('\n');
}

const linesShown = 30; // of each list in the head; a plan with more has to be cut into several anyway

function riskLines(risks: readonly Risk[]): readonly string[] {
  if (risks.length === 0) return ['✅ No risks: nobody waits long, nothing is lost, and all of it can be rolled back.'];
  const lines = risks.map((risk) => {
    const place = risk.step === null ? '' : `, ${risk.step}`;
    return `- ${isSevere(risk) ? '🛑' : '⚠️'} **${escapedMarkdown(risk.migration)}**${place}: ${escapedMarkdown(risk.text)}`;
  });
  return ['**Risks**', '', ...atMost(lines)];
}

function atMost(lines: readonly string[]): readonly string[] {
  const more = lines.length - linesShown;
  return more > 0 ? [...lines.slice(0, linesShown), `- … and ${more} more.`] : lines;
}

function checkLines(plan: Plan): readonly string[] {
  const lines = planChecks(plan).map(
    ({ migration, step, text }) => `- ${escapedMarkdown(migration)}, ${step}: ${escapedMarkdown(text)}`,
  );
  return lines.length === 0
    ? []
    : ['', ...folded(`What is checked first: ${count(lines.length, 'gate')}`, atMost(lines).join('\n'))];
}

function betweenLines(plan: Plan): readonly string[] {
  const lines = plan.migrations.flatMap(({ name, versions }) =>
    versionText(versions).map((sentence) => `- ${escapedMarkdown(sentence)} (${escapedMarkdown(name)})`),
  );
  return lines.length === 0 ? [] : ['', '**What each version may rely on between the phases**', '', ...atMost(lines)];
}

function migrationBlock(migration: PlannedMigration, withSql: boolean): string {
  const { name, steps, notes, waitsFor } = migration;
  const lines = [`#### ${escapedMarkdown(name)}`, '', ...notes.map((note) => `- ${escapedMarkdown(note)}`)];
  if (notes.length > 0) lines.push('');
  if (steps.length === 0) lines.push(waitsFor === null ? 'Nothing to do.' : `Waits for ${escapedMarkdown(waitsFor)}.`);
  else {
    lines.push('| step | what it does | locks, and who waits | for how long |', '| --- | --- | --- | --- |');
    for (const phase of phases) {
      const ofPhase = steps.filter((step) => step.phase === phase);
      if (ofPhase.length > 0) lines.push(`| **${phase}** | _${phaseTitles[phase]}_ | | |`, ...ofPhase.map(stepRow));
    }
    if (withSql) lines.push('', ...sqlBlock(steps), '', ...undoBlock(steps));
  }
  return `${lines.join('\n').trimEnd()}\n`;
}

function stepRow(step: Step): string {
  const size = step.estimate === null ? [] : [sizeText(step.estimate)];
  return `| ${[
    `${lockSign(step)} ${step.id}`,
    [step.title, ...step.notes].map(escapedMarkdown).join('<br>'),
    lockText(step).split('\n').map(escapedMarkdown).join('<br>'),
    [timeText(step), ...size].map(escapedMarkdown).join('<br>'),
  ].join(' | ')} |`;
}

/** Red: somebody waits for as long as the table is large, or nobody knows. Yellow: for a moment. Green: nobody. */
function lockSign(step: Step): string {
  if (isWorrying(step) && step.exemption !== 'small table') return '🔴';
  return step.locks.some(({ mode }) => blocksReads(mode) || blocksWrites(mode)) ? '🟡' : '🟢';
}

function sqlBlock(steps: readonly Step[]): readonly string[] {
  const sql = steps
    .map((step) => [`-- ${step.id}: ${inComment(step.title)}`, ...sqlOf(step.run)].join('\n'))
    .join('\n\n');
  return folded('SQL', fencedSql(sql));
}

function undoBlock(steps: readonly Step[]): readonly string[] {
  const undoable = steps.filter(({ phase, undo }) => phase !== 'contract' && undo.kind !== 'nothing');
  if (undoable.length === 0) return [];
  const rows = undoable
    .toReversed()
    .map((step) => `- ${step.id}: ${undoText(step.undo).split('\n').map(markdownCode).join(', ')}`);
  return folded('What <code>migrate rollback</code> would do, before contract', rows.join('\n'));
}

function inComment(text: string): string {
  return text.replaceAll(/[\r\n]+/g, ' ');
}

function folded(summary: string, content: string): readonly string[] {
  return [`<details><summary>${summary}</summary>`, '', content, '', '</details>'];
}
