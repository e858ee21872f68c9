/** How the statements of a migration end up in its plan, for the table that the acceptance prints. */
import type { MigrationFile } from '../../src/plan/migration-file.ts';
import type { PlannedMigration } from '../../src/plan/plan.ts';
import { parseStatements, type SqlStatement } from '../../src/sql/parse.ts';

export type StatementCounts = {
  /** All but those that change nothing by themselves: BEGIN, COMMIT, SET. */
  readonly statements: number;
  /** Other steps than the statement, or the statement at another time. */
  readonly online: number;
  /** The statement itself, in its place. */
  readonly direct: number;
  /** The plan said why not, and the acceptance run had to take the responsibility. */
  readonly refused: number;
  /** Run as written, because nothing is known of it. */
  readonly opaque: number;
};

export const noStatements: StatementCounts = { statements: 0, online: 0, direct: 0, refused: 0, opaque: 0 };

export function countStatements(file: MigrationFile, planned: PlannedMigration): StatementCounts {
  const inExpand = new Map<string, boolean>();
  for (const { phase, run, opaque } of planned.steps) {
    if (phase !== 'expand' || run.kind !== 'sql') continue;
    for (const text of run.statements) inExpand.set(text, opaque);
  }
  return parseStatements(file.source, { file: file.path })
    .filter(({ node }) => !('TransactionStmt' in node) && !('VariableSetStmt' in node))
    .map((statement) => outcomeOf(statement, inExpand))
    .reduce((sum, outcome) => ({ ...sum, [outcome]: sum[outcome] + 1, statements: sum.statements + 1 }), noStatements);
}

function outcomeOf(
  { text, directives }: SqlStatement,
  inExpand: ReadonlyMap<string, boolean>,
): Exclude<keyof StatementCounts, 'statements'> {
  if (directives.some(({ kind }) => kind === 'raw')) return 'refused';
  const opaque = inExpand.get(text);
  if (opaque === undefined) return 'online';
  return opaque ? 'opaque' : 'direct';
}

export function addCounts(a: StatementCounts, b: StatementCounts): StatementCounts {
  return {
    statements: a.statements + b.statements,
    online: a.online + b.online,
    direct: a.direct + b.direct,
    refused: a.refused + b.refused,
    opaque: a.opaque + b.opaque,
  };
}
