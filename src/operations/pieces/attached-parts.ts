/**
 * What a partition must have that its parent has: indexes, keys and foreign keys. Postgres makes what is missing during
 * ATTACH PARTITION, while nobody can read or write the table (measured: attach_partition.index, .key, .with_fk_parent); so
 * it is made before, beside everybody, and ATTACH takes it over.
 */
import { addConstraint, addIndex, updateConstraint, updateIndex } from '../../catalog/edit.ts';
import type { Catalog, Constraint, Index, QualifiedName, Table } from '../../catalog/model.ts';
import { qualified, sql } from '../../sql/template.ts';
import type { ConstraintSpec } from '../change.ts';
import { constraintSpec } from '../decode/constraint-spec.ts';
import { nothingToUndo, transactional, undoBy, type Phase, type StepDraft } from '../step-draft.ts';
import { chosenConstraintName, chosenIndexName, foreignKeyNameIn, withNameTaken } from './chosen-name.ts';
import { buildStep, indexOf, indexStatement } from './concurrent-index.ts';
import {
  addNotValid,
  constraintNode,
  dropConstraintIfExists,
  restoreDefinition,
  validate,
} from './constraint-statement.ts';
import { keyIndexStatement } from './constraint-in-catalog.ts';
import { referencedColumns, referencedTable, sameKeyIn } from './foreign-key-target.ts';
import { partitionedForeignKeySteps } from './partitioned-foreign-key.ts';
import { planPartitionedIndex, sameShape } from './partitioned-index.ts';
import { keyOnTable, planPartitionedKey } from './partitioned-key.ts';
import { sameKeyOf } from './same-key.ts';
import { orphans } from './violations.ts';

export type Parts = {
  /** Of the parent, without a counterpart in the table. */
  readonly missingIndexes: readonly Index[];
  readonly missingKeys: readonly ConstraintSpec[];
  readonly missingForeignKeys: readonly { readonly spec: ConstraintSpec; readonly name: string }[];
  /** Pairs of the parent's and the table's own. */
  readonly indexes: readonly { readonly parent: string; readonly own: string }[];
  readonly takenForeignKeys: readonly ConstraintSpec[];
};

export function partsFor(catalog: Catalog, parent: Table, table: Table): Parts {
  // A foreign table has no indexes; a unique one of the parent makes the server refuse it.
  const plain = table.kind === 'foreign' ? [] : parent.indexes.filter((index) => index.constraint === null);
  // One of a table that has partitions itself is valid with the last of theirs.
  const isUsable = (own: Index) => own.partitionOf === null && (own.valid || table.kind === 'partitioned');
  const shape = (index: Index) =>
    table.indexes.find((own) => isUsable(own) && own.constraint === null && sameShape(spelled(own), spelled(index)));
  const keys = parent.constraints.filter(({ kind }) => kind === 'primary_key' || kind === 'unique');
  const foreign = parent.constraints
    .filter(({ kind }) => kind === 'foreign_key')
    .flatMap((constraint) => {
      const spec = specOf(constraint);
      return spec === null ? [] : [{ spec, name: constraint.name }];
    });
  return {
    missingIndexes: plain.filter((index) => shape(index) === undefined),
    missingKeys: keys.flatMap((key) => {
      const spec = specOf(key);
      return spec === null || sameKeyOf(table, spec) !== null ? [] : [spec];
    }),
    missingForeignKeys: foreign.filter(({ spec }) => sameKeyIn(catalog, table, parent, spec) === null),
    indexes: [
      ...plain.flatMap((index) => {
        const own = shape(index);
        return own === undefined ? [] : [{ parent: index.name, own: own.name }];
      }),
      ...keys.flatMap((key) => {
        const spec = specOf(key);
        const own = spec === null ? null : sameKeyOf(table, spec);
        const index = own?.index ?? null;
        return index === null || key.index === null ? [] : [{ parent: key.index, own: index }];
      }),
    ],
    takenForeignKeys: foreign.flatMap(({ spec }) => (sameKeyIn(catalog, table, parent, spec) === null ? [] : [spec])),
  };
}

/** By its definition alone, which is spelled the same way wherever it comes from. */
function spelled(index: Index): Index {
  const on = { schema: 'any', name: 'any' };
  return indexOf({ statement: indexStatement(index.definition), name: index.name, on });
}

function specOf(constraint: Constraint): ConstraintSpec | null {
  const spec = constraintSpec(constraintNode(restoreDefinition(constraint)), null);
  const { deferrable, initiallyDeferred } = constraint;
  return spec === null ? null : { ...spec, deferrable, initiallyDeferred };
}

