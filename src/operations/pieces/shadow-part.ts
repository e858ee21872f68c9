/**
 * The words of a swap: a hidden column, the shadow, takes the place of a column.
 *
 * Everything the column has (an index, a constraint, a privilege …) is one part. What takes time is built on the shadow
 * by steps of its own before the swap, under a helper's name; the swap itself only renames, in one short transaction.
 */
import type { Catalog, Column, Table } from '../../catalog/model.ts';
import { identifier, qualified, sql, type SqlFragment } from '../../sql/template.ts';
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

/** How the plan calls the shadow: by what it will be. */
export function shadowTitle({ table, column, type }: Move): string {
  return `${table.name}.${column.name} as ${type}`;
}

export function renameConstraint(table: Table, from: string, to: string): string {
  return sql`${alter(table)} RENAME CONSTRAINT ${identifier(from)} TO ${identifier(to)}`.text;
}
