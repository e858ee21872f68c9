/**
 * The errors of a step, built from what the server said. Pure.
 */
import { MigrateError } from '../../errors.ts';
import type { GateRun } from '../../operations/step-draft.ts';
import { isClass, sqlstate, sqlstateOf } from '../../postgres/sqlstate.ts';
import { qualifiedName } from '../../sql/identifier.ts';
import type { ClaimedTable } from '../locks/claimed-tables.ts';
import { describeBlocker, endingStatements } from '../locks/blockers.ts';
import type { RecordedError } from '../ledger/tables.ts';
import type { Blocker, StepName } from '../run-event.ts';

/** A statement of the step failed. `statement` is null when it was the COMMIT. */
export function stepFailed(
  name: StepName,
  statement: string | null,
  cause: unknown,
  advice = adviceFor(sqlstateOf(cause)),
): MigrateError {
  const server = serverFields(cause);
  const serverHint = server.hint === null ? [] : [`The server suggests: ${server.hint}`];
  return new MigrateError('STEP_FAILED', `${name.migration}: the step “${name.title}” failed: ${sentence(server)}`, {
    hint: [...serverHint, advice].join('\n'),
    details: {
      ...name,
      statement: statement ?? 'COMMIT',
      sqlstate: sqlstateOf(cause),
      ...server,
    },
    cause,
  });
}

/** The connection was lost under a statement of which nothing on the server tells how far it came. */
export function outcomeUnknown(name: StepName, statement: string, cause: MigrateError): MigrateError {
  return new MigrateError(
    'STEP_FAILED',
    `${name.migration}: the connection was lost during the step “${name.title}”, and how much of it was done is not known.`,
    {
      hint: 'It may have committed a part of its work. Look at what it has done; the same command again runs it from its beginning.',
      details: { ...name, statement, sqlstate: sqlstateOf(cause.cause) },
      cause,
    },
  );
}

/** All tries to get a lock are spent. */
export function lockNotObtained(
  name: StepName,
  table: ClaimedTable | null,
  statement: string | null,
  tries: { readonly attempts: number; readonly waitedMs: number; readonly blockers: readonly Blocker[] },
  cause: unknown,
): MigrateError {
  const wanted =
    table === null ? 'a lock that it needs' : `the ${table.claim.mode} lock on ${qualifiedName(table.claim.table)}`;
  const held =
    tries.blockers.length === 0 ? '' : ` Held by:\n${tries.blockers.map((b) => `  ${describeBlocker(b)}`).join('\n')}`;
  const count = tries.attempts === 1 ? '1 try' : `${tries.attempts} tries`;
  return new MigrateError(
    'LOCK_NOT_OBTAINED',
    `${name.migration}: the step “${name.title}” could not get ${wanted} in ${duration(tries.waitedMs)} (${count}).${held}`,
    {
      hint: [
        'Nothing of this step was changed. Run the same command again when the blocking transactions have ended, or end them:',
        `  ${tries.blockers.length === 0 ? 'SELECT pid, state, xact_start, query FROM pg_stat_activity ORDER BY xact_start;' : endingStatements(tries.blockers)}`,
      ].join('\n'),
      details: {
        ...name,
        table: table?.claim.table ?? null,
        mode: table?.claim.mode ?? null,
        statement,
        blockers: tries.blockers,
        waitedMs: tries.waitedMs,
        attempts: tries.attempts,
      },
      cause,
    },
  );
}

/** Rows that must not exist, found by a gate or by the build of a unique index. */
export function dataViolates(
  name: StepName,
  what: string,
  hint: string,
  found: {
    readonly count: string | null;
    readonly columns: readonly string[];
    readonly samples: readonly (readonly (string | null)[])[];
  },
  cause?: unknown,
): MigrateError {
  const samples = found.samples.map((row) => sampleText(found.columns, row));
  const examples = samples.length === 0 ? '' : ` For example: ${samples.join(', ')}.`;
  const subject = found.count === null ? what.charAt(0).toUpperCase() + what.slice(1) : `${found.count} ${what}`;
  return new MigrateError('DATA_VIOLATES', `${name.migration}: ${subject}.${examples}`, {
    hint,
    details: { ...name, count: found.count, columns: found.columns, samples: found.samples },
    ...(cause === undefined ? {} : { cause }),
  });
}

