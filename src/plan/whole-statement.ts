/** A statement all of whose changes run as written is kept whole: the person's own text, once, as one step. */
import { statementTitle } from '../operations/pieces/direct.ts';
import { transactional, undoBy, type StepDraft, type Undo } from '../operations/step-draft.ts';
import type { SqlStatement } from '../sql/parse.ts';
import type { SettledDraft } from './annotate.ts';
import { together, type PlannedChange } from './phase-order.ts';

export function wholeStatement(statement: SqlStatement, undos: readonly Undo[]): StepDraft {
  const impossible = undos.find((undo) => undo.kind === 'impossible');
  const undo =
    impossible ?? undoBy(...undos.toReversed().flatMap((each) => (each.kind === 'actions' ? each.actions : [])));
  return {
    phase: 'expand',
    title: statementTitle(statement.text),
    run: transactional(statement.text),
    undo,
    notes: [],
  };
}

export function whole(
  draft: StepDraft,
  settings: SettledDraft['settings'],
  parts: readonly PlannedChange[],
): PlannedChange {
  const drafts = parts.flatMap((part) => part.drafts);
  const settled: SettledDraft = {
    draft,
    settings,
    mergeable: true,
    completesPrevious: false,
    block: null,
    exemption: null,
    locksOthers: drafts.some((each) => each.locksOthers),
    movesRows: drafts.some((each) => each.movesRows),
  };
  return {
    touches: together(parts.map(({ touches }) => touches)),
    changesRows: parts.some(({ changesRows }) => changesRows),
    drafts: [settled],
  };
}
