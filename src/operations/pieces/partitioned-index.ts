/**
 * An index on a partitioned table without blocking writes: `ON ONLY` the parent, which builds nothing and is invalid at
 * first; each partition's index concurrently; `ALTER INDEX … ATTACH PARTITION`, which takes ACCESS SHARE on the tables
 * (measured: create_index_only_partitioned, attach_index_partition). With the last one attached the parent's is valid.
 *
 * A foreign partition has no index to attach, and without one of each partition the parent's never becomes valid. So there
 * the partitions' are built first; CREATE INDEX on the parent, which passes foreign partitions over, then finds all that
 * it would build, and takes it over.
 */
import type { IndexStmt } from '@pgsql/types';
import type { Catalog, Index, IndexKey, QualifiedName, Table } from '../../catalog/model.ts';
import { qualified, sql } from '../../sql/template.ts';
import { transactional, undoBy, type Phase, type StepDraft, type UndoAction } from '../step-draft.ts';
import { chosenIndexName, withNameTaken } from './chosen-name.ts';
import { buildStep, createIndexSql, indexOf, rebuildConcurrently, type IndexBuild } from './concurrent-index.ts';
import { partitionsOf } from './table-family.ts';

export type PartitionedIndex = {
  readonly catalog: Catalog;
  readonly table: Table;
  readonly build: IndexBuild;
  readonly phase: Phase;
};

export function planPartitionedIndex(index: PartitionedIndex): readonly StepDraft[] {
  const { table, build, phase } = index;
  if (partitionsOf(index.catalog, table).some(({ kind }) => kind === 'foreign')) return besideForeignPartition(index);
  const own: QualifiedName = { schema: table.schema, name: build.name };
  const drop = transactional(sql`DROP INDEX IF EXISTS ${qualified(own)}`.text);
  const wanted = indexOf(build);
  const steps: StepDraft[] = [
    {
      phase,
      title: `Declare index ${build.name} of ${table.name}`,
      run: transactional(createIndexSql(build, { concurrently: false, only: true })),
      undo: undoBy(drop),
      notes: [
        `${table.name} is partitioned: each partition's index is built on its own and attached; ${build.name} is valid with the last one.`,
      ],
    },
  ];
  let catalog = index.catalog;
  for (const partition of partitionsOf(catalog, table)) {
    const same = partition.indexes.find((one) => one.partitionOf === null && one.valid && sameShape(one, wanted));
    const name = same?.name ?? chosenIndexName(catalog, partition, wanted.keys, wanted.include);
    if (same === undefined) {
      catalog = withNameTaken(catalog, partition, name);
      steps.push(...partitionSteps(catalog, partition, build.statement, name, phase));
    }
    const attached: QualifiedName = { schema: partition.schema, name };
    steps.push({
      phase,
      title: `Attach ${name} to ${build.name}`,
      run: transactional(sql`ALTER INDEX ${qualified(own)} ATTACH PARTITION ${qualified(attached)}`.text),
      // An attached index cannot be detached: it goes with the parent's. One that was there before is built again.
      undo: same === undefined ? undoBy(drop) : undoBy(drop, ...rebuildConcurrently(partition, same)),
      notes: [],
    });
  }
  return steps;
}

function besideForeignPartition(index: PartitionedIndex): readonly StepDraft[] {
  const { table, build, phase } = index;
  const wanted = indexOf(build);
  const steps: StepDraft[] = [];
  const back: UndoAction[] = [];
  let catalog = index.catalog;
  for (const partition of partitionsOf(catalog, table)) {
    if (partition.kind === 'foreign') continue;
    const same = partition.indexes.find((one) => one.partitionOf === null && one.valid && sameShape(one, wanted));
    if (same !== undefined) back.push(...rebuildConcurrently(partition, same));
    else {
      const name = chosenIndexName(catalog, partition, wanted.keys, wanted.include);
      catalog = withNameTaken(catalog, partition, name);
      steps.push(...partitionSteps(catalog, partition, build.statement, name, phase));
    }
  }
  const own: QualifiedName = { schema: table.schema, name: build.name };
  return [
    ...steps,
    {
      phase,
      title: `Make index ${build.name} of ${table.name} from those of its partitions`,
      run: transactional(createIndexSql(build, { concurrently: false, only: false })),
      undo: undoBy(transactional(sql`DROP INDEX IF EXISTS ${qualified(own)}`.text), ...back),
      notes: [`Foreign partitions of ${table.name} have no part in it: their rows are elsewhere.`],
    },
  ];
}

function partitionSteps(
  catalog: Catalog,
  partition: Table,
  statement: IndexStmt,
  name: string,
  phase: Phase,
): readonly StepDraft[] {
  const build: IndexBuild = { statement, name, on: { schema: partition.schema, name: partition.name } };
  return partition.kind === 'partitioned'
    ? planPartitionedIndex({ catalog, table: partition, build, phase })
    : [buildStep(build, phase, `Build index ${name} on partition ${partition.name}`)];
}

/** Whether an index can stand for another one (CompareIndexInfo in index.c), as far as the catalog tells. */
export function sameShape(a: Index, b: Index): boolean {
  return (
    a.method === b.method &&
    a.unique === b.unique &&
    a.nullsNotDistinct === b.nullsNotDistinct &&
    a.predicate === b.predicate &&
    a.constraint === null &&
    sameList(a.include, b.include) &&
    a.keys.length === b.keys.length &&
    a.keys.every((key, at) => sameKey(key, b.keys[at]))
  );
}

function sameKey(a: IndexKey, b: IndexKey | undefined): boolean {
  return (
    b !== undefined &&
    a.expression === b.expression &&
    a.operatorClass === b.operatorClass &&
    a.collation === b.collation &&
    a.descending === b.descending &&
    a.nullsFirst === b.nullsFirst
  );
}

function sameList(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((item, at) => item === b[at]);
}
