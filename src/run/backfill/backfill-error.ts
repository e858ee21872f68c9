/** The errors of a backfill: what happened, to which row, and what to do now. Pure. */
import { MigrateError } from '../../errors.ts';
import { sqlstate, sqlstateOf } from '../../postgres/sqlstate.ts';
import { qualifiedName } from '../../sql/identifier.ts';
import type { QualifiedName } from '../../catalog/model.ts';
import { describeBlocker, endingStatements } from '../locks/blockers.ts';
import type { Blocker, StepName } from '../run-event.ts';
import type { BatchFailure } from './batch-outcome.ts';

const goesOn = 'All rows before it are done and stay done: the backfill goes on from there.';

/** A row that its constraints, its types or its triggers do not let through. */
export function poisonRow(
  name: StepName,
  table: QualifiedName,
  row: { readonly columns: readonly string[]; readonly values: readonly string[] },
  cause: unknown,
): MigrateError {
  const key = row.columns.map((column, index) => `${column} = ${row.values[index] ?? ''}`).join(', ');
  return new MigrateError(
    'BACKFILL_FAILED',
    `${name.migration}: “${name.title}” stopped at the row of ${qualifiedName(table)} with ${key}: ${messageOf(cause)} (SQLSTATE ${sqlstateOf(cause) ?? 'unknown'}).`,
    {
      hint: `Correct that row, then run: migrate backfill ${name.migration}\n${goesOn}`,
      details: {
        ...name,
        table,
        key: Object.fromEntries(row.columns.map((column, index) => [column, row.values[index] ?? null])),
        sqlstate: sqlstateOf(cause),
        serverMessage: messageOf(cause),
      },
      cause,
    },
  );
}

export function batchFailed(name: StepName, table: QualifiedName, kind: BatchFailure, cause: unknown): MigrateError {
  if (sqlstateOf(cause) === sqlstate.readOnlyTransaction) return readOnlyNow(name, table, cause);
  return new MigrateError(
    'BACKFILL_FAILED',
    `${name.migration}: “${name.title}” stopped on ${qualifiedName(table)}: ${messageOf(cause)} (SQLSTATE ${sqlstateOf(cause) ?? 'unknown'}).`,
    {
      hint: `${sqlstateOf(cause) === sqlstate.insufficientPrivilege ? rightsAdvice : advice[kind]} Then run: migrate backfill ${name.migration}\n${goesOn}`,
      details: { ...name, table, sqlstate: sqlstateOf(cause), serverMessage: messageOf(cause) },
      cause,
    },
  );
}

/** A standby by now, or told to be read-only, as some services do when a disk is full: the run connects again. */
function readOnlyNow(name: StepName, table: QualifiedName, cause: unknown): MigrateError {
  return new MigrateError(
    'READ_ONLY_SERVER',
    `${name.migration}: the server takes no more writes to ${qualifiedName(table)}: ${messageOf(cause)}.`,
    {
      hint: `Run migrate backfill ${name.migration} again when it does, or on the server that does.\n${goesOn}`,
      details: { ...name, table, sqlstate: sqlstateOf(cause) },
      cause,
    },
  );
}

const rightsAdvice =
  'Run as the owner of the table, or as a role that may change it and sees all of its rows (row security: BYPASSRLS).';

const advice: { readonly [F in BatchFailure]: string } = {
  retry: 'Batches kept colliding with other transactions for the whole budget: wait for a calmer hour.',
  halve: 'Even a single row takes longer than the statement timeout: look at the triggers and indexes of the table.',
  poison: 'Correct the row.',
  hold: 'The server has run out of something (disk, memory, connections): give it room.',
  stop: 'The table is not as it was when the plan was made: put it back.',
};

export function rowsLocked(
  name: StepName,
  table: QualifiedName,
  waitedMs: number,
  blockers: readonly Blocker[],
  cause: unknown,
): MigrateError {
  const held = blockers.length === 0 ? '' : ` Held by:\n${blockers.map((b) => `  ${describeBlocker(b)}`).join('\n')}`;
  return new MigrateError(
    'LOCK_NOT_OBTAINED',
    `${name.migration}: “${name.title}” could not lock the next rows of ${qualifiedName(table)} for ${Math.round(waitedMs / 1_000)} s.${held}`,
    {
      hint: [
        `Run \`migrate backfill ${name.migration}\` again when the blocking transactions have ended, or end them:`,
        `  ${blockers.length === 0 ? 'SELECT pid, state, xact_start, query FROM pg_stat_activity ORDER BY xact_start;' : endingStatements(blockers)}`,
        goesOn,
      ].join('\n'),
      details: { ...name, table, blockers, waitedMs },
      cause,
    },
  );
}

export function notVerified(name: StepName, table: QualifiedName, rowsLeft: string, sweeps: number): MigrateError {
  return new MigrateError(
    'BACKFILL_FAILED',
    `${name.migration}: after “${name.title}” ${rowsLeft} rows of ${qualifiedName(table)} are still not right (${sweeps === 1 ? '1 sweep' : `${sweeps} sweeps`}).`,
    {
      hint: `Somebody writes rows past the sync trigger (a disabled trigger, session_replication_role, logical replication), or the expression does not give what it is checked for. Correct that, then run: migrate backfill ${name.migration}`,
      details: { ...name, table, rowsLeft, sweeps },
    },
  );
}

/** The end of a job that goes on past rows it cannot change. */
export function rowsLeftOut(
  name: StepName,
  table: QualifiedName,
  rows: readonly {
    readonly table: QualifiedName;
    readonly columns: readonly string[];
    readonly key: readonly string[];
    readonly message: string;
    readonly sqlstate: string;
  }[],
): MigrateError {
  const line = (row: (typeof rows)[number]): string =>
    `  ${qualifiedName(row.table)} ${row.columns.map((column, index) => `${column} = ${row.key[index] ?? ''}`).join(', ')}: ${row.message}`;
  const shown = rows.slice(0, shownRows).map(line);
  const more = rows.length > shownRows ? [`  and ${rows.length - shownRows} more`] : [];
  const count = rows.length === 1 ? '1 row' : `${rows.length} rows`;
  return new MigrateError(
    'BACKFILL_FAILED',
    [`${name.migration}: “${name.title}” left out ${count} that could not be changed:`, ...shown, ...more].join('\n'),
    {
      hint: `All others are done. Correct these, then run: migrate backfill retry ${name.migration}`,
      details: { ...name, table, quarantined: rows.slice(0, shownRows), count: rows.length },
    },
  );
}

const shownRows = 20; // more do not fit on a screen; `status` lists them all

export function cancelled(name: StepName, table: QualifiedName): MigrateError {
  return new MigrateError('BACKFILL_CANCELLED', `${name.migration}: “${name.title}” was cancelled.`, {
    hint: `What was done stays. To go on after all: migrate backfill resume ${name.migration}\nTo take the migration back: migrate rollback ${name.migration}`,
    details: { ...name, table },
  });
}

function messageOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.replace(/\.$/, '');
}
