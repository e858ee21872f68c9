/**
 * Statements of a file that is phased by hand: the section says when a statement runs; how it runs is still the
 * operation's knowledge. So a CREATE INDEX is built concurrently in whichever section it stands, and a SET NOT NULL has
 * its gate and its validation, all of them in that section's phase.
 *
 * Refused is what a section cannot hold. While the old application version runs (expand, backfill) nothing is dropped,
 * renamed or changed in type under it; nothing that works through the rows belongs into expand, which others wait for.
 * A tightening (NOT NULL, CHECK, foreign key) may come early: whether the old version keeps to it already is what the
 * person knows, and the plan says so. What is said with `migrate:raw` runs as written, and is shown as opaque.
 */
import { MigrateError } from '../errors.ts';
import type { Change, ChangeKind } from '../operations/change.ts';
import { statementTitle } from '../operations/pieces/direct.ts';
import type { StepDraft } from '../operations/step-draft.ts';
import type { PhaseSection } from '../sql/sections.ts';
import { isBefore } from './order.ts';

/** What an application version that keeps to it already does not notice. */
const tightening: ReadonlySet<ChangeKind> = new Set([
  'set_not_null',
  'add_check',
  'add_foreign_key',
  'add_unique',
  'validate_constraint',
]);

/** The operation's steps, all in the section's phase. Throws CANNOT_PLAN for what does not belong there. */
export function inSection(change: Change, drafts: readonly StepDraft[], section: PhaseSection): readonly StepDraft[] {
  const early = isEarly(drafts, section);
  if (early && !tightening.has(change.kind)) throw notYet(change, section);
  if (section === 'expand' && drafts.some(({ run }) => run.kind === 'backfill')) throw hasRowsToFill(change);
  const note = early ? ['It runs while the old version does, which must keep to it already: the section says so.'] : [];
  // What lets the new version leave the column out belongs into expand, where the person has written it or not.
  const isLate = change.kind === 'drop_column' && section === 'contract';
  return inRunningOrder(isLate ? drafts.filter(({ phase }) => phase === 'contract') : drafts).map(
    (draft, position) => ({
      ...draft,
      phase: section,
      notes: position === 0 ? [...note, ...draft.notes] : draft.notes,
    }),
  );
}

/** Whether the person has it done before the old version is gone, for which the operation would wait. */
export function isEarly(drafts: readonly StepDraft[], section: PhaseSection | null): boolean {
  return section !== null && section !== 'contract' && drafts.some(({ phase }) => phase === 'contract');
}

/** Throws for directives that say what the section says already. */
export function refusePhaseDirective(directives: { readonly phase: string | null }, section: PhaseSection): void {
  if (directives.phase === null) return;
  throw new MigrateError(
    'CANNOT_PLAN',
    `-- migrate:phase ${directives.phase} stands in the section "${section}", which says the phase.`,
    { hint: `Remove the directive, or move the statement below -- migrate:${directives.phase}.` },
  );
}

function inRunningOrder(drafts: readonly StepDraft[]): readonly StepDraft[] {
  return drafts.toSorted((a, b) => (isBefore(a.phase, b.phase) ? -1 : isBefore(b.phase, a.phase) ? 1 : 0));
}

function notYet(change: Change, section: PhaseSection): MigrateError {
  return new MigrateError(
    'CANNOT_PLAN',
    `“${statementTitle(change.sql)}” stands in the section "${section}", in which the old version of the application is still running and would notice.`,
    {
      hint: 'Move it below -- migrate:contract. If really nobody uses it any more, say so above it: -- migrate:raw -- <reason>',
      details: { section },
    },
  );
}

function hasRowsToFill(change: Change): MigrateError {
  const title = statementTitle(change.sql);
  return change.kind === 'change_rows'
    ? new MigrateError('CANNOT_PLAN', `“${title}” works through rows in batches, and stands in the section "expand".`, {
        hint: 'Move it below -- migrate:backfill, so that no deploy has to wait for it.',
        details: { section: 'expand' },
      })
    : new MigrateError('CANNOT_PLAN', `“${title}” cannot be done in expand alone: it has rows to fill.`, {
        hint: 'Write its parts by hand: the column without default and NOT NULL below -- migrate:expand, the UPDATE below -- migrate:backfill, SET NOT NULL below -- migrate:contract. Or take the markers out of the file, and the plan does that.',
        details: { section: 'expand' },
      });
}
