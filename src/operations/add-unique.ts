/**
 * ADD UNIQUE and ADD PRIMARY KEY (row 21), also written USING INDEX.
 *
 * As written, ACCESS EXCLUSIVE is held while the index is built (measured: add_unique). Instead: count the values that
 * stand in more than one row; build the unique index concurrently under the constraint's final name; make it the
 * constraint, which takes a moment (measured: add_unique.using_index). All of it in expand, so that the new application
 * can say ON CONFLICT; `migrate:phase contract` moves it, for an old application that still writes duplicates.
 *
 * A primary key also makes its columns NOT NULL. Where one is not yet, the old application may be writing NULLs into it, so
 * the whole comes to contract, behind the pieces of SET NOT NULL; with those done, no row is looked at under the lock
 * (measured: add_primary_key.using_index_notnull against .using_index_nullable). `migrate:using` fills that column.
 *
 * On a partitioned table the same happens partition by partition (pieces/partitioned-key.ts).
 *
 * An exclusion constraint has no such path: only a unique index can become a constraint.
 */
import { blankTable } from '../catalog/blank.ts';
import { columnOf, constraintOf, resolveName, resolveTable } from '../catalog/lookup.ts';
import type { Catalog, Index, Table } from '../catalog/model.ts';
import { MigrateError } from '../errors.ts';
import { has } from '../postgres/version.ts';
import { identifier, qualified, sql } from '../sql/template.ts';
import type { AddUnique, ConstraintSpec } from './change.ts';
import { tableCommand } from './decode/alter-table.ts';
import { constraintSpec } from './decode/constraint-spec.ts';
import { noEffects } from './effects.ts';
import type { Operation, PlanContext } from './operation.ts';
import { chosenConstraintName } from './pieces/chosen-name.ts';
import { rebuildConcurrently } from './pieces/concurrent-index.ts';
import { isTemporal, keyIndexStatement, withConstraint } from './pieces/constraint-in-catalog.ts';
import { dropConstraintIfExists, writesOnly, writtenConstraint } from './pieces/constraint-statement.ts';
import { directStep } from './pieces/direct.ts';
import { fillSteps } from './pieces/fill.ts';
import { lockOn } from './pieces/locks.ts';
import { noNullsGate, notNullSteps } from './pieces/not-null.ts';
import { keyOnTable, planPartitionedKey } from './pieces/partitioned-key.ts';
import { restoreIndexed } from './pieces/restore-constraint.ts';
import { sameKeysBelow } from './pieces/same-key.ts';
import { familyOf, withRows } from './pieces/table-family.ts';
import { touchesBelow } from './pieces/goes-along.ts';
import { duplicates } from './pieces/violations.ts';
import { nothingToUndo, transactional, undoBy, type Phase, type StepDraft } from './step-draft.ts';
import { touchColumn, touchConstraint, touchPrimaryKey, touchRelation, touchRows } from './touch.ts';

/** Kinds that stand on an index of their own. */
const keys: ReadonlySet<string> = new Set(['CONSTR_UNIQUE', 'CONSTR_PRIMARY', 'CONSTR_EXCLUSION']);

