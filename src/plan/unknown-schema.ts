/**
 * What follows a statement of which nobody knows what it does to the schema. Most changes are safe all the same: the
 * server looks at the schema as it is when they run. One that carries everything on a column over to another one is not:
 * what it was not planned with would be lost in silence. So it is planned only on a schema that was read.
 */
import { MigrateError } from '../errors.ts';
import type { Change } from '../operations/change.ts';
import type { StepDraft } from '../operations/step-draft.ts';

export function unknownSchema(line: number): string {
  return `What line ${line} does to the schema is not known: the statements below it are planned as if it left their tables alone.`;
}

/** Whether the steps copy a column with all that is on it. */
export function carriesOver(change: Change, drafts: readonly StepDraft[]): boolean {
  const copies = change.kind === 'alter_column_type' || change.kind === 'rename_column';
  return copies && drafts.some(({ run }) => run.kind === 'backfill');
}

export function refuseToCarryOver(change: Change, line: number | null): never {
  const table = 'table' in change && change.table !== null ? change.table.name : 'the table';
  throw new MigrateError(
    'CANNOT_PLAN',
    `This change carries over all that is on a column of ${table}, and what line ${String(line)} does to ${table} is known only after it has run.`,
    {
      hint: 'Move the statement to a migration of its own behind this one: it is then planned on the schema as it is.',
      details: { table },
    },
  );
}
