/**
 * SET NOT NULL (row 6), also written `ADD CONSTRAINT … NOT NULL c` (Postgres 18).
 *
 * A tightening: the old application may still write NULL, so it comes to contract, after a count of the rows that would
 * break it. With `migrate:using` a trigger fills what the old application leaves out from expand on, and the existing
 * rows are filled in batches.
 */
import type { Node } from '@pgsql/types';
import { updateColumn } from '../catalog/edit.ts';
import { columnOf, resolveTable } from '../catalog/lookup.ts';
import { has } from '../postgres/version.ts';
import { emitExpression } from '../sql/emit.ts';
import { parseExpression } from '../sql/parse.ts';
import { identifier, qualified, sql } from '../sql/template.ts';
import type { SetNotNull } from './change.ts';
import { tableCommand } from './decode/alter-table.ts';
import { stringValues } from './decode/names.ts';
import { noEffects } from './effects.ts';
import type { Operation } from './operation.ts';
import { directStep } from './pieces/direct.ts';
import { fillSteps } from './pieces/fill.ts';
import { noNullsGate, notNullName, notNullSteps } from './pieces/not-null.ts';
import { lockOnFamily } from './pieces/locks.ts';
import { familyOf, withRows } from './pieces/table-family.ts';
import { nothingToUndo, transactional, undoBy } from './step-draft.ts';
import { touchColumn } from './touch.ts';

export const setNotNull: Operation<SetNotNull> = {
  kind: 'set_not_null',

  decode(part) {
    const set = tableCommand(part, 'AT_SetNotNull');
    if (set !== null) {
      const { table, ifTableExists, command } = set;
      return [
        {
          kind: 'set_not_null',
          sql: part.sql,
          table,
          ifTableExists,
          column: command.name ?? '',
          constraintName: null,
          notValid: false,
        },
      ];
    }
    const add = tableCommand(part, 'AT_AddConstraint');
    const def = add?.command.def;
    if (add === null || def === undefined || !('Constraint' in def) || def.Constraint.contype !== 'CONSTR_NOTNULL')
      return null;
    const { table, ifTableExists } = add;
    return [
      {
        kind: 'set_not_null',
        sql: part.sql,
        table,
        ifTableExists,
        column: stringValues(def.Constraint.keys)[0] ?? '',
        constraintName: def.Constraint.conname ?? null,
        notValid: def.Constraint.skip_validation === true,
      },
    ];
  },

  apply(catalog, change) {
    const table = resolveTable(catalog, change.table);
    if (table === null) return catalog;
    return familyOf(catalog, table).reduce(
      (edited, member) =>
        updateColumn(edited, member, change.column, (column) => ({
          ...column,
          notNull: true,
          notNullConstraint: has(catalog.version, 'namedNotNullConstraints')
            ? (column.notNullConstraint ?? {
                name: change.constraintName ?? notNullName(table, change.column),
                validated: !change.notValid,
                noInherit: false,
                comment: null,
              })
            : null,
        })),
      catalog,
    );
  },

  touches: (change, catalog) => ({
    reads: [],
    writes: [touchColumn(catalog, change.table, change.column)],
  }),

  effects(change, catalog) {
    const table = resolveTable(catalog, change.table);
    if (table === null) return noEffects;
    const column = columnOf(table, change.column);
    const proved =
      change.notValid ||
      column?.notNull === true ||
      table.constraints.some(
        (constraint) =>
          constraint.kind === 'check' && constraint.validated && provesNotNull(constraint.expression, change.column),
      );
    return {
      ...noEffects,
      locks: lockOnFamily(catalog, table, 'ACCESS EXCLUSIVE'),
      scans: proved ? [] : withRows(familyOf(catalog, table)),
    };
  },

  plan(change, context) {
    const { catalog, migration, directives } = context;
    const table = resolveTable(catalog, change.table);
    if (table === null || columnOf(table, change.column)?.notNull === true || change.notValid) {
      return [directStep('contract', change.sql, setNotNull.undo(change, catalog))];
    }
    const fill =
      directives.using === null
        ? []
        : fillSteps({ table, column: change.column, expression: directives.using }, context);
    return [
      ...fill.filter((step) => step.phase !== 'contract'),
      {
        phase: 'contract',
        title: `Count rows of ${table.name} without ${change.column}`,
        run: noNullsGate(table, change.column),
        undo: nothingToUndo,
        notes: [],
      },
      ...notNullSteps(
        { table, column: change.column, constraintName: change.constraintName },
        catalog,
        migration,
        'contract',
      ),
      ...fill.filter((step) => step.phase === 'contract'),
    ];
  },

  undo(change, catalog) {
    const table = resolveTable(catalog, change.table);
    if (table === null || columnOf(table, change.column)?.notNull !== false) return nothingToUndo;
    return undoBy(
      transactional(sql`ALTER TABLE ${qualified(table)} ALTER COLUMN ${identifier(change.column)} DROP NOT NULL`.text),
    );
  },
};

/**
 * `column IS NOT NULL` as it stands, alone or as one part of an AND (measured: set_not_null.with_stronger_check); what only
 * implies it does not count (measured: set_not_null.with_implying_check scans).
 */
function provesNotNull(expression: string | null, column: string): boolean {
  if (expression === null) return false;
  const conjuncts = (node: Node): readonly Node[] =>
    'BoolExpr' in node && node.BoolExpr.boolop === 'AND_EXPR' ? (node.BoolExpr.args ?? []).flatMap(conjuncts) : [node];
  return conjuncts(parseExpression(expression)).some(
    (node) =>
      'NullTest' in node &&
      node.NullTest.nulltesttype === 'IS_NOT_NULL' &&
      node.NullTest.arg !== undefined &&
      emitExpression(node.NullTest.arg) === identifier(column).text,
  );
}
