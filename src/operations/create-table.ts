/**
 * CREATE TABLE, also PARTITION OF, INHERITS, LIKE and AS SELECT (row 1). Nobody uses the table yet, so it is created as
 * written. What it is connected with is in use: a foreign key takes SHARE ROW EXCLUSIVE on the table it references, a new
 * partition ACCESS EXCLUSIVE on its parent (and on the default partition, which is scanned), INHERITS SHARE UPDATE
 * EXCLUSIVE on the parent (measured: create_table.with_fk, create_partition_of, create_table.inherits).
 */
import type { CreateStmt, Node, PartitionSpec } from '@pgsql/types';
import { blankTable } from '../catalog/blank.ts';
import { addTable } from '../catalog/edit.ts';
import { resolveName, resolveTable, tableNamed } from '../catalog/lookup.ts';
import type { Catalog, Table } from '../catalog/model.ts';
import { emit } from '../sql/emit.ts';
import type { StatementNode } from '../sql/parse.ts';
import { qualified, raw, sql } from '../sql/template.ts';
import type { ColumnSpec, ConstraintSpec, CreateTable } from './change.ts';
import { columnSpec } from './decode/column-spec.ts';
import { boundText } from './decode/partition-command.ts';
import { constraintSpec } from './decode/constraint-spec.ts';
import { relationName } from './decode/names.ts';
import { noEffects } from './effects.ts';
import type { Operation } from './operation.ts';
import {
  checkedTable,
  defaultPartitionCheck,
  defaultPartitionOf,
  defaultPartitionSteps,
} from './pieces/default-partition.ts';
import { directStep, statementTitle } from './pieces/direct.ts';
import { foldColumn } from './pieces/fold-column.ts';
import { withConstraint } from './pieces/constraint-in-catalog.ts';
import { lockOn, lockOnFamily } from './pieces/locks.ts';
import { parseBound, provesCheck } from './pieces/partition-bound.ts';
import { familyOf, withRows } from './pieces/table-family.ts';
import { nothingToUndo, transactional, undoBy } from './step-draft.ts';
import { touchTarget } from './pieces/foreign-key-target.ts';
import { touchDefaultPrivileges, touchRelation, touchType } from './touch.ts';

