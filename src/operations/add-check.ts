/**
 * ADD CHECK (row 19).
 *
 * A tightening: rows that violate it may be there, and the old application may go on writing them, so it comes to
 * contract. First the violators are counted, then the check is added NOT VALID (a short ACCESS EXCLUSIVE; from then on
 * any UPDATE of a row that violates it fails, also one of unrelated columns), then validated under SHARE UPDATE
 * EXCLUSIVE, for which nobody who reads or writes waits (measured: add_check.not_valid, validate_check).
 *
 * With `migrate:using`, a trigger repairs what violates it from expand on, and the rows that are there are repaired in
 * batches. A check about columns that this same batch of migrations adds, and that passes for what the old application
 * writes into them (NULL, or a constant default), comes in expand.
 */
import { blankTable } from '../catalog/blank.ts';
import { columnOf, resolveName, resolveTable } from '../catalog/lookup.ts';
import type { Catalog, Table } from '../catalog/model.ts';
import { MigrateError } from '../errors.ts';
import { has } from '../postgres/version.ts';
import type { AddCheck } from './change.ts';
import { tableCommand } from './decode/alter-table.ts';
import { constraintSpec } from './decode/constraint-spec.ts';
import { noEffects } from './effects.ts';
import type { Operation, PlanContext } from './operation.ts';
import { chosenConstraintName } from './pieces/chosen-name.ts';
import { withConstraint } from './pieces/constraint-in-catalog.ts';
import { addNotValid, alterTable, dropConstraintIfExists, validate } from './pieces/constraint-statement.ts';
import { directStep } from './pieces/direct.ts';
import { lockOn } from './pieces/locks.ts';
import { passesWith } from './pieces/null-outcome.ts';
import { repairSteps } from './pieces/repair.ts';
import { familyOf, inheritingTables, withRows } from './pieces/table-family.ts';
import { checkViolations } from './pieces/violations.ts';
import { nothingToUndo, transactional, undoBy, type StepDraft } from './step-draft.ts';
import { touchColumn, touchConstraint, touchRows } from './touch.ts';

