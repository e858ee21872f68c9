/**
 * Neighbouring statements that run as written on tables nobody uses share one transaction: faster on a fresh database,
 * and all or nothing as in the person's own file. Statements on tables in use do not share one: each holds its lock for
 * as short as it can. The exception (`joinedDraft`) is decided in annotate.ts, where it is known how long a step takes.
 */
import { statementTitle } from '../operations/pieces/direct.ts';
import { undoBy, type StepDraft, type Undo } from '../operations/step-draft.ts';
import type { SettledDraft } from './annotate.ts';
import type { PlanOptions } from './plan-options.ts';

export function mergeDrafts(drafts: readonly SettledDraft[], options: PlanOptions): readonly SettledDraft[] {
  const merged: SettledDraft[] = [];
  for (const next of drafts) {
    const last = merged.at(-1);
    if (last !== undefined && canMerge(last, next, options)) {
      merged[merged.length - 1] = {
        ...last,
        draft: joined(last.draft, next.draft),
        locksOthers: last.locksOthers || next.locksOthers,
        movesRows: last.movesRows || next.movesRows,
      };
    } else merged.push(next);
  }
  return merged;
}

function canMerge(a: SettledDraft, b: SettledDraft, options: PlanOptions): boolean {
  // A lock on a table in use must not be held while rows are moved.
  const holdsUp = (a.locksOthers || b.locksOthers) && (a.movesRows || b.movesRows);
  // Of several tables in use, none is held while another one is waited for: one foreign key a transaction.
  const piles = a.locksOthers && b.locksOthers;
  const together = options.unused || (a.mergeable && b.mergeable && !holdsUp && !piles);
  return (
    together &&
    a.draft.phase === b.draft.phase &&
    a.draft.run.kind === 'sql' &&
    b.draft.run.kind === 'sql' &&
    a.draft.run.transaction &&
    b.draft.run.transaction &&
    !usesNewEnumValue(a.draft) &&
    JSON.stringify(a.settings) === JSON.stringify(b.settings)
  );
}

/** A label added to an enum cannot be used before it is committed. */
function usesNewEnumValue(draft: StepDraft): boolean {
  return draft.run.kind === 'sql' && draft.run.statements.some((statement) => /^\s*alter\s+type\b/i.test(statement));
}

/**
 * Both in one transaction, under the first one's title: the second one only completes it. What makes way for columns to
 * be swapped goes under the swap's.
 */
export function joinedDraft(a: SettledDraft, b: SettledDraft): SettledDraft {
  const whole = joined(a.draft, b.draft);
  const { swaps } = b.draft;
  if (swaps === undefined) return { ...a, draft: { ...whole, title: a.draft.title } };
  const bothSwap = swaps === 'columns' && a.draft.swaps === 'columns';
  const title = bothSwap ? `${a.draft.title}; ${b.draft.title}` : b.draft.title;
  return { ...a, draft: { ...whole, title, swaps } };
}

function joined(a: StepDraft, b: StepDraft): StepDraft {
  const first = a.run.kind === 'sql' ? a.run.statements : [];
  const second = b.run.kind === 'sql' ? b.run.statements : [];
  const count = first.length + second.length;
  return {
    phase: a.phase,
    title: `${statementTitle(first[0] ?? '')} and ${count - 1} more`,
    run: { kind: 'sql', statements: [...first, ...second], transaction: true, probe: null },
    undo: inReverse(a.undo, b.undo),
    notes: [...new Set([...a.notes, ...b.notes])],
  };
}

function inReverse(first: Undo, second: Undo): Undo {
  if (first.kind === 'impossible') return first;
  if (second.kind === 'impossible') return second;
  const actions = [second, first].flatMap((undo) => (undo.kind === 'actions' ? undo.actions : []));
  return actions.length === 0 ? { kind: 'nothing' } : undoBy(...actions);
}