export function gateViolated(
  name: StepName,
  gate: GateRun,
  found: {
    readonly count: string;
    readonly columns: readonly string[];
    readonly samples: readonly (readonly (string | null)[])[];
  },
): MigrateError {
  return dataViolates(name, gate.what, gate.hint, found);
}

/** A row that is there makes the gate's own question fail: the plain statement asks the same. */
export function gateUnanswered(name: StepName, statement: string, cause: unknown): MigrateError {
  return stepFailed(
    name,
    statement,
    cause,
    'Some row has no answer to the question that this step asks, and the plain statement would fail on it, too. Nothing was changed. Correct such rows and run the same command again; or go back (migrate rollback) and write the condition so that it has an answer for each row.',
  );
}

/** What the ledger keeps of an error. */
export function recordable(error: unknown): Omit<RecordedError, 'at'> {
  if (error instanceof MigrateError) {
    return { code: error.code, sqlstate: sqlstateOf(error.cause), message: error.message };
  }
  const code = sqlstateOf(error);
  return {
    code: code === null ? 'INTERNAL' : 'SERVER_ERROR',
    sqlstate: code,
    message: error instanceof Error ? error.message : String(error),
  };
}

type ServerFields = {
  readonly serverMessage: string;
  readonly detail: string | null;
  readonly hint: string | null;
  /** Character of the statement, from 1. */
  readonly position: number | null;
  readonly where: string | null;
  readonly schema: string | null;
  readonly table: string | null;
  readonly column: string | null;
  readonly constraint: string | null;
};

function serverFields(error: unknown): ServerFields {
  const fields: Readonly<Record<string, unknown>> = typeof error === 'object' && error !== null ? { ...error } : {};
  const text = (name: string): string | null => {
    const value = fields[name];
    return typeof value === 'string' && value !== '' ? value : null;
  };
  return {
    serverMessage: error instanceof Error ? error.message : String(error),
    detail: text('detail'),
    hint: text('hint'),
    position: text('position') === null ? null : Number(text('position')),
    where: text('where'),
    schema: text('schema'),
    table: text('table'),
    column: text('column'),
    constraint: text('constraint'),
  };
}

function sentence({ serverMessage, detail }: ServerFields): string {
  const message = serverMessage.replace(/\.$/, '');
  return detail === null ? `${message}.` : `${message}. ${detail.replace(/\.?$/, '.')}`;
}

function adviceFor(code: string | null): string {
  if (code === sqlstate.insufficientPrivilege) {
    return 'Give the role that runs migrations the right it lacks, or run as the owner; then run the same command again.';
  }
  if (code === sqlstate.queryCanceled) {
    return 'It ran into its statement timeout, or somebody cancelled it. Nothing of it was kept. Run the same command again when the server is less busy.';
  }
  if (code === sqlstate.diskFull) return "Make room on the server's disk, then run the same command again.";
  if (code === sqlstate.tooManyColumns) {
    return 'Nothing was changed. A table has room for 1,600 columns in its life, and dropped columns count: copy the rows into a new table to begin anew.';
  }
  if (isClass(code, 'integrityConstraint'))
    return 'Correct the rows that are in the way, then run the same command again.';
  return 'Nothing of this step was kept. Correct the cause and run the same command again, or go back: migrate rollback';
}

function sampleText(columns: readonly string[], row: readonly (string | null)[]): string {
  const parts = row.map((value, index) => `${columns[index] ?? 'value'} = ${value ?? 'NULL'}`);
  return parts.length === 1 ? (parts[0] ?? '') : `(${parts.join(', ')})`;
}

function duration(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  return ms < 120_000 ? `${(ms / 1_000).toFixed(1)} s` : `${Math.round(ms / 60_000)} minutes`;
}