export const createTable: Operation<CreateTable> = {
  kind: 'create_table',

  decode(part) {
    if ('CreateTableAsStmt' in part.node) {
      const { into, objtype, if_not_exists } = part.node.CreateTableAsStmt;
      if (objtype !== 'OBJECT_TABLE' || into?.rel === undefined) return null;
      return [
        {
          ...emptyTable(part.sql, relationName(into.rel), into.rel.relpersistence),
          ifNotExists: if_not_exists === true,
          derived: true,
        },
      ];
    }
    if ('SelectStmt' in part.node && part.node.SelectStmt.intoClause?.rel !== undefined) {
      const { rel } = part.node.SelectStmt.intoClause;
      return [{ ...emptyTable(part.sql, relationName(rel), rel.relpersistence), derived: true }];
    }
    const foreign = 'CreateForeignTableStmt' in part.node;
    const statement = createStatement(part.node);
    if (statement === null) return null;
    const columns: ColumnSpec[] = [];
    const constraints: ConstraintSpec[] = [];
    for (const element of statement.tableElts ?? []) {
      if ('ColumnDef' in element) {
        const decoded = columnSpec(element.ColumnDef);
        columns.push(decoded.column);
        constraints.push(...decoded.constraints);
      } else if ('Constraint' in element) {
        const spec = constraintSpec(element.Constraint, null);
        if (spec !== null) constraints.push(spec);
      }
    }
    const keyColumns = new Set(
      constraints.filter((spec) => spec.kind === 'primary_key').flatMap((spec) => spec.columns),
    );
    const parents = (statement.inhRelations ?? []).flatMap((node) =>
      'RangeVar' in node ? [relationName(node.RangeVar)] : [],
    );
    const parent = parents[0];
    const isPartition = statement.partbound !== undefined && parent !== undefined;
    return [
      {
        ...emptyTable(part.sql, relationName(statement.relation), statement.relation?.relpersistence),
        columns: columns.map((column) => (keyColumns.has(column.name) ? { ...column, notNull: true } : column)),
        constraints,
        ifNotExists: statement.if_not_exists === true,
        ...partitioning(statement.partspec),
        foreign,
        partitionOf: isPartition ? { parent, bound: boundText(statement.partbound) } : null,
        inherits: isPartition ? [] : parents,
        derived:
          isPartition ||
          parents.length > 0 ||
          (statement.tableElts ?? []).some((element) => 'TableLikeClause' in element),
      },
    ];
  },

  apply(catalog, change) {
    const name = resolveName(catalog, change.table);
    if (tableNamed(catalog, name) !== null) return catalog;
    const parent = change.partitionOf === null ? null : resolveTable(catalog, change.partitionOf.parent);
    const created = addTable(
      catalog,
      blankTable(name, {
        kind: change.foreign ? 'foreign' : change.partitionKey === null ? 'table' : 'partitioned',
        persistence: change.persistence,
        columns: parent?.columns ?? change.inherits.flatMap((table) => resolveTable(catalog, table)?.columns ?? []),
        partitionKey: change.partitionKey,
        partitionKeyColumns: change.partitionKeyColumns,
        partitionOf:
          change.partitionOf === null
            ? null
            : { parent: resolveName(catalog, change.partitionOf.parent), bound: change.partitionOf.bound },
        inherits: change.inherits.map((table) => resolveName(catalog, table)),
        estimate: { rows: 0, bytes: 0 },
      }),
    );
    const withColumns = change.columns.reduce((before, column) => foldColumn(before, name, column), created);
    // Foreign keys last: Postgres adds them after everything else, and one may reference a key of this same table.
    const ordered = change.constraints.toSorted(
      (a, b) => Number(a.kind === 'foreign_key') - Number(b.kind === 'foreign_key'),
    );
    return ordered.reduce((before, constraint) => {
      const table = tableNamed(before, name);
      return table === null ? before : withConstraint(before, table, constraint);
    }, withColumns);
  },

  touches: (change, catalog) => ({
    reads: [
      touchDefaultPrivileges,
      ...change.constraints.flatMap((spec) =>
        touchTarget(catalog, blankTable(resolveName(catalog, change.table)), spec),
      ),
      ...change.columns.map((column) => touchType(catalog, column.type)),
      ...change.inherits.map((table) => touchRelation(catalog, table)),
    ],
    writes: [
      touchRelation(catalog, change.table),
      ...(change.partitionOf === null ? [] : [touchRelation(catalog, change.partitionOf.parent)]),
      // A key has an index of its name, which may be taken by a table that goes in contract.
      ...change.constraints.flatMap(({ name, kind }) =>
        name === null || kind === 'check' || kind === 'foreign_key'
          ? []
          : [touchRelation(catalog, { schema: resolveName(catalog, change.table).schema, name })],
      ),
    ],
  }),

  effects(change, catalog) {
    const referenced = change.constraints.flatMap((spec) =>
      spec.references === null ? [] : [resolveTable(catalog, spec.references.table)],
    );
    const parent = change.partitionOf === null ? null : resolveTable(catalog, change.partitionOf.parent);
    const isDefault = change.partitionOf?.bound === 'DEFAULT';
    const beside = parent === null || isDefault ? null : defaultPartitionOf(catalog, parent);
    const rest = parent === null || beside === null ? null : besideCheck(change, catalog, parent);
    const looked =
      beside === null || (rest !== null && provesCheck(beside, rest)) ? [] : withRows(familyOf(catalog, beside));
    return {
      ...noEffects,
      locks: [
        ...referenced.flatMap((table) => lockOn(table, 'SHARE ROW EXCLUSIVE')),
        ...lockOn(parent, 'ACCESS EXCLUSIVE'),
        ...lockOnFamily(catalog, beside, 'ACCESS EXCLUSIVE'),
        ...change.inherits.flatMap((table) => lockOn(resolveTable(catalog, table), 'SHARE UPDATE EXCLUSIVE')),
      ],
      scans: looked,
    };
  },

  plan(change, { catalog, migration, isNew, directives }) {
    const phase = directives.phase ?? 'expand';
    const undo = createTable.undo(change, catalog);
    const parent = change.partitionOf === null ? null : resolveTable(catalog, change.partitionOf.parent);
    const isDefault = change.partitionOf?.bound === 'DEFAULT';
    const beside = parent === null || isDefault ? null : defaultPartitionOf(catalog, parent);
    const expression =
      parent === null || beside === null || isNew(beside) ? null : besideCheck(change, catalog, parent);
    if (beside === null || expression === null) return [directStep(phase, change.sql, undo)];
    const checked = checkedTable(beside, expression, migration);
    return [
      ...defaultPartitionSteps(checked, change.table.name, phase),
      {
        phase,
        title: statementTitle(change.sql),
        run: transactional(change.sql, checked.drop),
        undo,
        notes: [`A valid check proves that no row of ${beside.name} belongs into it, so none is read under the lock.`],
      },
    ];
  },

  undo(change, catalog) {
    const name = resolveName(catalog, change.table);
    return tableNamed(catalog, name) === null
      ? undoBy(
          transactional(sql`DROP ${raw(change.foreign ? 'FOREIGN TABLE' : 'TABLE')} IF EXISTS ${qualified(name)}`.text),
        )
      : nothingToUndo;
  },
};

/** What no row of the default partition may satisfy beside this new partition. */
function besideCheck({ partitionOf }: CreateTable, catalog: Catalog, parent: Table): string | null {
  const bound = partitionOf === null ? null : parseBound(partitionOf.bound);
  return bound === null ? null : defaultPartitionCheck(catalog, parent, bound);
}

function createStatement(node: StatementNode): CreateStmt | null {
  if ('CreateStmt' in node) return node.CreateStmt;
  return 'CreateForeignTableStmt' in node ? (node.CreateForeignTableStmt.base ?? null) : null;
}

function emptyTable(text: string, table: CreateTable['table'], persistence: string | undefined): CreateTable {
  return {
    kind: 'create_table',
    sql: text,
    table,
    columns: [],
    constraints: [],
    ifNotExists: false,
    foreign: false,
    persistence: persistence === 't' ? 'temporary' : persistence === 'u' ? 'unlogged' : 'permanent',
    partitionKey: null,
    partitionKeyColumns: [],
    partitionOf: null,
    inherits: [],
    derived: false,
  };
}

function partitioning(spec: PartitionSpec | undefined): Pick<CreateTable, 'partitionKey' | 'partitionKeyColumns'> {
  if (spec === undefined) return { partitionKey: null, partitionKeyColumns: [] };
  const columns = (spec.partParams ?? []).flatMap((node: Node) =>
    'PartitionElem' in node && node.PartitionElem.name !== undefined ? [node.PartitionElem.name] : [],
  );
  return { partitionKey: keyText(spec), partitionKeyColumns: columns };
}

/** `RANGE (at)` as the emitter prints it inside a minimal statement. */
function keyText(partspec: PartitionSpec): string {
  const text = emit({
    CreateStmt: { relation: { relname: 'c', inh: true, relpersistence: 'p' }, partspec, oncommit: 'ONCOMMIT_NOOP' },
  });
  const words = 'PARTITION BY ';
  return text.slice(text.indexOf(words) + words.length);
}
