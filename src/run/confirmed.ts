/**
 * Contract and rollback with a question in between: what they are about to do is known, all conditions are checked, the
 * lease is held, and nothing has been changed yet. So what was agreed to is what happens.
 */
import type { Runner } from './runner.ts';
import { decide, refuseRollback } from './steps/decide.ts';
import { contractMigrations } from './verbs/contract.ts';
import { rollbackMigrations, selectForRollback } from './verbs/rollback.ts';
import type { VerbResult } from './verbs/result.ts';
import { selectMigrations, type Names } from './verbs/selection.ts';
import type { MigrationRecord } from './ledger/records.ts';

/** Asked before anything is changed; false leaves everything as it is. Not asked when there is nothing to do. */
type Confirm = (migrations: readonly string[]) => Promise<boolean>;

export type Confirmed = Names & { readonly confirm?: Confirm };

/** Whoever has agreed is not asked again when the connection is lost meanwhile and the verb goes on by itself. */
export function askingOnce({ names, confirm }: Confirmed): Confirmed {
  const agreed = new Set<string>();
  return {
    ...(names === undefined ? {} : { names }),
    confirm: async (migrations) => {
      if (confirm === undefined || migrations.every((name) => agreed.has(name))) return true;
      const isAgreed = await confirm(migrations);
      if (isAgreed) for (const name of migrations) agreed.add(name);
      return isAgreed;
    },
  };
}

export async function contractConfirmed(runner: Runner, options: Confirmed): Promise<VerbResult> {
  const records = await selectMigrations(runner, options);
  const actions = records.map((record) => ({ record, action: decide(record, 'contract') }));
  // What is not ready is refused by the verb itself, with its reason.
  const refused = actions.some(({ action }) => action.kind === 'refuse');
  const open = actions.filter(({ action }) => action.kind !== 'finished').map(({ record }) => record);
  if (!refused && !(await agreed(open, options.confirm))) return unchanged('contract', open);
  return contractMigrations(runner, options);
}

export async function rollbackConfirmed(runner: Runner, options: Confirmed): Promise<VerbResult> {
  const records = await selectForRollback(runner, options);
  const refused = records.some((record) => refuseRollback(record) !== null);
  if (!refused && !(await agreed(records, options.confirm))) return unchanged('rollback', records);
  return rollbackMigrations(runner, options);
}

async function agreed(records: readonly MigrationRecord[], confirm: Confirm | undefined): Promise<boolean> {
  return records.length === 0 || confirm === undefined || confirm(records.map((record) => record.name));
}

function unchanged(verb: VerbResult['verb'], records: readonly MigrationRecord[]): VerbResult {
  const migrations = records.map(({ name, status }) => {
    return { name, outcome: 'unchanged' as const, status, steps: [], waitsFor: null };
  });
  return { verb, migrations, error: null };
}
