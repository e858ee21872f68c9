/**
 * Indexes and keys of a column, on its shadow: built concurrently under a helper's name. In the swap the old ones have
 * gone with the old column, so the new ones get their names: by ALTER INDEX … RENAME, or by ADD CONSTRAINT … USING INDEX,
 * which renames too and reads no row.
 *
 * A plain index is built right after the backfill: nobody can notice it. A unique one could refuse what the running
 * application writes (two texts that become one number), so it waits for contract.
 */
import { indexUses } from '../../catalog/edit.ts';
import type { Constraint, Index } from '../../catalog/model.ts';
import { identifier, literal, qualified, raw, sql } from '../../sql/template.ts';
import { restoreComment } from './constraint-statement.ts';
import { indexCopyName, indexCopySteps, indexesOver } from './index-copy.ts';
import { alter, shadowTitle, type Move, type ShadowPart } from './shadow-part.ts';

/** Given the moves of one table. */
export function shadowIndexes(moves: readonly Move[]): readonly ShadowPart[] {
  const [move] = moves;
  if (move === undefined) return [];
  return indexesOver(move.table, ...moves.map(({ column }) => column.name)).map((index) => part(move, moves, index));
}

function part(move: Move, all: readonly Move[], index: Index): ShadowPart {
  const { catalog, migration, table } = move;
  const moves = all.filter(({ column }) => indexUses(index, column.name, table.name));
  const built = indexCopyName(table, index, migration);
  const columns = moves.map(({ column, shadow }) => ({ from: column.name, to: shadow }));
  const copies = { catalog, migration, table, columns } as const;
  const steps = indexCopySteps({ ...copies, phase: index.unique ? 'contract' : 'backfill' }, index);
  const constraint = table.constraints.find(({ name }) => name === index.constraint);
  const inPlace =
    constraint === undefined
      ? [sql`ALTER INDEX ${qualified(built)} RENAME TO ${identifier(index.name)}`.text]
      : [attach(move, constraint, built.name), ...restoreComment(table, constraint)];
  return {
    steps: steps.map((step) => ({ ...step, title: `Build ${index.name} over ${shadowTitle(...moves)}` })),
    beforeDrop: [],
    afterRename: [...inPlace, ...markings(move, index)],
  };
}

function attach({ table }: Move, constraint: Constraint, index: string): string {
  const kind = raw(constraint.kind === 'primary_key' ? 'PRIMARY KEY' : 'UNIQUE');
  const deferrable = constraint.deferrable ? raw(' DEFERRABLE') : raw('');
  const deferred = constraint.initiallyDeferred ? raw(' INITIALLY DEFERRED') : raw('');
  return sql`${alter(table)} ADD CONSTRAINT ${identifier(constraint.name)} ${kind} USING INDEX ${identifier(index)}${deferrable}${deferred}`
    .text;
}

/** What an index's definition does not say. */
function markings({ table }: Move, index: Index): readonly string[] {
  const name = identifier(index.name);
  const full = qualified({ schema: table.schema, name: index.name });
  return [
    ...(index.comment === null ? [] : [sql`COMMENT ON INDEX ${full} IS ${literal(index.comment)}`.text]),
    ...(index.clustered ? [sql`${alter(table)} CLUSTER ON ${name}`.text] : []),
    ...(index.replicaIdentity ? [sql`${alter(table)} REPLICA IDENTITY USING INDEX ${name}`.text] : []),
  ];
}
