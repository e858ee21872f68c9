/**
 * ADD FOREIGN KEY (row 20).
 *
 * Every form takes SHARE ROW EXCLUSIVE on both tables, the referencing and the referenced one: writes to both wait
 * (measured: add_fk.valid, add_fk.not_valid). As written it holds them while it looks up every row, so it becomes: count
 * the orphans, add NOT VALID in a transaction of its own (milliseconds), validate (SHARE UPDATE EXCLUSIVE and ROW SHARE,
 * for which nobody waits). A tightening, so in contract; on a column that this batch adds, nullable and without default,
 * no old application can violate it, and it comes in expand.
 *
 * Partitioned referencing tables have no NOT VALID before Postgres 18: pieces/partitioned-foreign-key.ts says what is done.
 */
import { blankTable } from '../catalog/blank.ts';
import { columnOf, resolveName, resolveTable, sameName } from '../catalog/lookup.ts';
import type { Catalog, Table } from '../catalog/model.ts';
import { has } from '../postgres/version.ts';
import { identifier, join, qualified, sql } from '../sql/template.ts';
import type { AddForeignKey, ConstraintSpec } from './change.ts';
import { tableCommand } from './decode/alter-table.ts';
import { constraintSpec } from './decode/constraint-spec.ts';
import { noEffects } from './effects.ts';
import type { Operation, PlanContext } from './operation.ts';
import { chosenConstraintName } from './pieces/chosen-name.ts';
import { withConstraint } from './pieces/constraint-in-catalog.ts';
import {
  addNotValid,
  alterTable,
  constraintNode,
  dropConstraintIfExists,
  validate,
} from './pieces/constraint-statement.ts';
import { directStep } from './pieces/direct.ts';
import {
  partitionsWithSameKey,
  qualifiedDefinition,
  referencedColumns,
  referencedTable,
  touchTarget,
} from './pieces/foreign-key-target.ts';
import { lockOn } from './pieces/locks.ts';
import { locksOfTakingOver, partitionedForeignKeySteps } from './pieces/partitioned-foreign-key.ts';
import { familyOf, withPartitions, withRows } from './pieces/table-family.ts';
import { orphans } from './pieces/violations.ts';
import { nothingToUndo, transactional, undoBy, type Phase, type StepDraft } from './step-draft.ts';
import { touchColumn, touchConstraint, touchRows } from './touch.ts';

export const addForeignKey: Operation<AddForeignKey> = {
  kind: 'add_foreign_key',

  decode(part) {
    const add = tableCommand(part, 'AT_AddConstraint');
    const def = add?.command.def;
    if (add === null || def === undefined || !('Constraint' in def) || def.Constraint.contype !== 'CONSTR_FOREIGN')
      return null;
    const constraint = constraintSpec(def.Constraint, null);
    if (constraint === null) return null;
    return [{ kind: 'add_foreign_key', sql: part.sql, table: add.table, ifTableExists: add.ifTableExists, constraint }];
  },

  apply(catalog, change) {
    const table = resolveTable(catalog, change.table);
    return table === null ? catalog : withConstraint(catalog, table, change.constraint);
  },

  touches(change, catalog) {
    const { constraint } = change;
    const own = resolveName(catalog, change.table);
    const table = resolveTable(catalog, change.table) ?? blankTable(own);
    const target = constraint.references?.table ?? change.table;
    return {
      reads: [
        touchRows(catalog, change.table),
        touchRows(catalog, target),
        ...constraint.columns.map((column) => touchColumn(catalog, change.table, column)),
        ...touchTarget(catalog, table, constraint),
      ],
      writes: [touchConstraint(catalog, change.table, chosenConstraintName(catalog, own, constraint))],
    };
  },

  effects(change, catalog) {
    const table = resolveTable(catalog, change.table);
    if (table === null) return noEffects;
    const { constraint } = change;
    const referenced = referencedTable(catalog, table, constraint);
    // Measured: since 18 tables that inherit are locked, too, although they do not get the key.
    const reached = has(catalog.version, 'namedNotNullConstraints')
      ? familyOf(catalog, table)
      : withPartitions(catalog, table);
    const locked = [...reached, ...(referenced === null ? [] : withPartitions(catalog, referenced))];
    const taken = partitionsWithSameKey(catalog, table, constraint);
    const looksUp = !constraint.notValid && constraint.enforced;
    const scanned = looksUp ? withRows(withPartitions(catalog, table)).filter((part) => !taken.includes(part)) : [];
    // One join looks up all rows; it may read the referenced table from end to end as well (measured on a hundred rows).
    const looked = scanned.length === 0 || referenced === null ? [] : withRows(withPartitions(catalog, referenced));
    return {
      ...noEffects,
      locks: [
        ...unique(locked).flatMap((each) => lockOn(each, 'SHARE ROW EXCLUSIVE')),
        ...(taken.length === 0 || referenced === null ? [] : locksOfTakingOver(catalog, taken, referenced)),
      ],
      scans: unique([...scanned, ...looked]),
    };
  },

  plan(change, context) {
    const { catalog, directives } = context;
    const { constraint } = change;
    const known = resolveTable(catalog, change.table);
    const undo = addForeignKey.undo(change, catalog);
    if (!constraint.enforced) return [directStep(directives.phase ?? 'expand', change.sql, undo)];
    if (constraint.notValid || (known === null && change.ifTableExists)) {
      return [directStep(directives.phase ?? 'contract', change.sql, undo)];
    }
    const table = known ?? blankTable(resolveName(catalog, change.table));
    const harmless = nobodyViolates(constraint, table, context);
    const phase = directives.phase ?? (harmless ? 'expand' : 'contract');
    const gate = harmless ? [] : orphanGate(constraint, table, catalog, phase);
    const partitioned = table.kind === 'partitioned' && !has(catalog.version, 'notValidForeignKeyOnPartitioned');
    return [
      ...gate,
      ...(partitioned
        ? partitionedForeignKeySteps({ catalog, table, spec: constraint, phase }, indexNote(constraint, table))
        : plainSteps(change, table, context, phase)),
    ];
  },

  undo(change, catalog) {
    const table = resolveTable(catalog, change.table);
    if (table === null) return nothingToUndo;
    return undoBy(
      transactional(dropConstraintIfExists(table, chosenConstraintName(catalog, table, change.constraint))),
    );
  },
};

