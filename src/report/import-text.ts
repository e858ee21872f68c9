/** What a takeover from another tool would do, for the person who has to agree to it. */
import type { HistorySurvey } from '../run/import/import-history.ts';
import type { Look } from './paint.ts';
import { count, wrap } from './wrap.ts';

const namesShown = 5;

export function surveyText(survey: HistorySurvey, { paint, width }: Look): string {
  const { tool, table, toMark, known, pending, code, pendingCode, missing, edited } = survey;
  const groups: readonly (readonly [readonly string[], string])[] = [
    [toMark, 'ran and will be marked as done'],
    [known, 'in the ledger already'],
    [pending, 'still to run'],
    [code, 'ran as code: they stay with the other tool'],
    [pendingCode, `code that has not run: run it with ${tool} first`],
    [missing, 'ran, and there is no file of it'],
    [edited, 'edited after it ran: taken as it is now'],
  ];
  const digits = Math.max(...groups.map(([names]) => String(names.length).length));
  const lines = groups
    .filter(([names]) => names.length > 0)
    .flatMap(([names, text]) => [
      `  ${String(names.length).padStart(digits)} ${paint.bold(text)}`,
      ...wrap(shortList(names), width, ' '.repeat(digits + 3)),
    ]);
  return `The history of ${tool} is in ${table}.\n\n${lines.length === 0 ? '  It is empty.' : lines.join('\n')}\n`;
}

/** The last ones: where a history ends says most about it. */
function shortList(names: readonly string[]): string {
  const before = names.length - namesShown;
  return `${before > 0 ? `${count(before, 'other')}, … ` : ''}${names.slice(-namesShown).join(', ')}`;
}
