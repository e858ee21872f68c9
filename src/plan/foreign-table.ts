/**
 * Foreign tables: their rows are elsewhere. Postgres neither writes nor checks any of them for a change of a column or a
 * constraint, so the statement runs as written, in the phase in which both versions can live with it; nothing is counted,
 * filled or kept in step there. What would fill rows is refused, also where only one of the partitions is foreign.
 */
import { resolveTable, tableNamed } from '../catalog/lookup.ts';
import type { Catalog } from '../catalog/model.ts';
import { MigrateError } from '../errors.ts';
import type { Change } from '../operations/change.ts';
import { undoOf } from '../operations/index.ts';
import type { PlanDirectives } from '../operations/operation.ts';
import { directStep } from '../operations/pieces/direct.ts';
import { familyOf } from '../operations/pieces/table-family.ts';
import type { Phase, StepDraft } from '../operations/step-draft.ts';

/** The statement as written; null for whatever is not a column or a constraint of a foreign table. */
export function onForeignTable(
  change: Change,
  { using, phase }: PlanDirectives,
  catalog: Catalog,
): readonly StepDraft[] | null {
  if (change.kind !== 'add_column' && change.kind !== 'set_not_null' && change.kind !== 'add_check') return null;
  const table = resolveTable(catalog, change.table);
  if (table?.kind !== 'foreign') return null;
  if (using !== null) throw notOurs(table.name, table.name);
  const note = `${table.name} is a foreign table: its rows are elsewhere, so none is read or checked.`;
  return [directStep(phase ?? phaseOf(change), change.sql, undoOf(change, catalog), [note])];
}

/** A column that every row of the old version would lack is a narrowing, as the other two are. */
function phaseOf(change: Change): Phase {
  if (change.kind !== 'add_column') return 'contract';
  return change.column.notNull && change.column.default === null ? 'contract' : 'expand';
}

/** The steps as they are; throws CANNOT_PLAN. */
export function refuseForeignRows(drafts: readonly StepDraft[], catalog: Catalog): readonly StepDraft[] {
  for (const { run } of drafts) {
    const table = run.kind === 'backfill' ? tableNamed(catalog, run.table) : null;
    const foreign = table === null ? undefined : familyOf(catalog, table).find(({ kind }) => kind === 'foreign');
    if (table !== null && foreign !== undefined) throw notOurs(table.name, foreign.name);
  }
  return drafts;
}

function notOurs(table: string, foreign: string): MigrateError {
  return new MigrateError(
    'CANNOT_PLAN',
    `The rows of ${table} cannot be filled, because ${foreign} is a foreign table, whose rows are not ours.`,
    {
      hint: `Fill them where they are, and leave out here what would fill them: -- migrate:using, or a default that gives each row a value of its own. A partition can be detached first. To run the statement as written, say so above it: -- migrate:raw -- <reason>`,
      details: { table, foreign },
    },
  );
}
