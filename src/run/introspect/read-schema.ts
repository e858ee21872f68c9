/**
 * The one statement that reads everything: a row of JSON texts, one for each kind of object.
 *
 * One statement and not twenty, because then it sees one snapshot also inside a caller's READ COMMITTED transaction, and
 * takes one round trip. JSON, because it keeps names apart whatever is in them, and parses faster than rows of columns.
 */

import type { ColumnRow } from './columns.ts';
import { columnsSql } from './columns.ts';
import type { ConstraintRow } from './constraints.ts';
import { constraintsSql } from './constraints.ts';
import type { ExtensionRow, PublicationRow, SchemaRow } from './database-wide.ts';
import { extensionsSql, publicationsSql, schemasSql } from './database-wide.ts';
import type { TypeRow } from './data-types.ts';
import { typesSql } from './data-types.ts';
import type { FunctionRow } from './functions.ts';
import { functionsSql } from './functions.ts';
import type { IndexKeyRow, IndexRow } from './indexes.ts';
import { indexesSql, indexKeysSql } from './indexes.ts';
import type { QueryClient } from './reading-session.ts';
import { scope } from './scope.ts';
import type { SequenceRow } from './sequences.ts';
import { sequencesSql } from './sequences.ts';
import type { StatisticsRow } from './statistics.ts';
import { statisticsSql } from './statistics.ts';
import type { TableRow } from './tables.ts';
import { tablesSql } from './tables.ts';
import type { PolicyRow, RuleRow, TriggerRow } from './triggers.ts';
import { policiesSql, rulesSql, triggersSql } from './triggers.ts';
import type { UseRow } from './uses.ts';
import { usesSql } from './uses.ts';
import type { ViewRow } from './views.ts';
import { viewsSql } from './views.ts';

export type SchemaRows = {
  readonly schemas: readonly SchemaRow[];
  readonly tables: readonly TableRow[];
  readonly columns: readonly ColumnRow[];
  readonly constraints: readonly ConstraintRow[];
  readonly indexes: readonly IndexRow[];
  readonly indexKeys: readonly IndexKeyRow[];
  readonly triggers: readonly TriggerRow[];
  readonly rules: readonly RuleRow[];
  readonly policies: readonly PolicyRow[];
  readonly statistics: readonly StatisticsRow[];
  readonly views: readonly ViewRow[];
  readonly sequences: readonly SequenceRow[];
  readonly types: readonly TypeRow[];
  readonly functions: readonly FunctionRow[];
  readonly extensions: readonly ExtensionRow[];
  readonly publications: readonly PublicationRow[];
  readonly uses: readonly UseRow[];
};

function parts(version: number): Readonly<Record<keyof SchemaRows, string>> {
  return {
    schemas: schemasSql,
    tables: tablesSql,
    columns: columnsSql(version),
    constraints: constraintsSql(version),
    indexes: indexesSql(version),
    indexKeys: indexKeysSql,
    triggers: triggersSql,
    rules: rulesSql,
    policies: policiesSql,
    statistics: statisticsSql,
    views: viewsSql,
    sequences: sequencesSql,
    types: typesSql,
    functions: functionsSql,
    extensions: extensionsSql,
    publications: publicationsSql(version),
    uses: usesSql,
  };
}

/** Under the settings of a reading session. */
export async function readSchema(
  client: QueryClient,
  version: number,
  excludeSchemas: readonly string[],
): Promise<SchemaRows> {
  const selected = Object.entries(parts(version)).map(
    ([name, text]) => `(select coalesce(json_agg(part), '[]')::text from (${text}) part) as "${name}"`,
  );
  const { rows } = await client.query(`with ${scope}\nselect ${selected.join(',\n')}`, [excludeSchemas]);
  // One row, with a text for each part, as the statement says.
  const [row] = rows as readonly Readonly<Record<keyof SchemaRows, string>>[];
  const read = Object.entries(row ?? {}).map(([name, text]) => [name, JSON.parse(text) as unknown]);
  // The row types beside each part's SQL are what that SQL selects; test/run/introspect.server.test.ts holds them to it.
  return Object.fromEntries(read) as SchemaRows;
}

/** Whether an object was dropped between the start of the statement and the moment its definition was spelled. */
export function hasVanished(rows: SchemaRows): boolean {
  const spelled = [rows.constraints, rows.indexes, rows.triggers, rows.rules, rows.views, rows.functions];
  return spelled.some((list) => list.some(({ definition }) => definition === null));
}
