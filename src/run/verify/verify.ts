/**
 * `migrate verify`: whether what finished migrations have left in the schema is still as their plans say. Reads only.
 * What somebody changed past the migrations beyond that is for `migrate diff` to tell.
 */
import { objectKey, type Catalog } from '../../catalog/model.ts';
import { qualifiedName } from '../../sql/identifier.ts';
import { helpersLeft } from '../doctor/leftover-helpers.ts';
import { introspect } from '../introspect.ts';
import { lookForLedger } from '../ledger/install.ts';
import { readMigrations, readMigrationSummaries } from '../ledger/records.ts';
import type { Session } from '../session.ts';
import { leftBehind, type Claim } from './left-behind.ts';

export type VerifyReport = {
  /** Finished migrations that were looked at. */
  readonly migrations: readonly string[];
  /** How many things were compared. */
  readonly compared: number;
  readonly differences: readonly { readonly migration: string | null; readonly what: string }[];
};

/** `names`: these alone; all that are done when absent. */
export async function verifyDone(session: Session, schema: string, names?: readonly string[]): Promise<VerifyReport> {
  const { kind } = await lookForLedger(session, schema);
  const all = kind === 'installed' ? await readMigrationSummaries(session, schema) : [];
  const done = all.filter(({ status }) => status === 'done').map(({ name }) => name);
  const order = new Map(done.map((name, index) => [name, index]));
  const records = await readMigrations(session, schema, done);
  const plans = records.toSorted((a, b) => (order.get(a.name) ?? 0) - (order.get(b.name) ?? 0)).map(({ plan }) => plan);
  const catalog = await introspect(session, { excludeSchemas: [schema] });
  const wanted = names === undefined ? done : done.filter((name) => names.includes(name));
  const claims = leftBehind(plans, catalog).filter(({ migration }) => wanted.includes(migration));
  const left = await helpersLeft(session, schema);
  const found = claims.flatMap((claim) => {
    const what = differenceOf(claim, catalog);
    return what === null ? [] : [{ migration: claim.migration, what }];
  });
  // A table that is gone is told once, not with everything that was on it.
  const differences = [...new Map(found.map((each) => [each.what, each])).values()];
  return {
    migrations: wanted,
    compared: claims.length,
    differences: [...differences, ...left.map(({ what }) => ({ migration: null, what }))],
  };
}

function differenceOf({ kind, table: at, name, present }: Claim, catalog: Catalog): string | null {
  const table = catalog.tables.get(objectKey(at));
  const of = qualifiedName(at);
  if (kind === 'table') {
    if ((table !== undefined) === present) return null;
    return `table ${of} ${present ? 'is gone' : 'is there again'}`;
  }
  if (table === undefined) return present ? `table ${of} is gone` : null;
  switch (kind) {
    case 'column':
      if (table.columns.some((column) => column.name === name) === present) return null;
      return `column ${of}.${name} ${present ? 'is gone' : 'is there again'}`;
    case 'not null': {
      const column = table.columns.find((each) => each.name === name);
      if (column === undefined || column.notNull === present) return null;
      return `column ${of}.${name} ${present ? 'takes NULL again' : 'is NOT NULL again'}`;
    }
    case 'index': {
      const index = table.indexes.find((each) => each.name === name);
      if (index === undefined) return `index ${name} of ${of} is gone`;
      return index.valid ? null : `index ${name} of ${of} is invalid`;
    }
    case 'constraint': {
      const constraint = table.constraints.find((each) => each.name === name);
      const isThere = constraint !== undefined || table.columns.some((each) => each.notNullConstraint?.name === name);
      if (isThere !== present) return `constraint ${name} of ${of} ${present ? 'is gone' : 'is there again'}`;
      return constraint?.validated === false ? `constraint ${name} of ${of} is not validated` : null;
    }
    default:
      return kind satisfies never;
  }
}
