/**
 * A plan as an SQL script for psql: for review, for a database team that runs things by hand, and for reading what the
 * runner would send. It is honest about what a script cannot do: a backfill is one statement here, without batches and
 * without resuming, and nothing is recorded in the ledger.
 */
import type { BackfillRun, GateRun, Phase } from '../operations/step-draft.ts';
import type { Plan, PlannedMigration, Step } from '../plan/plan.ts';
import { dollarQuote } from '../sql/identifier.ts';
import { identifier, literal, raw, sql } from '../sql/template.ts';
import { backfillSql } from './backfill-sql.ts';
import { terminated } from './step-text.ts';
import { wrap } from './wrap.ts';

const commentWidth = 100;
const helperSchema = 'onward'; // of trigger functions; the same as the ledger's usual one
const lockTimeoutMs = 2_000; // the longest that anybody queues behind us; the runner starts far lower and retries

export function planScript(plan: Plan): string {
  const lines = [
    ...comment(
      'Written by "migrate plan --sql". Run it with psql -v ON_ERROR_STOP=1, phase by phase: expand before the deploy, ' +
        'contract when the old version is gone. "migrate expand" does the same with retries, batches and a ledger.',
    ),
    ...(usesHelpers(plan) ? ['', sql`CREATE SCHEMA IF NOT EXISTS ${identifier(helperSchema)};`.text] : []),
    ...plan.migrations.flatMap(migrationLines),
  ];
  return `${lines.join('\n')}\n`;
}

/** The runner makes the schema together with its ledger; a script has to make it itself. */
function usesHelpers(plan: Plan): boolean {
  return plan.migrations.some((migration) =>
    migration.steps.some(
      ({ run }) => run.kind === 'sql' && run.statements.some((statement) => statement.includes(`${helperSchema}.`)),
    ),
  );
}

function migrationLines(migration: PlannedMigration): readonly string[] {
  const lines: string[] = ['', ...comment(`Migration ${migration.name}`)];
  if (migration.waitsFor !== null) lines.push(...comment(`It waits for the contract of ${migration.waitsFor}.`));
  let phase: Phase | null = null;
  for (const step of migration.steps) {
    if (step.phase !== phase) {
      phase = step.phase;
      lines.push('', ...comment(`Phase: ${phase}`));
    }
    lines.push('', ...comment(`${step.id}: ${step.title}`), ...stepLines(step));
  }
  return lines;
}

function stepLines(step: Step): readonly string[] {
  const { run } = step;
  switch (run.kind) {
    case 'gate':
      return gateLines(run);
    case 'backfill':
      return backfillLines(run, step);
    case 'sql':
      if (!run.transaction) return [...settings(step, 'SET'), ...run.statements.map(terminated), ...resets(step)];
      return [
        'BEGIN;',
        sql`SET LOCAL lock_timeout = ${literal(`${lockTimeoutMs}ms`)};`.text,
        ...(step.statementTimeoutMs === null
          ? []
          : [sql`SET LOCAL statement_timeout = ${literal(`${step.statementTimeoutMs}ms`)};`.text]),
        ...settings(step, 'SET LOCAL'),
        ...run.statements.map(terminated),
        'COMMIT;',
      ];
  }
}

function gateLines(run: GateRun): readonly string[] {
  const body = sql`BEGIN
  IF (${raw(run.countSql)}) > 0 THEN
    RAISE EXCEPTION USING MESSAGE = ${literal(`Not ready: ${run.what}.`)}, HINT = ${literal(run.hint)};
  END IF;
END`.text;
  return [terminated(`DO ${dollarQuote(`\n${body}\n`, 'gate')}`)];
}

function backfillLines(run: BackfillRun, step: Step): readonly string[] {
  return [
    ...comment('The runner does this in batches; as one statement it holds the locks of all its rows until it ends.'),
    'BEGIN;',
    ...settings(step, 'SET LOCAL'),
    terminated(backfillSql(run)),
    'COMMIT;',
  ];
}

function settings(step: Step, command: 'SET' | 'SET LOCAL'): readonly string[] {
  return Object.entries(step.settings).map(
    ([name, value]) =>
      sql`SELECT set_config(${literal(name)}, ${literal(value)}, ${literal(command === 'SET LOCAL')});`.text,
  );
}

function resets(step: Step): readonly string[] {
  return Object.keys(step.settings).map((name) => sql`RESET ${identifier(name)};`.text);
}

/** A newline in the text must not end the comment. */
function comment(text: string): readonly string[] {
  return wrap(text.replaceAll(/[\r\n]+/g, ' '), commentWidth, '-- ');
}
