/**
 * An index on a partitioned table without blocking writes: `ON ONLY` the parent, which builds nothing and is invalid at
 * first; each partition's index concurrently; `ALTER INDEX … ATTACH PARTITION`, which takes ACCESS SHARE on the tables
 * (measured: create_index_only_partitioned, attach_index_partition). With the last one attached the parent's is valid.
 */
import type { IndexStmt } from '@pgsql/types';
import type { Catalog, Index, IndexKey, QualifiedName, Table } from '../../catalog/model.ts';
import { qualified, sql } from '../../sql/template.ts';
import { nothingToUndo, transactional, undoBy, type Phase, type StepDraft } from '../step-draft.ts';
import { chosenIndexName } from './chosen-name.ts';
import { buildStep, createIndexSql, indexOf, type IndexBuild } from './concurrent-index.ts';
import { partitionsOf } from './table-family.ts';

export type PartitionedIndex = {
  readonly catalog: Catalog;
  readonly table: Table;
  readonly build: IndexBuild;
  readonly phase: Phase;
};

export function planPartitionedIndex({ catalog, table, build, phase }: PartitionedIndex): readonly StepDraft[] {
  const own: QualifiedName = { schema: table.schema, name: build.name };
  const drop = undoBy(transactional(sql`DROP INDEX IF EXISTS ${qualified(own)}`.text));
  const wanted = indexOf(build);
  const steps: StepDraft[] = [
    {
      phase,
      title: `Declare index ${build.name} of ${table.name}`,
      run: transactional(createIndexSql(build, { concurrently: false, only: true })),
      undo: drop,
      notes: [
        `${table.name} is partitioned: each partition's index is built on its own and attached; ${build.name} is valid with the last one.`,
      ],
    },
  ];
  for (const partition of partitionsOf(catalog, table)) {
    if (partition.kind === 'foreign') continue; // as Postgres does: rows elsewhere are not indexed here
    const same = partition.indexes.find(
      (index) => index.partitionOf === null && index.valid && sameShape(index, wanted),
    );
    const name = same?.name ?? chosenIndexName(catalog, partition, wanted.keys, wanted.include);
    if (same === undefined) steps.push(...partitionSteps(catalog, partition, build.statement, name, phase));
    const attached: QualifiedName = { schema: partition.schema, name };
    steps.push({
      phase,
      title: `Attach ${name} to ${build.name}`,
      run: transactional(sql`ALTER INDEX ${qualified(own)} ATTACH PARTITION ${qualified(attached)}`.text),
      // An attached index cannot be detached: it goes with the parent's.
      undo: same === undefined ? drop : nothingToUndo,
      notes: [],
    });
  }
  return steps;
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
