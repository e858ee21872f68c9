/**
 * Checks and foreign keys of a column, on its shadow: added NOT VALID in a short transaction, validated under a lock that
 * nobody who reads or writes waits for. Made from the server's own definition by replacing the column in the parse tree.
 *
 * A foreign key that points to the column belongs to another table (or to the same one); it is made anew towards the
 * shadow, which needs the shadow's unique index first, and the old one is dropped in the swap before its column.
 */
import type { Constraint as ConstraintNode } from '@pgsql/types';
import { foreignKeysTo, sameName } from '../../catalog/lookup.ts';
import type { Constraint, Table } from '../../catalog/model.ts';
import { emitConstraint } from '../../sql/emit.ts';
import { identifier, raw, sql } from '../../sql/template.ts';
import { replaceColumn } from '../../sql/walk.ts';
import { derivedName } from '../derived-name.ts';
import { stringValues } from '../decode/names.ts';
import { nothingToUndo, transactional, undoBy, type StepDraft } from '../step-draft.ts';
import { constraintNode, dropConstraintIfExists, restoreComment, validate } from './constraint-statement.ts';
import { alter, renameConstraint, shadowTitle, type Move, type ShadowPart } from './shadow-part.ts';

export function shadowChecks(move: Move): readonly ShadowPart[] {
  return move.table.constraints
    .filter(({ kind, columns }) => kind === 'check' && columns.includes(move.column.name))
    .map((constraint) => part(move, move.table, constraint));
}

/** Of the column's own table first, then of the tables that refer to it. */
export function shadowForeignKeys(move: Move): readonly ShadowPart[] {
  const own = move.table.constraints
    .filter(({ kind, columns }) => kind === 'foreign_key' && columns.includes(move.column.name))
    .map((constraint) => part(move, move.table, constraint));
  return [...own, ...pointingHere(move).map(({ table, constraint }) => part(move, table, constraint))];
}

/** Foreign keys towards the column that do not use it on their own side as well. */
function pointingHere({ catalog, table, column }: Move) {
  return foreignKeysTo(catalog, table).filter(
    (key) =>
      key.constraint.references?.columns.includes(column.name) === true &&
      !(sameName(key.table, table) && key.constraint.columns.includes(column.name)),
  );
}

function part(move: Move, owner: Table, constraint: Constraint): ShadowPart {
  const { migration } = move;
  const name = derivedName('constraint', migration, owner, constraint.name);
  const towards = pointsTo(move, constraint);
  const notValid = constraint.enforced ? raw(' NOT VALID') : raw('');
  const add: StepDraft = {
    phase: 'contract',
    title: `Put ${constraint.name} on ${shadowTitle(move)}, for new rows`,
    run: transactional(
      sql`${alter(owner)} ADD CONSTRAINT ${identifier(name)} ${raw(definitionOverShadow(move, owner, constraint))}${notValid}`
        .text,
    ),
    undo: undoBy(transactional(dropConstraintIfExists(owner, name))),
    notes: [],
  };
  const check: StepDraft = {
    phase: 'contract',
    title: `Check every row of ${owner.name} against it`,
    run: transactional(validate(alter(owner), name)),
    undo: nothingToUndo,
    notes: [],
  };
  return {
    steps: constraint.enforced && constraint.validated ? [add, check] : [add],
    beforeDrop: towards ? [sql`${alter(owner)} DROP CONSTRAINT ${identifier(constraint.name)}`.text] : [],
    afterRename: [renameConstraint(owner, name, constraint.name), ...restoreComment(owner, constraint)],
  };
}

function pointsTo({ table, column }: Move, { references }: Constraint): boolean {
  return references !== null && sameName(references.table, table) && references.columns.includes(column.name);
}

function definitionOverShadow(move: Move, owner: Table, constraint: Constraint): string {
  const { table, column, shadow } = move;
  const { conname: _name, skip_validation: _notValid, ...written } = constraintNode(constraint.definition);
  const own: ConstraintNode = sameName(owner, table)
    ? replaceColumn({ Constraint: written }, column.name, shadow, { table: table.name }).Constraint
    : written;
  if (constraint.references === null) return emitConstraint(own);
  const { references } = constraint;
  return emitConstraint({
    ...own,
    // With its schema: what the server printed depends on the search path of whoever asked.
    pktable: { schemaname: references.table.schema, relname: references.table.name, inh: true, relpersistence: 'p' },
    pk_attrs: stringValues(own.pk_attrs).map((name) => ({
      String: { sval: pointsTo(move, constraint) && name === column.name ? shadow : name },
    })),
  });
}
