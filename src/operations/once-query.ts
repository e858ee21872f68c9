/** What a job works out once, as the query that its statement reads: `onward_once AS (SELECT … AS value_1)`. */
import { identifier, join, raw, sql } from '../sql/template.ts';
import type { BackfillRun } from './step-draft.ts';

/** Empty where there is nothing of the kind. */
export function onceQuery({ once = [] }: BackfillRun): readonly string[] {
  if (once.length === 0) return [];
  const values = join(once.map(({ column, query }) => sql`${raw(query)} AS ${identifier(column)}`));
  return [sql`onward_once AS (SELECT ${values})`.text];
}
