/**
 * The indexes of a column, built once more over another column of the same table, without blocking anybody. Several
 * columns at once where several are copied.
 *
 * Each is made from its own definition by replacing the column in the parse tree, so that order, operator classes,
 * collations, INCLUDE, expressions, predicate and storage parameters are those of the original. A partitioned table's
 * index cannot be built concurrently as a whole: it is created empty on the parent, built on each partition, and
 * attached.
 */
import type { IndexStmt, Node } from '@pgsql/types';
import { indexUses } from '../../catalog/edit.ts';
import { childrenOf, sameName } from '../../catalog/lookup.ts';
import type { Catalog, Index, QualifiedName, Table } from '../../catalog/model.ts';
import { qualified, sql } from '../../sql/template.ts';
import { replaceColumn } from '../../sql/walk.ts';
import { derivedName } from '../derived-name.ts';
import { transactional, undoBy, type Phase, type StepDraft } from '../step-draft.ts';
import { buildStep, createIndexSql, indexStatement, type IndexBuild } from './concurrent-index.ts';

/** A column, and the one in whose name the copy is built. */
type CopiedColumn = { readonly from: string; readonly to: string };

export type IndexCopies = {
  readonly catalog: Catalog;
  readonly migration: string;
  readonly table: Table;
  readonly columns: readonly CopiedColumn[];
  readonly phase: Phase;
};

/** The indexes that use one of the columns and can be built over others. An exclusion constraint's index cannot. */
export function indexesOver(table: Table, ...columns: readonly string[]): readonly Index[] {
  return table.indexes.filter(
    (index) => columns.some((column) => indexUses(index, column, table.name)) && !isExclusion(table, index),
  );
}

/** Its index comes only with its constraint, in one step that reads the table under a lock. */
export function isExclusion(table: Table, index: Index): boolean {
  const owner = table.constraints.find((constraint) => constraint.name === index.constraint);
  // The key of a temporal constraint (WITHOUT OVERLAPS, Postgres 18) is an exclusion, too, and stands in a GiST index.
  return owner !== undefined && (owner.kind === 'exclusion' || index.method !== 'btree');
}

/** The name under which the copy is built. */
export function indexCopyName(table: QualifiedName, index: Index, migration: string): QualifiedName {
  return { schema: table.schema, name: derivedName('index', migration, table, index.name) };
}

/** Steps that build one index over the other columns; for a partitioned table also on every partition. */
export function indexCopySteps(copies: IndexCopies, index: Index): readonly StepDraft[] {
  const { catalog, migration, table, phase } = copies;
  const name = indexCopyName(table, index, migration);
  const build: IndexBuild = {
    statement: overOther(copies, index),
    name: name.name,
    on: { schema: table.schema, name: table.name },
  };
  const title = `Build ${index.name} over ${copies.columns.map(({ to }) => `${table.name}.${to}`).join(' and ')}`;
  if (table.kind !== 'partitioned') return [buildStep(build, phase, title)];
  // DROP of the parent's index takes the attached ones with it, which could not be dropped alone.
  const undo = undoBy(transactional(sql`DROP INDEX IF EXISTS ${qualified(name)}`.text));
  const children = childrenOf(catalog, table).flatMap((child) => {
    const below = child.indexes.find(
      ({ partitionOf }) => partitionOf !== null && sameName(partitionOf, { schema: table.schema, name: index.name }),
    );
    return below === undefined ? [] : [{ child, index: below, name: indexCopyName(child, below, migration) }];
  });
  const attach = children.map(
    (below) => sql`ALTER INDEX ${qualified(name)} ATTACH PARTITION ${qualified(below.name)}`.text,
  );
  return [
    {
      phase,
      title: `${title}, which each partition must do first`,
      run: transactional(createIndexSql(build, { concurrently: false, only: true })),
      undo,
      notes: [],
    },
    ...children.flatMap((below) => indexCopySteps({ ...copies, table: below.child }, below.index)),
    ...(attach.length === 0
      ? []
      : [{ phase, title: `Attach the partitions' indexes to it`, run: transactional(...attach), undo, notes: [] }]),
  ];
}

function overOther({ table, columns }: IndexCopies, index: Index): IndexStmt {
  const statement = columns.reduce(
    (current, { from, to }) => replaceColumn(current, from, to, { table: table.name }),
    indexStatement(index.definition),
  );
  return {
    ...statement,
    ...(statement.options === undefined ? {} : { options: statement.options.map(unquoted) }),
    ...(index.tablespace === null ? {} : { tableSpace: index.tablespace }),
  };
}

/** pg_get_indexdef writes fillfactor='70', which the emitter would have to write as a string, too; 70 means the same. */
function unquoted(option: Node): Node {
  if (!('DefElem' in option)) return option;
  const { arg } = option.DefElem;
  const text = arg !== undefined && 'String' in arg ? (arg.String.sval ?? '') : '';
  return /^\d{1,9}$/.test(text) ? { DefElem: { ...option.DefElem, arg: { Integer: { ival: Number(text) } } } } : option;
}