/** Whatever is missing, made while everybody reads and writes the table. */
export function missingPartSteps(before: Catalog, parent: Table, table: Table, phase: Phase): readonly StepDraft[] {
  const parts = partsFor(before, parent, table);
  const steps: StepDraft[] = [];
  let catalog = before;
  for (const index of parts.missingIndexes) {
    const name = chosenIndexName(catalog, table, index.keys, index.include);
    catalog = withNameTaken(catalog, table, name);
    const build = { statement: indexStatement(index.definition), name, on: { schema: table.schema, name: table.name } };
    steps.push(
      ...(table.kind === 'partitioned'
        ? planPartitionedIndex({ catalog, table, build, phase })
        : [buildStep(build, phase, `Build index ${name} on ${table.name}, as ${parent.name} has it`)]),
    );
  }
  for (const spec of parts.missingKeys) {
    const name = chosenConstraintName(catalog, table, { ...spec, name: null });
    catalog = withNameTaken(catalog, table, name);
    const build = { catalog, spec, statement: keyIndexStatement({}, spec), phase };
    steps.push(
      ...(table.kind === 'partitioned' ? planPartitionedKey(build, table, name) : keyOnTable(build, table, name)),
    );
  }
  for (const { spec, name } of parts.missingForeignKeys)
    steps.push(
      ...foreignKeySteps(catalog, table, { ...spec, name: foreignKeyNameIn(catalog, table, spec, name) }, phase),
    );
  return steps;
}

function foreignKeySteps(catalog: Catalog, table: Table, spec: ConstraintSpec, phase: Phase): readonly StepDraft[] {
  const referenced = referencedTable(catalog, table, spec);
  const name = spec.name ?? '';
  if (table.kind === 'partitioned')
    return partitionedForeignKeySteps({ catalog, table, spec, phase }, []).map(inherent);
  const alter = sql`ALTER TABLE ${qualified(table)}`;
  const gate: readonly StepDraft[] =
    referenced === null
      ? []
      : [
          {
            phase,
            title: `Count rows of ${table.name} without their row in ${referenced.name}`,
            run: orphans(catalog, {
              table,
              columns: spec.columns,
              referenced,
              referencedColumns: referencedColumns(catalog, table, spec),
              match: spec.references?.match ?? 'simple',
            }),
            undo: nothingToUndo,
            notes: [],
          },
        ];
  return [
    ...gate,
    inherent({
      phase,
      title: `Add foreign key ${name} of ${table.name} for new rows`,
      run: transactional(addNotValid(alter, name, spec.definition)),
      undo: undoBy(transactional(dropConstraintIfExists(table, name))),
      notes: [],
    }),
    {
      phase,
      title: `Check that every row of ${table.name} has its row in ${referenced?.name ?? ''}`,
      run: transactional(validate(alter, name)),
      undo: nothingToUndo,
      notes: [],
    },
  ];
}

/** The rows of a partition are held to what its parent holds them to. */
function inherent(draft: StepDraft): StepDraft {
  return { ...draft, exemption: 'inherent' };
}

/** The table's own parts as the parent's, and those that are missing. */
export function withParts(catalog: Catalog, parent: Table, table: Table): Catalog {
  const parts = partsFor(catalog, parent, table);
  const of = (name: string): QualifiedName => ({ schema: parent.schema, name });
  let edited = catalog;
  for (const { parent: above, own } of parts.indexes) {
    edited = updateIndex(edited, { schema: table.schema, name: own }, (index) => ({
      ...index,
      partitionOf: of(above),
    }));
    edited = updateConstraint(edited, table, own, (constraint) => ({ ...constraint, inherited: true }));
  }
  for (const index of parts.missingIndexes) {
    const name = chosenIndexName(edited, table, index.keys, index.include);
    edited = addIndex(edited, table, { ...index, name, valid: true, partitionOf: of(index.name) });
  }
  for (const { spec, name } of parts.missingForeignKeys) {
    const above = parent.constraints.find((constraint) => constraint.name === name);
    const own = foreignKeyNameIn(edited, table, spec, name);
    if (above !== undefined) edited = addConstraint(edited, table, { ...above, name: own, inherited: true });
  }
  for (const spec of parts.takenForeignKeys) {
    const own = sameKeyIn(edited, table, parent, spec);
    if (own !== null) edited = updateConstraint(edited, table, own.name, (each) => ({ ...each, inherited: true }));
  }
  return edited;
}
