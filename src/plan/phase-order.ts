/**
 * The steps of one migration in the order in which they run: by phase, and within a phase in the order of the file.
 *
 * One exception: what may refuse contract comes first in it. A count of rows that stand in the way, asked after a column
 * was dropped, would leave the migration half contracted with no way back. A gate goes ahead of the steps of other
 * changes as long as none of these can change its answer.
 */
import type { Touches } from '../operations/operation.ts';
import type { Phase } from '../operations/step-draft.ts';
import { conflict } from '../operations/touch.ts';
import type { SettledDraft } from './annotate.ts';
import { withWayMade, type Placed, type Way } from './make-way.ts';

export type PlannedChange = {
  readonly touches: Touches;
  /** True when it can change rows, as written by the person. */
  readonly changesRows: boolean;
  readonly drafts: readonly SettledDraft[];
  /** Left out for what has nothing to do with a column that takes another one's place. */
  readonly way?: Way | null;
};

export function inPhaseOrder(changes: readonly PlannedChange[]): readonly SettledDraft[] {
  const ofPhase = (phase: Phase) =>
    changes.flatMap(({ drafts }) => drafts.filter(({ draft }) => draft.phase === phase));
  return [...ofPhase('expand'), ...ofPhase('backfill'), ...contractSteps(changes)];
}

function contractSteps(changes: readonly PlannedChange[]): readonly SettledDraft[] {
  const gates: SettledDraft[] = [];
  const others: Placed[] = [];
  const before: PlannedChange[] = [];
  for (const planned of changes) {
    const drafts = planned.drafts.filter(({ draft }) => draft.phase === 'contract');
    const firstStep = drafts.findIndex(({ draft }) => draft.run.kind !== 'gate');
    const leading = drafts.slice(0, firstStep === -1 ? drafts.length : firstStep);
    const isFree = before.every((earlier) => !earlier.changesRows && !conflict(earlier.touches, planned.touches));
    const { way = null } = planned;
    if (isFree) gates.push(...leading);
    others.push(...drafts.slice(isFree ? leading.length : 0).map((settled) => ({ settled, way })));
    if (drafts.length > leading.length) before.push(planned);
  }
  return [...gates, ...withWayMade(others).map(({ settled }) => settled)];
}

/** What several changes touch as one. */
export function together(parts: readonly Touches[]): Touches {
  return { reads: parts.flatMap(({ reads }) => reads), writes: parts.flatMap(({ writes }) => writes) };
}
