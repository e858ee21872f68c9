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
import { derivedName } from '../derived-name.ts';
import { stringValues } from '../decode/names.ts';
import { nothingToUndo, transactional, undoBy, type StepDraft } from '../step-draft.ts';
import { constraintNode, dropConstraintIfExists, restoreComment, validate } from './constraint-statement.ts';
import { alter, overShadows, renameConstraint, shadowTitle, type Move, type ShadowPart } from './shadow-part.ts';

/** Given the moves of one table. */
export function shadowChecks(moves: readonly Move[]): readonly ShadowPart[] {
  const [first] = moves;
  if (first === undefined) return [];
  return first.table.constraints
    .filter(({ kind, columns }) => kind === 'check' && moves.some(({ column }) => columns.includes(column.name)))
    .map((constraint) => part(moves, { owner: first.table, constraint }));
}

type OwnedKey = { readonly owner: Table; readonly constraint: Constraint };

/** Given all moves: the foreign keys of their tables first, then those of the tables that refer to them, each once. */
export function shadowForeignKeys(moves: readonly Move[]): readonly ShadowPart[] {
  const own = moves.flatMap(({ table, column }) =>
    table.constraints
      .filter(({ kind, columns }) => kind === 'foreign_key' && columns.includes(column.name))
      .map((constraint) => ({ owner: table, constraint })),
  );
  const pointingHere = moves.flatMap(({ catalog, table, column }) =>
    foreignKeysTo(catalog, table)
      .filter(({ constraint }) => constraint.references?.columns.includes(column.name) === true)
      .map((key) => ({ owner: key.table, constraint: key.constraint })),
  );
  const keys: OwnedKey[] = [];
  for (const key of [...own, ...pointingHere]) {
    const known = keys.some((one) => sameName(one.owner, key.owner) && one.constraint.name === key.constraint.name);
    if (!known) keys.push(key);
  }
  return keys.map((key) => part(moves, key));
}

function part(all: readonly Move[], { owner, constraint }: OwnedKey): ShadowPart {
  const within = ownMoves(all, { owner, constraint });
  const towards = movesTowards(all, constraint);
  const moves = all.filter((move) => within.includes(move) || towards.includes(move));
  const migration = moves[0]?.migration ?? '';
  const name = derivedName('constraint', migration, owner, constraint.name);
  const notValid = constraint.enforced ? raw(' NOT VALID') : raw('');
  const add: StepDraft = {
    phase: 'contract',
    title: `Put ${constraint.name} on ${shadowTitle(...moves)}, for new rows`,
    run: transactional(
      sql`${alter(owner)} ADD CONSTRAINT ${identifier(name)} ${raw(definitionOverShadows(within, towards, constraint))}${notValid}`
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
    beforeDrop: towards.length > 0 ? [sql`${alter(owner)} DROP CONSTRAINT ${identifier(constraint.name)}`.text] : [],
    afterRename: [renameConstraint(owner, name, constraint.name), ...restoreComment(owner, constraint)],
  };
}

/** Of columns on the constraint's own side. */
function ownMoves(moves: readonly Move[], { owner, constraint }: OwnedKey): readonly Move[] {
  return moves.filter(({ table, column }) => sameName(table, owner) && constraint.columns.includes(column.name));
}

/** Of columns that the foreign key points to. */
function movesTowards(moves: readonly Move[], { references }: Constraint): readonly Move[] {
  return moves.filter(
    ({ table, column }) =>
      references !== null && sameName(references.table, table) && references.columns.includes(column.name),
  );
}

function definitionOverShadows(
  within: readonly Move[],
  towards: readonly Move[],
  { definition, references }: Constraint,
): string {
  const { conname: _name, skip_validation: _notValid, ...written } = constraintNode(definition);
  const own: ConstraintNode = overShadows({ Constraint: written }, within).Constraint;
  if (references === null) return emitConstraint(own);
  return emitConstraint({
    ...own,
    // With its schema: what the server printed depends on the search path of whoever asked.
    pktable: { schemaname: references.table.schema, relname: references.table.name, inh: true, relpersistence: 'p' },
    pk_attrs: stringValues(own.pk_attrs).map((name) => ({
      String: { sval: towards.find(({ column }) => column.name === name)?.shadow ?? name },
    })),
  });
}
