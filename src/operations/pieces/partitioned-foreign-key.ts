/**
 * A foreign key of a partitioned table before Postgres 18, which knows no NOT VALID there (measured:
 * fk_not_valid.partitioned_referencing). It is added to each partition NOT VALID, validated there, and added to the
 * parent last: that takes over a partition's own key when it is the same and valid (tryAttachPartitionForeignKey in
 * src/backend/commands/tablecmds.c), so that no row is looked up under the lock.
 */
import type { Catalog, Table } from '../../catalog/model.ts';
import { identifier, qualified, raw, sql } from '../../sql/template.ts';
import type { ConstraintSpec } from '../change.ts';
import type { LockClaim } from '../effects.ts';
import { nothingToUndo, transactional, undoBy, type Phase, type StepDraft } from '../step-draft.ts';
import { chosenConstraintName, foreignKeyNameIn } from './chosen-name.ts';
import { addNotValid, dropConstraintIfExists, validate } from './constraint-statement.ts';
import { qualifiedDefinition } from './foreign-key-target.ts';
import { lockOn } from './locks.ts';
import { descendantsOf, leafPartitionsOf } from './table-family.ts';

export type PartitionedForeignKey = {
  readonly catalog: Catalog;
  readonly table: Table;
  readonly spec: ConstraintSpec;
  readonly phase: Phase;
};

export function partitionedForeignKeySteps(
  { catalog, table, spec, phase }: PartitionedForeignKey,
  notes: readonly string[],
): readonly StepDraft[] {
  const name = chosenConstraintName(catalog, table, spec);
  const target = spec.references?.table.name ?? '';
  const definition = qualifiedDefinition(catalog, table, spec);
  const parts = leafPartitionsOf(catalog, table)
    .filter((partition) => partition.kind === 'table')
    .flatMap((partition): readonly StepDraft[] => {
      const alter = sql`ALTER TABLE ${qualified(partition)}`;
      const own = foreignKeyNameIn(catalog, partition, spec, name);
      return [
        {
          phase,
          title: `Add foreign key ${own} of partition ${partition.name} for new rows`,
          run: transactional(addNotValid(alter, own, definition)),
          undo: undoBy(transactional(dropConstraintIfExists(partition, own))),
          notes: [],
        },
        {
          phase,
          title: `Check that every row of ${partition.name} has its row in ${target}`,
          run: transactional(validate(alter, own)),
          undo: nothingToUndo,
          notes: [],
        },
      ];
    });
  return [
    ...parts,
    {
      phase,
      title: `Add foreign key ${name} of ${table.name}`,
      run: transactional(
        sql`ALTER TABLE ${qualified(table)} ADD CONSTRAINT ${identifier(name)} ${raw(definition)}`.text,
      ),
      undo: undoBy(transactional(dropConstraintIfExists(table, name))),
      notes: [
        'The partitions have the key already, so no row is looked up under the lock.',
        'A partition that is attached meanwhile is looked through under the lock.',
        `The triggers of the partitions' own keys are dropped, so reads of ${target} wait for that moment as well.`,
        ...notes,
      ],
    },
  ];
}

/** Measured: the triggers of a partition's own key are dropped, which takes ACCESS EXCLUSIVE where they stand. */
export function locksOfTakingOver(catalog: Catalog, taken: readonly Table[], referenced: Table): readonly LockClaim[] {
  const inParts = referenced.kind === 'partitioned';
  const tables = inParts ? [referenced, ...descendantsOf(catalog, referenced), ...taken] : [referenced];
  return tables.flatMap((each) => lockOn(each, 'ACCESS EXCLUSIVE'));
}