export const addCheck: Operation<AddCheck> = {
  kind: 'add_check',

  decode(part) {
    const add = tableCommand(part, 'AT_AddConstraint');
    const def = add?.command.def;
    if (add === null || def === undefined || !('Constraint' in def) || def.Constraint.contype !== 'CONSTR_CHECK')
      return null;
    const constraint = constraintSpec(def.Constraint, null);
    if (constraint === null) return null;
    return [{ kind: 'add_check', sql: part.sql, table: add.table, ifTableExists: add.ifTableExists, constraint }];
  },

  apply(catalog, change) {
    const table = resolveTable(catalog, change.table);
    return table === null ? catalog : withConstraint(catalog, table, change.constraint);
  },

  touches(change, catalog) {
    const name = chosenConstraintName(catalog, resolveName(catalog, change.table), change.constraint);
    return {
      reads: [
        touchRows(catalog, change.table),
        ...change.constraint.columns.map((column) => touchColumn(catalog, change.table, column)),
      ],
      writes: [touchConstraint(catalog, change.table, name)],
    };
  },

  effects(change, catalog) {
    const table = resolveTable(catalog, change.table);
    if (table === null) return noEffects;
    const { noInherit, notValid, enforced } = change.constraint;
    const reached = noInherit ? [table] : familyOf(catalog, table);
    // Measured: since 18, with NOT NULL as a constraint, the tables below are locked before it is looked whom it concerns.
    const locked = has(catalog.version, 'namedNotNullConstraints') ? familyOf(catalog, table) : reached;
    return {
      ...noEffects,
      locks: locked.flatMap((each) => lockOn(each, 'ACCESS EXCLUSIVE')),
      scans: notValid || !enforced ? [] : withRows(reached),
    };
  },

  plan(change, context) {
    const { catalog, directives } = context;
    const { constraint } = change;
    const known = resolveTable(catalog, change.table);
    const undo = addCheck.undo(change, catalog);
    // Nobody is refused anything by a check that is not enforced.
    if (!constraint.enforced) return [directStep(directives.phase ?? 'expand', change.sql, undo)];
    if (constraint.notValid || (known === null && change.ifTableExists)) {
      return [directStep(directives.phase ?? 'contract', change.sql, undo)];
    }
    const table = known ?? blankTable(resolveName(catalog, change.table));
    const name = chosenConstraintName(catalog, table, constraint);
    const expression = constraint.expression ?? 'true';
    const repair =
      directives.using === null
        ? []
        : repairSteps({ ...repairTarget(change, table, name, catalog), using: directives.using }, context);
    const harmless = directives.using === null && nobodyViolates(change, table, context);
    const phase = directives.phase ?? (harmless ? 'expand' : 'contract');
    const alter = alterTable(catalog, table, change.sql);
    const steps: readonly StepDraft[] = [
      {
        phase,
        title: `Count rows of ${table.name} that violate ${name}`,
        run: checkViolations({
          table,
          name,
          expression,
          noInherit: constraint.noInherit,
          repairable: constraint.columns.length === 1,
        }),
        undo: nothingToUndo,
        notes: [],
      },
      {
        phase,
        title: `Check ${name} on ${table.name} for new rows`,
        run: transactional(addNotValid(alter, name, constraint.definition)),
        undo: undoBy(transactional(dropConstraintIfExists(table, name))),
        notes: [],
      },
      {
        phase,
        title: `Check that every row of ${table.name} satisfies ${name}`,
        run: transactional(validate(alter, name)),
        undo: nothingToUndo,
        notes: [],
      },
    ];
    return [
      ...repair.filter((step) => step.phase !== 'contract'),
      ...(harmless ? steps.slice(1) : steps),
      ...repair.filter((step) => step.phase === 'contract'),
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

function repairTarget(change: AddCheck, table: Table, name: string, catalog: Catalog) {
  const [heir] = change.constraint.noInherit ? [] : inheritingTables(catalog, table);
  if (heir !== undefined) {
    throw new MigrateError(
      'CANNOT_PLAN',
      `migrate:using repairs the rows of one table, but ${name} also binds ${heir.name}, which inherits from ${table.name}.`,
      {
        hint: 'Repair the rows of each table with an UPDATE above this statement, and leave migrate:using out.',
        details: { table: table.name, schema: table.schema, constraint: name },
      },
    );
  }
  const [column, ...others] = change.constraint.columns;
  const known = column === undefined ? null : columnOf(table, column);
  if (column === undefined || others.length > 0 || (known !== null && known.generated !== null)) {
    throw new MigrateError(
      'CANNOT_PLAN',
      `migrate:using says which value a column gets in rows that violate ${name}, but this check of ${table.name} ${
        others.length > 0
          ? `is about ${change.constraint.columns.join(', ')}`
          : 'is about no column that can be written'
      }.`,
      {
        hint: `Repair the rows with an UPDATE above this statement, and leave migrate:using out:\n  UPDATE ${table.name} SET ${column ?? 'column'} = … WHERE NOT (${change.constraint.expression ?? ''});`,
        details: { table: table.name, schema: table.schema, constraint: name },
      },
    );
  }
  return { table, column, expression: change.constraint.expression ?? 'true', constraint: name };
}

/** All its columns are new in this batch, and the check passes for what an application writes that knows none of them. */
function nobodyViolates(change: AddCheck, table: Table, context: PlanContext): boolean {
  const { columns, expression } = change.constraint;
  if (expression === null || columns.length === 0 || !columns.every((column) => context.isNewColumn(table, column)))
    return false;
  const values = new Map(columns.map((name) => [name, columnOf(table, name)] as const));
  for (const column of values.values()) {
    if (column === null || column.generated !== null || column.identity !== null) return false;
    if (column.notNull && column.default === null) return false; // it is being filled by an expression
  }
  return passesWith(expression, new Map([...values].map(([name, column]) => [name, column?.default ?? null])));
}
