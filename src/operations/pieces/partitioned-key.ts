/**
 * A unique or primary key on a partitioned table without blocking writes, the way pg_dump restores one: the constraint
 * `ON ONLY` the parent, which builds nothing and is invalid at first; each partition's index concurrently, made a
 * constraint of the partition; `ALTER INDEX … ATTACH PARTITION`. With the last one attached the parent's is valid.
 * (Measured on 14–18: ALTER TABLE ONLY … ADD CONSTRAINT takes ACCESS EXCLUSIVE on the parent alone and scans nothing.)
 */
import type { IndexStmt } from '@pgsql/types';
import type { Catalog, QualifiedName, Table } from '../../catalog/model.ts';
import { identifier, qualified, raw, sql } from '../../sql/template.ts';
import type { ConstraintSpec } from '../change.ts';
import { transactional, undoBy, type Phase, type StepDraft } from '../step-draft.ts';
import { chosenConstraintName, withNameTaken } from './chosen-name.ts';
import { buildStep } from './concurrent-index.ts';
import { dropConstraintIfExists } from './constraint-statement.ts';
import { deferral, restoreIndexed } from './restore-constraint.ts';
import { sameKeyOf } from './same-key.ts';
import { partitionsOf } from './table-family.ts';

export type KeyBuild = {
  readonly catalog: Catalog;
  readonly spec: ConstraintSpec;
  /** The index behind the key. */
  readonly statement: IndexStmt;
  readonly phase: Phase;
};

export function planPartitionedKey(build: KeyBuild, table: Table, name: string): readonly StepDraft[] {
  const { spec, phase } = build;
  const own: QualifiedName = { schema: table.schema, name };
  const drop = transactional(dropConstraintIfExists(table, name));
  const declare = sql`ALTER TABLE ONLY ${qualified(table)} ADD CONSTRAINT ${identifier(name)} ${raw(spec.definition)}`;
  const steps: StepDraft[] = [
    {
      phase,
      title: `Declare ${name} of ${table.name}`,
      run: transactional(declare.text),
      undo: undoBy(drop),
      notes: [
        `${table.name} is partitioned: each partition's index is built on its own and attached; ${name} is valid with the last one.`,
      ],
    },
  ];
  let catalog = build.catalog;
  for (const partition of partitionsOf(catalog, table)) {
    const same = sameKeyOf(partition, spec);
    const child = same?.name ?? chosenConstraintName(catalog, partition, { ...spec, name: null });
    if (same === null) {
      catalog = withNameTaken(catalog, partition, child);
      steps.push(...partitionKey({ ...build, catalog }, partition, child));
    }
    const attached = qualified({ schema: partition.schema, name: child });
    steps.push({
      phase,
      title: `Attach ${child} to ${name}`,
      run: transactional(sql`ALTER INDEX ${qualified(own)} ATTACH PARTITION ${attached}`.text),
      // What is attached cannot be detached: it goes with the parent's. One that was there before is built again.
      undo: same === null ? undoBy(drop) : undoBy(drop, ...restoreIndexed(partition, same, true)),
      notes: [],
    });
  }
  return steps;
}

function partitionKey(build: KeyBuild, partition: Table, name: string): readonly StepDraft[] {
  if (partition.kind === 'partitioned') return planPartitionedKey(build, partition, name);
  return keyOnTable(build, partition, name);
}

/** The index under the constraint's name, so that it is not renamed when it becomes the constraint. */
export function keyOnTable({ spec, statement, phase }: KeyBuild, table: Table, name: string): readonly StepDraft[] {
  const kind = spec.kind === 'primary_key' ? 'primary key' : 'unique constraint';
  const keyword = spec.kind === 'primary_key' ? 'PRIMARY KEY' : 'UNIQUE';
  const attach = sql`ALTER TABLE ${qualified(table)} ADD CONSTRAINT ${identifier(name)} ${raw(keyword)} USING INDEX ${identifier(name)}${raw(deferral(spec))}`;
  const on = { schema: table.schema, name: table.name };
  return [
    buildStep({ statement, name, on }, phase, `Build unique index ${name} on ${table.name}`),
    {
      phase,
      title: `Make ${name} the ${kind} of ${table.name}`,
      run: transactional(attach.text),
      undo: undoBy(transactional(dropConstraintIfExists(table, name))),
      notes: [],
    },
  ];
}
