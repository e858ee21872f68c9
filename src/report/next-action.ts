/**
 * What a person should do now, from what the ledger and the folder say; the most urgent first. Pure: `status` prints it
 * as text and gives it as data.
 */
import type { Status } from '../run/folder-status.ts';
import { count } from './wrap.ts';

export type NextAction = {
  /** Null where no command helps. */
  readonly command: string | null;
  readonly text: string;
};

export function nextActions(status: Status): readonly NextAction[] {
  if (status.holder !== null) {
    return [{ command: 'migrate status', text: 'A runner is at work. Look again when it has ended.' }];
  }
  const [problem] = status.problems;
  if (problem !== undefined) {
    return [{ command: null, text: `${problem.message} ${problem.hint ?? ''}`.trim() }];
  }
  const pending = new Set(status.pending);
  // What was entered and never begun is pending like any other.
  const known = status.migrations.filter((migration) => !pending.has(migration.name));
  const named = (...wanted: readonly Status['migrations'][number]['status'][]): number =>
    known.filter((migration) => wanted.includes(migration.status)).length;
  const actions: NextAction[] = [];
  const add = (number: number, command: string, text: string): void => {
    if (number > 0) actions.push({ command, text });
  };
  add(named('rolling_back'), 'migrate rollback', 'A rollback was interrupted. Finish it first.');
  add(named('contracting'), 'migrate contract', 'A contract was interrupted. It goes on where it stopped.');
  add(named('expanding'), 'migrate expand', 'An expand was interrupted. It goes on where it stopped.');
  add(
    named('expanded', 'backfilling'),
    'migrate backfill',
    'Rows are still to be filled. The application may go on meanwhile.',
  );
  if (actions.length > 0) return actions;
  const waiting = named('backfilled');
  add(
    waiting,
    'migrate contract',
    `Deploy the new version. When no old one runs any more, ${count(waiting, 'migration')} can be finished.`,
  );
  add(status.pending.length, 'migrate plan', `See what ${count(status.pending.length, 'pending migration')} would do,`);
  add(status.pending.length, 'migrate expand', 'then run the part before the deploy.');
  return actions;
}
