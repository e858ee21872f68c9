/**
 * A table whose changes are published must be able to say which row was changed, or every UPDATE of it fails
 * (https://www.postgresql.org/docs/current/logical-replication-publication.html): also that of a backfill, which would be
 * noticed only when expand is done.
 */
import { tableNamed } from '../catalog/lookup.ts';
import type { Catalog, Publication, Table } from '../catalog/model.ts';
import { MigrateError } from '../errors.ts';
import type { BackfillRun, StepDraft } from '../operations/step-draft.ts';
import { qualified } from '../sql/template.ts';

/** The steps as they are; throws CANNOT_PLAN. */
export function refuseUnidentified(drafts: readonly StepDraft[], catalog: Catalog): readonly StepDraft[] {
  for (const { run } of drafts) {
    const table = run.kind === 'backfill' ? tableNamed(catalog, run.table) : null;
    if (run.kind === 'backfill' && table !== null) refuseWithoutIdentity(table, run, catalog);
  }
  return drafts;
}

function refuseWithoutIdentity(table: Table, { command }: BackfillRun, catalog: Catalog): void {
  const hasKey = table.constraints.some(({ kind }) => kind === 'primary_key');
  const identity = table.replicaIdentity;
  if (identity === 'full' || identity === 'index' || (identity === 'default' && hasKey)) return;
  const publication = [...catalog.publications.values()].find(
    (each) => each.publishes.includes(command) && publishes(each, table),
  );
  if (publication === undefined) return;
  throw new MigrateError(
    'CANNOT_PLAN',
    `The rows of ${table.name} cannot be changed: the publication ${publication.name} sends every ${command.toUpperCase()} of it, and the table has no replica identity to tell which row it was.`,
    {
      hint: `Give it a primary key first, or write: ALTER TABLE ${qualified(table).text} REPLICA IDENTITY FULL;`,
      details: { table: table.name, publication: publication.name },
    },
  );
}

function publishes({ tables, schemas }: Publication, { schema, name }: Table): boolean {
  return (
    tables === null ||
    schemas.includes(schema) ||
    tables.some((published) => published.schema === schema && published.name === name)
  );
}