export const addUnique: Operation<AddUnique> = {
  kind: 'add_unique',

  decode(part) {
    const add = tableCommand(part, 'AT_AddConstraint');
    const def = add?.command.def;
    if (add === null || def === undefined || !('Constraint' in def)) return null;
    if (!keys.has(def.Constraint.contype ?? '')) return null;
    const constraint = constraintSpec(def.Constraint, null);
    if (constraint === null) return null;
    return [{ kind: 'add_unique', sql: part.sql, table: add.table, ifTableExists: add.ifTableExists, constraint }];
  },

  apply(catalog, change) {
    const table = resolveTable(catalog, change.table);
    return table === null ? catalog : withConstraint(catalog, table, change.constraint, writesOnly(change.sql));
  },

  touches(change, catalog) {
    const own = resolveName(catalog, change.table);
    const { constraint } = change;
    const name = chosenConstraintName(catalog, own, constraint);
    const columns = keyColumns(constraint, resolveTable(catalog, change.table));
    const keys = columns.map((column) => touchColumn(catalog, change.table, column));
    const relations = [name, ...(constraint.usingIndex === null ? [] : [constraint.usingIndex])];
    return {
      reads: [touchRows(catalog, change.table), ...keys],
      writes: [
        touchConstraint(catalog, change.table, name),
        ...relations.map((relation) => touchRelation(catalog, { schema: own.schema, name: relation })),
        ...touchesBelow(catalog, own, addUnique.apply(catalog, change)),
        ...(constraint.kind === 'primary_key' ? [touchPrimaryKey(catalog, change.table), ...keys] : []),
      ],
    };
  },

  effects(change, catalog) {
    const table = resolveTable(catalog, change.table);
    if (table === null) return noEffects;
    const { constraint } = change;
    const only = writesOnly(change.sql);
    const family = only ? [table] : familyOf(catalog, table);
    const nullable = nullableColumns(constraint, table);
    const reached = table.kind === 'partitioned' ? family : [table];
    // A partition that has such a key already keeps its index.
    const takenOver = sameKeysBelow(catalog, table, constraint).flatMap((key) => familyOf(catalog, key.table));
    const built = constraint.usingIndex === null ? reached.filter((each) => !takenOver.includes(each)) : [];
    const looked = nullable.some((column) => !provedNotNull(table, column)) ? family : [];
    // Measured: the NOT NULL of a primary key is looked for in every table below, and since 18 all of them are locked
    // whatever is added.
    const inherited = constraint.kind === 'primary_key' && table.kind !== 'partitioned';
    const whole = nullable.length > 0 || inherited || has(catalog.version, 'namedNotNullConstraints');
    return {
      ...noEffects,
      locks: [
        ...(whole ? family : [table]).flatMap((each) => lockOn(each, 'ACCESS EXCLUSIVE')),
        ...(whole ? [] : reached.slice(1)).flatMap((each) => lockOn(each, 'SHARE')),
      ],
      scans: withRows([...new Set([...built, ...looked])]),
      indexBuilds: withRows(built),
    };
  },

  plan(change, context) {
    const { catalog, directives } = context;
    const { constraint } = change;
    const known = resolveTable(catalog, change.table);
    if (known === null && change.ifTableExists)
      return [directStep(directives.phase ?? 'expand', change.sql, nothingToUndo)];
    const table = known ?? blankTable(resolveName(catalog, change.table));
    const nullable = nullableColumns(constraint, table);
    const phase = directives.phase ?? (nullable.length > 0 ? 'contract' : 'expand');
    if (constraint.kind === 'exclusion' || isTemporal(constraint)) {
      if (!context.isSmall(table)) throw cannotExclude(change, table);
      const note = `Reads and writes of ${table.name} wait while its index is built; it is small.`;
      const step = directStep(directives.phase ?? 'contract', change.sql, addUnique.undo(change, catalog), [note]);
      return [{ ...step, exemption: 'small table' }];
    }
    // ONLY a partitioned table builds nothing: the partitions' indexes are attached by the statements that follow.
    if (table.kind === 'partitioned' && writesOnly(change.sql))
      return [directStep(phase, change.sql, addUnique.undo(change, catalog))];
    const fill =
      nullable.length === 0 || directives.using === null ? [] : fillFor(nullable, directives.using, table, context);
    return [
      ...fill.filter((step) => step.phase !== 'contract'),
      ...nullable.map((column): StepDraft => ({
        phase,
        title: `Count rows of ${table.name} without ${column}`,
        run: noNullsGate(table, column),
        undo: nothingToUndo,
        notes: [],
      })),
      ...(constraint.usingIndex === null ? [duplicateGate(change, table, catalog, phase)] : []),
      ...nullable.flatMap((column) =>
        notNullSteps({ table, column, constraintName: null }, catalog, context.migration, phase),
      ),
      ...(constraint.usingIndex === null
        ? keySteps(change, table, catalog, phase)
        : [directStep(phase, change.sql, undoUsingIndex(constraint, table, catalog))]),
      ...fill.filter((step) => step.phase === 'contract'),
    ];
  },

  undo(change, catalog) {
    const table = resolveTable(catalog, change.table);
    if (table === null || constraintOf(table, chosenConstraintName(catalog, table, change.constraint)) !== null)
      return nothingToUndo;
    if (change.constraint.usingIndex !== null) return undoUsingIndex(change.constraint, table, catalog);
    return undoBy(
      transactional(
        dropConstraintIfExists(table, chosenConstraintName(catalog, table, change.constraint)),
        ...dropNotNull(nullableColumns(change.constraint, table), table),
      ),
      // A partition's own key that was taken over goes with the parent's.
      ...sameKeysBelow(catalog, table, change.constraint).flatMap((key) =>
        restoreIndexed(key.table, key.constraint, false),
      ),
    );
  },
};

