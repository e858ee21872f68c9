/** After any number of steps before contract, rollback restores the schema and the data. */
import { resolveType } from '../../../src/catalog/lookup.ts';
import type { Catalog } from '../../../src/catalog/model.ts';
import { MigrateError } from '../../../src/errors.ts';
import { decodeStatement } from '../../../src/operations/index.ts';
import type { Step } from '../../../src/plan/plan.ts';
import { qualifiedName } from '../../../src/sql/identifier.ts';
import { parseStatements } from '../../../src/sql/parse.ts';
import type { OperationCase } from '../../operations/harness/case-file.ts';
import {
  expectNoHelpers,
  expectSameData,
  expectSameSchema,
  keptColumns,
} from '../../operations/harness/expectations.ts';
import { runVerb } from '../../operations/harness/lifecycle.ts';
import { outcomeOf } from '../../operations/harness/plain-run.ts';
import { errorOf, type Lab, type Tried } from './tried-case.ts';

export async function undo({ migrated }: Lab, { plan, first, operationCase }: Tried, chance: number): Promise<void> {
  if (plan === null) return;
  const steps = plan.migrations
    .filter(({ waitsFor }) => waitsFor === null)
    .flatMap((migration) => migration.steps)
    .filter(({ phase }) => phase !== 'contract');
  if (steps.length === 0) return;
  const count = 1 + (chance % steps.length);
  const stop = new AbortController();
  const finished: string[] = [];
  const interrupted = await errorOf(() =>
    runVerb(migrated, 'expand and backfill', plan, {
      onEvent: (event) => {
        if (event.kind === 'step_finished') finished.push(event.step);
        if (finished.length === count) stop.abort('SIGINT');
      },
      signal: stop.signal,
    }),
  );
  if (interrupted !== null && !(interrupted instanceof MigrateError && interrupted.code === 'INTERRUPTED'))
    throw interrupted;
  const before = await outcomeOf(migrated);
  const done = steps.filter(({ id }) => finished.includes(id));
  const error = await errorOf(() => runVerb(migrated, 'rollback', plan));
  const refused = error instanceof MigrateError && error.code === 'CANNOT_UNDO' && done.some(cannotBeUndone);
  if (error !== null && !refused) throw error;
  const now = await outcomeOf(migrated);
  const expected = refused ? before : first;
  expectSameSchema(expected, now, labelsThatStay(operationCase, first.catalog));
  expectSameData(expected, now, { except: keptColumns(first.catalog, operationCase.keepsData) });
  if (!refused) await expectNoHelpers(migrated);
}

export function cannotBeUndone({ undo: { kind } }: Step): boolean {
  return kind === 'impossible';
}

/** Postgres cannot remove a label of an enum, and the plan says so: paths of the comparison that may differ. */
export function labelsThatStay({ changes }: OperationCase, catalog: Catalog): ReadonlySet<string> {
  const decoded = changes.flatMap((source) => parseStatements(source)).flatMap(decodeStatement);
  return new Set(
    decoded.flatMap((change) => {
      const type = change.kind === 'add_enum_value' ? resolveType(catalog, change.type) : null;
      return type === null ? [] : [`type ${qualifiedName(type)} labels`];
    }),
  );
}
