/**
 * docs/operations.md: its sentences are written by hand, the examples between its marks are made from the cases. Each kind
 * of change shows the cases that say `-- shown in docs` (or its plainest one) and everything that it refuses; a kind that
 * the document does not know yet gets a section at its end.
 */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { isRefusedByPlan, planSnapshotFile, refusalSnapshotFile, type OperationCase } from './case-file.ts';
import { parsePlan, type MigrationText, type StepText } from './plan-text.ts';

const endMark = '<!-- end -->';

export function withCases(document: string, cases: readonly OperationCase[]): string {
  const kinds = [...new Set(cases.map(({ folder }) => folder))];
  const unknown = kinds.filter((kind) => !document.includes(startMark(kind)));
  const complete = unknown.reduce(
    (text, kind) =>
      `${text.trimEnd()}\n\n## ${kind.replaceAll('_', ' ').replace(/^./, (first) => first.toUpperCase())}\n\n${startMark(kind)}\n${endMark}\n`,
    document,
  );
  return kinds.reduce((text, kind) => {
    const start = text.indexOf(startMark(kind)) + startMark(kind).length;
    const end = text.indexOf(endMark, start);
    if (end === -1) throw new Error(`docs/operations.md: ${startMark(kind)} has no ${endMark} behind it.`);
    const own = cases.filter(({ folder }) => folder === kind);
    return `${text.slice(0, start)}\n\n${section(own)}\n\n${text.slice(end)}`;
  }, complete);
}

function startMark(kind: string): string {
  return `<!-- cases of ${kind} -->`;
}

function section(cases: readonly OperationCase[]): string {
  const planned = cases.filter(
    (operationCase) => !isRefusedByPlan(operationCase) && existsSync(planSnapshotFile(operationCase)),
  );
  const marked = planned.filter(({ shown }) => shown);
  const plain = planned.filter(({ id }) => id.endsWith('/plain'));
  const shown = [marked, plain, planned.slice(0, 1)].find((some) => some.length > 0) ?? [];
  const refused = cases.filter(
    (operationCase) => operationCase.expect !== null && existsSync(refusalFile(operationCase)),
  );
  const refusals = refused.length === 0 ? [] : ['**Refused:**', refused.map(refusal).join('\n')];
  return [...shown.flatMap(example), ...refusals].join('\n\n');
}

function example(operationCase: OperationCase): readonly string[] {
  const { migrations } = parsePlan(readFileSync(planSnapshotFile(operationCase), 'utf8'));
  const several = operationCase.changes.length > 1;
  return [
    `**${operationCase.title.replace(/\.$/, '')}** ([case](../test/operations/cases/${operationCase.id}.sql))`,
    ...operationCase.changes.map((change) => fenced(change)),
    'becomes',
    ...migrations.flatMap((migration) => [...(several ? [`\`${migration.name}\`:`] : []), ...planned(migration)]),
  ];
}

function planned({ remarks, steps }: MigrationText): readonly string[] {
  const notes = remarks.map((remark) => remark.replace(/^Note: /, ''));
  return [
    ...(steps.length === 0 ? [] : [fenced(steps.map(stepSql).join('\n\n'))]),
    ...(notes.length === 0 ? [] : [notes.join(' ')]),
  ];
}

function stepSql(step: StepText): string {
  const { phase, number, title, said } = step;
  const notes = [
    ...(said.get('with') ?? []).map((setting) => `with ${setting}`),
    ...claims(step),
    ...(phase === 'contract' ? [] : undo(step)),
    ...(said.get('note') ?? []).flatMap(wrapped),
  ];
  // A title that is nothing but the statement says no more than the statement.
  const heading = step.run.join('\n').replace(/;$/, '') === title ? '' : `: ${title}`;
  return [`-- ${phase} ${number}${heading}`, ...trimmed(step.run), ...notes.map((line) => `--   ${line}`)].join('\n');
}