function duplicateGate({ constraint }: AddUnique, table: Table, catalog: Catalog, phase: Phase): StepDraft {
  const keys = constraint.columns.map((column) => ({
    column,
    expression: column,
    operatorClass: null,
    collation: null,
    descending: false,
    nullsFirst: false,
  }));
  return {
    phase,
    title: `Count values of ${constraint.columns.join(', ')} that stand twice in ${table.name}`,
    run: duplicates(catalog, { on: table, keys, predicate: null, nullsNotDistinct: constraint.nullsNotDistinct }),
    undo: nothingToUndo,
    notes: [],
  };
}

function keySteps(change: AddUnique, table: Table, catalog: Catalog, phase: Phase): readonly StepDraft[] {
  const { constraint: spec } = change;
  const statement = keyIndexStatement(writtenConstraint(change.sql), spec);
  const name = chosenConstraintName(catalog, table, spec);
  const build = { catalog, spec, statement, phase };
  return table.kind === 'partitioned' ? planPartitionedKey(build, table, name) : keyOnTable(build, table, name);
}

function usedIndex(constraint: ConstraintSpec, table: Table | null): Index | null {
  if (constraint.usingIndex === null) return null;
  return table?.indexes.find((index) => index.name === constraint.usingIndex) ?? null;
}

function keyColumns(constraint: ConstraintSpec, table: Table | null): readonly string[] {
  const index = usedIndex(constraint, table);
  return index === null ? constraint.columns : index.keys.flatMap((key) => key.column ?? []);
}

/** Columns that the primary key will make NOT NULL. */
function nullableColumns(constraint: ConstraintSpec, table: Table): readonly string[] {
  if (constraint.kind !== 'primary_key') return [];
  return keyColumns(constraint, table).filter((name) => columnOf(table, name)?.notNull === false);
}

/** A valid `CHECK (c IS NOT NULL)` spares the scan (measured: add_primary_key.using_index_valid_check). */
function provedNotNull(table: Table, column: string): boolean {
  const plain = sql`${identifier(column)} IS NOT NULL`.text;
  return table.constraints.some(
    ({ kind, validated, expression }) =>
      kind === 'check' && validated && expression?.replaceAll(/^\(+|\)+$/g, '').trim() === plain,
  );
}

/** The constraint takes the index with it when it goes: the index is built again, under the name that it had. */
function undoUsingIndex(constraint: ConstraintSpec, table: Table, catalog: Catalog) {
  const index = usedIndex(constraint, table);
  return undoBy(
    transactional(
      dropConstraintIfExists(table, chosenConstraintName(catalog, table, constraint)),
      ...dropNotNull(nullableColumns(constraint, table), table),
    ),
    ...(index === null ? [] : rebuildConcurrently(table, index)),
  );
}

function dropNotNull(columns: readonly string[], table: Table): readonly string[] {
  return columns.map(
    (column) => sql`ALTER TABLE ${qualified(table)} ALTER COLUMN ${identifier(column)} DROP NOT NULL`.text,
  );
}

function fillFor(nullable: readonly string[], using: string, table: Table, context: PlanContext): readonly StepDraft[] {
  const [column, ...others] = nullable;
  if (column === undefined || others.length > 0) {
    throw new MigrateError(
      'CANNOT_PLAN',
      `migrate:using gives one column its value, but the primary key of ${table.name} makes ${nullable.join(' and ')} NOT NULL.`,
      {
        hint: nullable
          .map(
            (name) =>
              `-- migrate:using <expression>\n${sql`ALTER TABLE ${qualified(table)} ALTER COLUMN ${identifier(name)} SET NOT NULL`.text};`,
          )
          .join('\n'),
        details: { table: table.name, schema: table.schema },
      },
    );
  }
  return fillSteps({ table, column, expression: using }, context);
}

/** Row 27. */
function cannotExclude(change: AddUnique, table: Table): MigrateError {
  const what = change.constraint.kind === 'exclusion' ? 'An exclusion constraint' : 'A key WITHOUT OVERLAPS';
  return new MigrateError(
    'CANNOT_PLAN',
    `${what} cannot take over an index that was built concurrently: all reads and writes of ${table.name} would wait while its index is built.`,
    {
      hint: 'On a table that is small enough for that, say so above the statement: -- migrate:raw -- <reason>',
      details: { table: table.name, schema: table.schema, constraint: change.constraint.name },
    },
  );
}
