/**
 * `migrate baseline`: for a database whose schema is older than any history. The files up to a name are entered as done
 * once the live schema has been found to be what they make; a person decides where it is not.
 */
import { describeDifference, type Difference } from '../../catalog/diff.ts';
import { MigrateError } from '../../errors.ts';
import type { MigrationFile } from '../../plan/migration-file.ts';
import { compareWithLedger } from '../applied-files.ts';
import { markDone } from '../ledger/mark-done.ts';
import type { Runner } from '../runner.ts';
import { readHistory } from '../situation.ts';

export type BaselineWanted = {
  readonly files: readonly MigrationFile[];
  /** How many of them have run. */
  readonly count: number;
};

export type BaselineResult = {
  /** Names that were entered as done now. */
  readonly marked: readonly string[];
  readonly pending: readonly string[];
};

const differencesShown = 20;

export async function markBaseline(runner: Runner, { files, count }: BaselineWanted): Promise<BaselineResult> {
  const { records } = await readHistory(runner.session, runner.ledger.schema, files);
  const inLedger = new Set(records.map(({ name }) => name));
  const toMark = files.slice(0, count).filter(({ name }) => !inLedger.has(name));
  const [problem] = compareWithLedger(files, [...records, ...toMark]).problems;
  if (problem !== undefined) throw problem;
  const note = 'Its changes were in the database before there was a history.';
  await markDone(
    runner.ledger,
    toMark.map((file) => ({ file, at: null, note })),
  );
  return {
    marked: toMark.map(({ name }) => name),
    pending: files
      .slice(count)
      .map(({ name }) => name)
      .filter((name) => !inLedger.has(name)),
  };
}

/** Why nothing is marked. */
export function notTheSame(to: string, differences: readonly Difference[]): MigrateError {
  const shown = differences.slice(0, differencesShown).map((difference) => `  ${describeDifference(difference)}`);
  const more = differences.length - shown.length;
  return new MigrateError(
    'SCHEMA_DRIFT',
    `The database is not what the migrations up to ${to} make:\n${shown.join('\n')}${more > 0 ? `\n  … and ${more} more` : ''}`,
    {
      hint: 'Is it another migration that ran last? Write what is missing as a migration after it; or, when the differences do not matter, add --force.',
      details: { to, differences: differences.map(describeDifference) },
    },
  );
}