function claims({ said }: StepText): readonly string[] {
  const takes = (said.get('takes') ?? [])[0]?.replace(/, at most .*/, '') ?? '';
  const locks = (said.get('locks') ?? []).map((lock) => lock.replace(' on public.', ' on '));
  return [
    ...(locks.length === 0 ? [] : [`locks: ${locks.join(', ')}${takes === 'instant' ? ', for an instant' : ''}`]),
    ...['rewrites', 'scans', 'drops'].flatMap((label) => {
      const what = said.get(label) ?? [];
      return what.length === 0 ? [] : [`${label} ${what.map((one) => one.replace(/^public\./, '')).join(', ')}`];
    }),
  ];
}

function undo({ said }: StepText): readonly string[] {
  const statements = (said.get('undo') ?? []).filter((line) => !line.startsWith('('));
  const shown = statements.slice(0, longestUndo);
  if (statements.length > longestUndo) shown.push('…');
  return shown.map((line, index) => (index === 0 ? `undo: ${line}` : `      ${line}`));
}

/** Helper comments go, long function bodies are cut, of a gate the count remains. */
function trimmed(run: readonly string[]): readonly string[] {
  const gate = run.some((line) => line.startsWith('(goes on when'));
  return shortFunctions(gate ? [run[0] ?? '', run.at(-1) ?? ''] : run)
    .filter((line) => !/^COMMENT ON .* IS '(Helper|Old name) of /.test(line))
    .map((line) => (/^\(.*\)$/.test(line) ? `--   ${line.slice(1, -1)}` : line));
}

function shortFunctions(lines: readonly string[]): readonly string[] {
  const begin = lines.findIndex((line) => functionHead.test(line));
  const [, head = '', tag = ''] = functionHead.exec(lines[begin] ?? '') ?? [];
  const end = lines.indexOf(`${tag};`, begin);
  if (begin === -1 || end === -1) return lines;
  const body = lines.slice(begin + 1, end).filter((line) => !line.startsWith('#variable_conflict'));
  const shown = body.length > longestBody ? ['  …'] : body.map((line) => `  ${line}`);
  return [...lines.slice(0, begin), `${head} … AS $$`, ...shown, '$$;', ...shortFunctions(lines.slice(end + 1))];
}

const functionHead = /^(CREATE OR REPLACE FUNCTION .*? RETURNS trigger) .*AS (\$\w+\$)$/;

/** Lines; more than these are of no use to somebody who wants to know what happens. */
const longestBody = 8;
const longestUndo = 4;

/** Comments are as wide as they can be read. */
function wrapped(text: string): readonly string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last === undefined || last.length + word.length > 110) lines.push(word);
    else lines[lines.length - 1] = `${last} ${word}`;
  }
  return lines;
}

function refusalFile(operationCase: OperationCase): string {
  return isRefusedByPlan(operationCase) ? planSnapshotFile(operationCase) : refusalSnapshotFile(operationCase);
}

/** Code, message and hint stand in the file in this order; lines of the hint that are to be copied stay lines. */
function refusal(operationCase: OperationCase): string {
  const [error = '', message = '', ...hint] = readFileSync(refusalFile(operationCase), 'utf8').trimEnd().split('\n');
  // A directive or marker is a line of its own, and what stands between two of them is another.
  const written = operationCase.changes.join('\n').split(/^(--.*)\n?/m);
  const code = written
    .map((part) => part.trim().replaceAll(/\s+/g, ' '))
    .filter((part) => part !== '')
    .map((part) => `\`${part}\``)
    .join(' ');
  const when = isRefusedByPlan(operationCase) ? error : `${error}, before it locks anything`;
  const said = message.replace(/^[^ ]+: /, '');
  return [
    `- ${code} (${when})  `,
    `  ${plain(said)} ${hint.map((line) => (line.startsWith('  ') ? `\`${line.trim()}\`` : plain(line))).join(' ')}`.trimEnd(),
  ].join('\n');
}

/** Text in which nothing is markup; what is to be written into a file is code. */
function plain(text: string): string {
  return text
    .trim()
    .split(/(-- migrate:\w+(?: contract| expand| (?:-- )?<\w+>)?)/)
    .map((part, index) => (index % 2 === 1 ? `\`${part}\`` : part.replaceAll(/[<*]/g, '\\$&')))
    .join('');
}

function fenced(sql: string): string {
  return `\`\`\`sql\n${sql.trim()}\n\`\`\``;
}

export const operationsDocument = path.join(import.meta.dirname, '../../../docs/operations.md');
