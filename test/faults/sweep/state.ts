/** Everything that a verb may have changed, and how it differs from what is expected. */
import { describeDifference, diffCatalogs } from '../../../src/catalog/diff.ts';
import type { CaseDatabase } from '../../operations/harness/case-database.ts';
import { outcomeOf, type Outcome } from '../../operations/harness/plain-run.ts';
import { describeDataDifferences } from '../../operations/harness/table-data.ts';

export type State = Outcome & {
  /** What the ledger says of migrations, steps and backfills, a line each; functions beside it. */
  readonly ledger: readonly string[];
};

export async function stateOf(database: CaseDatabase): Promise<State> {
  const outcome = await outcomeOf(database);
  const { rows } = await database.client.query<{ line: string }>(
    `select 'migration ' || name || ' ' || status as line from onward.migration
     union all select 'step ' || migration || ' ' || id || ' ' || status || ' ' || undone_actions from onward.step
     union all select 'backfill ' || migration || ' ' || step || ' ' || purpose || ' ' || status from onward.backfill
     union all select 'function ' || oid::regprocedure from pg_proc where pronamespace = 'onward'::regnamespace
     order by 1`,
  );
  return { ...outcome, ledger: rows.map(({ line }) => line) };
}

export type Exceptions = {
  /** Paths of the comparison of schemas. */
  readonly schema?: ReadonlySet<string>;
  /** Columns that are not compared. */
  readonly data?: ReadonlySet<string>;
  /** Columns of which only the presence of values is compared. */
  readonly volatile?: ReadonlySet<string>;
  readonly ledger?: 'ignored';
};

/** In sentences; empty when they are the same. */
export function differences(expected: State, actual: State, except: Exceptions = {}): readonly string[] {
  const { schema = new Set(), data = new Set(), volatile = new Set() } = except;
  const onlyIn = (one: State, other: State): readonly string[] =>
    except.ledger === 'ignored' ? [] : one.ledger.filter((line) => !other.ledger.includes(line));
  return [
    ...diffCatalogs(expected.catalog, actual.catalog, { except: ({ path }) => schema.has(path) }).map(
      describeDifference,
    ),
    ...describeDataDifferences(expected.data, actual.data, { except: data, presenceOnly: volatile }),
    ...onlyIn(expected, actual).map((line) => `the ledger lacks: ${line}`),
    ...onlyIn(actual, expected).map((line) => `the ledger has: ${line}`),
  ];
}
