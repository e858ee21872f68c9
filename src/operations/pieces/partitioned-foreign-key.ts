/**
 * A foreign key of a partitioned table before Postgres 18, which knows no NOT VALID there (measured:
 * fk_not_valid.partitioned_referencing). It is added to each partition NOT VALID, validated there, and added to the
 * parent last: that takes over a partition's own key when it is the same and valid (tryAttachPartitionForeignKey in
 * src/backend/commands/tablecmds.c), so that no row is looked up under the lock.
 */
import { constraintOf, sameName } from '../../catalog/lookup.ts';
import type { Catalog, Table } from '../../catalog/model.ts';
import { identifier, qualified, raw, sql } from '../../sql/template.ts';
import type { ConstraintSpec } from '../change.ts';
import type { LockClaim } from '../effects.ts';
import { nothingToUndo, transactional, undoBy, type Phase, type StepDraft } from '../step-draft.ts';
import { chosenConstraintName } from './chosen-name.ts';
import { referencedColumns, referencedTable } from './constraint-in-catalog.ts';
import { addNotValid, dropConstraintIfExists, validate } from './constraint-statement.ts';
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
  const parts = leafPartitionsOf(catalog, table)
    .filter((partition) => partition.kind === 'table')
    .flatMap((partition): readonly StepDraft[] => {
      const alter = sql`ALTER TABLE ${qualified(partition)}`;
      const own = partitionKeyName(catalog, partition, spec, name);
      return [
        {
          phase,
          title: `Add foreign key ${own} of partition ${partition.name} for new rows`,
          run: transactional(addNotValid(alter, own, spec.definition)),
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
        sql`ALTER TABLE ${qualified(table)} ADD CONSTRAINT ${identifier(name)} ${raw(spec.definition)}`.text,
      ),
      undo: undoBy(transactional(dropConstraintIfExists(table, name))),
      notes: [
        'The partitions have the key already, so no row is looked up under the lock.',
        'A partition that is attached meanwhile is looked through under the lock.',
        ...notes,
      ],
    },
  ];
}

/** The parent's name, or one of its own where the partition uses that (addFkRecurseReferencing in tablecmds.c). */
export function partitionKeyName(catalog: Catalog, partition: Table, spec: ConstraintSpec, parent: string): string {
  return constraintOf(partition, parent) === null
    ? parent
    : chosenConstraintName(catalog, partition, { ...spec, name: null });
}

/** Partitions whose own key the parent's would take over, instead of looking up their rows. */
export function partitionsWithSameKey(catalog: Catalog, table: Table, spec: ConstraintSpec): readonly Table[] {
  if (table.kind !== 'partitioned') return [];
  const referenced = referencedTable(catalog, table, spec);
  const columns = referencedColumns(catalog, table, spec);
  if (referenced === null) return [];
  return descendantsOf(catalog, table).filter((partition) =>
    partition.constraints.some(
      ({ references, validated, enforced, inherited, deferrable, initiallyDeferred, columns: own }) =>
        references !== null &&
        validated &&
        enforced &&
        !inherited &&
        sameName(references.table, referenced) &&
        deferrable === spec.deferrable &&
        initiallyDeferred === spec.initiallyDeferred &&
        references.onDelete === spec.references?.onDelete &&
        references.onUpdate === spec.references.onUpdate &&
        references.match === spec.references.match &&
        own.length === spec.columns.length &&
        own.every((name, at) => name === spec.columns[at] && references.columns[at] === columns[at]),
    ),
  );
}

/** Measured: the triggers of a partition's own key are dropped, which takes ACCESS EXCLUSIVE where they stand. */
export function locksOfTakingOver(catalog: Catalog, taken: readonly Table[], referenced: Table): readonly LockClaim[] {
  const inParts = referenced.kind === 'partitioned';
  const tables = inParts ? [referenced, ...descendantsOf(catalog, referenced), ...taken] : [referenced];
  return tables.flatMap((each) => lockOn(each, 'ACCESS EXCLUSIVE'));
}