function plainSteps(change: AddForeignKey, table: Table, context: PlanContext, phase: Phase): readonly StepDraft[] {
  const { catalog } = context;
  const { constraint } = change;
  const name = chosenConstraintName(catalog, table, constraint);
  const target = constraint.references?.table.name ?? '';
  const alter = alterTable(catalog, table, change.sql);
  return [
    {
      phase,
      title: `Add foreign key ${name} of ${table.name} for new rows`,
      run: transactional(addNotValid(alter, name, qualifiedDefinition(catalog, table, constraint))),
      undo: undoBy(transactional(dropConstraintIfExists(table, name))),
      notes: [...indexNote(constraint, table), ...(phase === 'expand' ? deleteNote(constraint, table) : [])],
    },
    {
      phase,
      title: `Check that every row of ${table.name} has its row in ${target}`,
      run: transactional(validate(alter, name)),
      undo: nothingToUndo,
      notes: [],
    },
  ];
}

function orphanGate(constraint: ConstraintSpec, table: Table, catalog: Catalog, phase: Phase): readonly StepDraft[] {
  const referenced = referencedTable(catalog, table, constraint);
  const columns = referencedColumns(catalog, table, constraint);
  // A period (Postgres 18) is covered by several rows together: the validation itself has to say it.
  const temporal = constraintNode(constraint.definition).fk_with_period === true;
  if (referenced === null || temporal || columns.length !== constraint.columns.length) return [];
  return [
    {
      phase,
      title: `Count rows of ${table.name} without their row in ${referenced.name}`,
      run: orphans(catalog, {
        table,
        columns: constraint.columns,
        referenced,
        referencedColumns: columns,
        match: constraint.references?.match ?? 'simple',
      }),
      undo: nothingToUndo,
      notes: [],
    },
  ];
}

/**
 * A NULL in any column frees a row from MATCH SIMPLE, a NULL in all of them from MATCH FULL; an application that does not
 * know a new column writes NULL into it.
 */
function nobodyViolates(constraint: ConstraintSpec, table: Table, context: PlanContext): boolean {
  const staysNull = (name: string): boolean => {
    const column = columnOf(table, name);
    return (
      column !== null &&
      !column.notNull &&
      column.default === null &&
      column.generated === null &&
      column.identity === null &&
      context.isNewColumn(table, name)
    );
  };
  return constraint.references?.match === 'full'
    ? constraint.columns.every(staysNull)
    : constraint.columns.some(staysNull);
}

/** Without an index that begins with its columns, a foreign key makes each delete in the referenced table read all of this one. */
function indexNote(constraint: ConstraintSpec, table: Table): readonly string[] {
  const wanted = new Set(constraint.columns);
  const found = table.indexes.some(
    (index) =>
      index.valid &&
      index.predicate === null &&
      (index.method === 'btree' || index.method === 'hash') &&
      index.keys.slice(0, wanted.size).every((key) => key.column !== null && wanted.has(key.column)) &&
      index.keys.length >= wanted.size,
  );
  if (found || table.columns.length === 0) return [];
  const target = constraint.references?.table.name ?? '';
  const create = sql`CREATE INDEX CONCURRENTLY ON ${qualified(table)} (${join(constraint.columns.map(identifier))})`
    .text;
  return [
    `No index of ${table.name} begins with ${constraint.columns.join(', ')}: each delete or key change in ${target} reads all of ${table.name}. Consider: ${create}`,
  ];
}

function deleteNote(constraint: ConstraintSpec, table: Table): readonly string[] {
  const action = constraint.references?.onDelete;
  if (action !== 'no action' && action !== 'restrict') return [];
  const target = constraint.references?.table.name ?? '';
  return [
    `From expand on, a row of ${target} cannot be deleted while a row of ${table.name} refers to it; the old application meets that only through rows that the new one wrote.`,
  ];
}

function unique(tables: readonly Table[]): readonly Table[] {
  return tables.filter((table, at) => tables.findIndex((other) => sameName(other, table)) === at);
}
