/**
 * Our knowledge about one kind of change, in one file per kind. All functions are pure; none imports another operation.
 * What several operations share (the pieces of a safe NOT NULL, of a shadow column) stands in `pieces/`.
 */
import type { Catalog, QualifiedName } from '../catalog/model.ts';
import type { Change, ChangeKind, ChangeOf } from './change.ts';
import type { Effects } from './effects.ts';
import type { StatementPart } from './decode/statement-parts.ts';
import type { Phase, StepDraft, Undo } from './step-draft.ts';

/**
 * What a change reads and writes, so that the planner keeps the file's order wherever it matters: a change that meets
 * one which had to wait for contract waits with it. Keys are made by `touch`; a table covers its columns and rows.
 */
export type Touches = {
  readonly reads: readonly string[];
  readonly writes: readonly string[];
  /** Of a change that is done with its first step: what its last one still needs. Left out: others wait for all of it. */
  readonly lasting?: Touches;
  /** What cannot be made anew before: a column under a view that goes. Who does that waits where this waits. */
  readonly frees?: readonly string[];
};

/** The directives above the statement, as they concern planning. */
export type PlanDirectives = {
  readonly using: string | null;
  readonly reverse: string | null;
  readonly phase: 'expand' | 'contract' | null;
  readonly strategy: 'copy' | 'view' | null;
  readonly batch: { readonly size: number | null; readonly pauseMs: number | null };
};

export type PlanContext = {
  /** The schema as it is when this change's turn comes: everything before it applied, also what waits for contract. */
  readonly catalog: Catalog;
  readonly migration: string;
  readonly directives: PlanDirectives;
  /** True when the pending migrations created the table: nobody uses it yet. */
  readonly isNew: (table: QualifiedName) => boolean;
  /** True when the column was added by this same pending batch. */
  readonly isNewColumn: (table: QualifiedName, column: string) => boolean;
  /** True when the table is known to be so small that it is read and written anew in milliseconds. */
  readonly isSmall: (table: QualifiedName) => boolean;
  /** Later changes of the migration that this plan carries out as well: those that the operation `joins`. */
  readonly companions: readonly Companion[];
  /** Before this phase nothing of the plan can happen: in contract the old application is gone. */
  readonly earliest: Phase;
};

/** A change with the directives above its statement. */
export type Companion = { readonly change: Change; readonly directives: PlanDirectives };

export type Operation<C extends Change> = {
  readonly kind: C['kind'];
  /** The changes in this part of a statement, or null when it is none of this operation's business. */
  readonly decode: (part: StatementPart) => readonly Change[] | null;
  /** The catalog after the change. Never mutates. A change that Postgres would refuse leaves the catalog as it is. */
  readonly apply: (catalog: Catalog, change: C) => Catalog;
  readonly touches: (change: C, catalog: Catalog, directives: PlanDirectives) => Touches;
  /** Of the statement as written, on this catalog (`catalog.version` is the server's major version). */
  readonly effects: (change: C, catalog: Catalog) => Effects;
  /** The safe steps on a table that is in use. Throws MigrateError('VALUE_REQUIRED' | 'CANNOT_PLAN') with what to write. */
  readonly plan: (change: C, context: PlanContext) => readonly StepDraft[];
  /** Whether a later change of the same migration must happen in one transaction with this one, so that one plan makes both. */
  readonly joins?: (change: C, later: Companion, context: PlanContext) => boolean;
  /** Takes the plain statement back, given the catalog before it. */
  readonly undo: (change: C, catalog: Catalog) => Undo;
};

export type OperationRegistry = { readonly [K in ChangeKind]: Operation<ChangeOf<K>> };
