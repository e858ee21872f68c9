/**
 * Rows that no UPDATE can pass, whatever it changes: those that break a constraint which was added NOT VALID and never
 * validated. The server checks the whole new row, so a backfill would stop at the first of them (trap 8). They are
 * counted before anything begins.
 */
import type { Table } from '../../catalog/model.ts';
import { nothingToUndo, type StepDraft } from '../step-draft.ts';
import { noNullsGate } from './not-null.ts';
import { checkViolations } from './violations.ts';

export function unvalidatedGates(table: Table): readonly StepDraft[] {
  const checks = table.constraints.filter(
    ({ kind, validated, enforced }) => kind === 'check' && enforced && !validated,
  );
  const required = table.columns.filter(({ notNullConstraint }) => notNullConstraint?.validated === false);
  return [
    ...checks.map(({ name, expression, noInherit }): StepDraft => ({
      phase: 'expand',
      title: `Count rows of ${table.name} that ${name} would not let through a backfill`,
      run: checkViolations({ table, name, expression: expression ?? 'true', noInherit, repairable: false }),
      undo: nothingToUndo,
      notes: [`${name} was never validated: rows that break it cannot be updated at all.`],
    })),
    ...required.map(({ name }): StepDraft => ({
      phase: 'expand',
      title: `Count rows of ${table.name} without ${name}, which no backfill could update`,
      run: { ...noNullsGate(table, name), hint: 'Give these rows a value, then run it again.' },
      undo: nothingToUndo,
      notes: [],
    })),
  ];
}
