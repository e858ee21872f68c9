/** The locks of one statement as a Markdown table, as an editor shows it beside the statement. */
import type { StatementLocks, TableLock } from '../lint/statement-locks.ts';
import { whoWaits } from '../postgres/lock-mode.ts';
import { relationText } from './names.ts';

const workText: { readonly [W in TableLock['work'][number]]: string } = {
  rewrite: 'the table is written anew',
  scan: 'every row is read',
  'index build': 'an index is built',
};

export function lockTable({ locks, drops, isOpaque }: StatementLocks): string {
  const rows = locks.map(
    ({ table, mode, work }) =>
      `| \`${relationText(table)}\` | ${mode} | ${whoWaits(mode)} | ${work.length === 0 ? 'it is changed, which takes a moment' : work.map((each) => workText[each]).join(', ')} |`,
  );
  const parts = [
    ...(rows.length === 0
      ? [isOpaque ? '' : 'No lock on a table that is in use.']
      : [['| table | lock | who waits | while |', '| --- | --- | --- | --- |', ...rows].join('\n')]),
    ...(drops.length === 0 ? [] : [`What is lost: ${drops.join(', ')}.`]),
    ...(isOpaque ? ['What this statement locks is not known, or not all of it.'] : []),
  ];
  return parts.filter((part) => part !== '').join('\n\n');
}
