/**
 * The thin loop around `decide`: read the record, ask, perform, and again, until there is nothing left for the verb.
 */
import { MigrateError } from '../../errors.ts';
import { endBackfills } from '../backfill/end-work.ts';
import { throwIfInterrupted } from '../interruption.ts';
import { fenced, writeMigrationStatus } from '../ledger/ledger.ts';
import { readMigrations, type MigrationRecord } from '../ledger/records.ts';
import type { MigrationStatus } from '../ledger/tables.ts';
import type { Verb } from '../run-event.ts';
import type { Runner } from '../runner.ts';
import { decide } from './decide.ts';
import { expectHelpers } from './still-as-planned.ts';
import { performMarkUndone, performStep, performUndo } from './perform.ts';

/** Throws the MigrateError of the first step that fails; `progress` is told the title of each one that was done. */
export async function advance(
  runner: Runner,
  name: string,
  verb: Verb,
  progress: (title: string) => void,
): Promise<MigrationStatus> {
  const passedGates = new Set<string>();
  for (let isFirst = true; ; isFirst = false) {
    throwIfInterrupted(runner.signal);
    const record = await readMigration(runner, name);
    if (isFirst && verb !== 'rollback') await expectHelpers(runner.session, record);
    const action = decide(record, verb, passedGates);
    switch (action.kind) {
      case 'finished':
        return record.status;
      case 'refuse':
        throw new MigrateError(action.code, action.message, { hint: action.hint, details: { migration: name } });
      case 'set_status':
        if (action.status === 'rolling_back') await endBackfills(runner, name);
        await fenced(runner.ledger, () => writeMigrationStatus(runner.ledger, name, action.status));
        runner.onEvent({ kind: 'migration_status', migration: name, status: action.status });
        break;
      case 'run_step':
        await performStep(runner, record, action.step, action.resumed);
        if (action.step.run.kind === 'gate') passedGates.add(action.step.id);
        progress(action.step.title);
        break;
      case 'undo':
        await performUndo(runner, record, action.step, action);
        if (action.last) progress(action.step.title);
        break;
      case 'mark_undone':
        await performMarkUndone(runner, record, action.step);
        break;
      default:
        return action satisfies never;
    }
  }
}

async function readMigration(runner: Runner, name: string): Promise<MigrationRecord> {
  const [record] = await readMigrations(runner.session, runner.ledger.schema, [name]);
  if (record === undefined) throw new MigrateError('INTERNAL', `Migration ${name} is not in the ledger.`);
  return record;
}
