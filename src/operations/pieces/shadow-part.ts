/**
 * The words of a swap: a hidden column, the shadow, takes the place of a column.
 *
 * Everything the column has (an index, a constraint, a privilege …) is one part. What takes time is built on the shadow
 * by steps of its own before the swap, under a helper's name; the swap itself only renames, in one short transaction.
 *
 * Several columns can move in one swap: a key with all that refer to it. What stands over more than one of them, an index
 * or a foreign key with both sides, is built once, over the shadows of all.
 */
import { sameName } from '../../catalog/lookup.ts';
import type { Catalog, Column, Table } from '../../catalog/model.ts';
import { identifier, qualified, sql, type SqlFragment } from '../../sql/template.ts';
import { replaceColumn } from '../../sql/walk.ts';
import type { StepDraft } from '../step-draft.ts';

export type Move = {
  readonly catalog: Catalog;
  readonly migration: string;
  readonly table: Table;
  readonly column: Column;
  /** Name of the hidden column. */
  readonly shadow: string;
  readonly type: string;
};

export type ShadowPart = {
  /** Before the swap. */
  readonly steps: readonly StepDraft[];
  /** In the swap, while both columns are there. */
  readonly beforeDrop: readonly string[];
  /** In the swap, when the shadow has the column's name. */
  readonly afterRename: readonly string[];
};

export const nothingMoved: ShadowPart = { steps: [], beforeDrop: [], afterRename: [] };

export function alter(table: { readonly schema: string; readonly name: string }): SqlFragment {
  return sql`ALTER TABLE ${qualified(table)}`;
}

/** How the plan calls shadows: by what they will be. */
export function shadowTitle(...moves: readonly Move[]): string {
  return moves.map(({ table, column, type }) => `${table.name}.${column.name} as ${type}`).join(' and ');
}

/** The moves by table: what stands over several columns of one (an index, a check) moves once. */
export function byTable(moves: readonly Move[]): readonly (readonly Move[])[] {
  return moves
    .filter((move, at) => moves.findIndex((other) => sameName(other.table, move.table)) === at)
    .map(({ table }) => moves.filter((move) => sameName(move.table, table)));
}

/** A copy of a parse tree in which each column that moves has its shadow's name. */
export function overShadows<T>(node: T, moves: readonly Move[]): T {
  return moves.reduce(
    (current, { table, column, shadow }) => replaceColumn(current, column.name, shadow, { table: table.name }),
    node,
  );
}

export function renameConstraint(table: Table, from: string, to: string): string {
  return sql`${alter(table)} RENAME CONSTRAINT ${identifier(from)} TO ${identifier(to)}`.text;
}
