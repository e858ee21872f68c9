/**
 * What a reviewer must have seen before a plan is run: who has to wait for long, what nobody knows, what is lost and what
 * cannot be taken back. Derived from the plan alone, so that a terminal, a comment and a page name the same ones.
 */
import { blocksReads, blocksWrites, whoWaits } from '../postgres/lock-mode.ts';
import type { Plan, PlannedMigration, Step } from '../plan/plan.ts';
import { relationText } from './names.ts';
import { count } from './wrap.ts';

export type Risk = {
  readonly kind: 'waiting' | 'unknown' | 'lost' | 'no way back' | 'long' | 'order';
  readonly migration: string;
  /** Null for the migration as a whole. */
  readonly step: string | null;
  readonly text: string;
};

export function planRisks(plan: Plan): readonly Risk[] {
  return plan.migrations.flatMap((migration) => [
    ...waiting(migration),
    ...migration.steps.flatMap((step) =>
      ofStep(step, migration).map((risk): Risk => ({ ...risk, migration: migration.name, step: step.id })),
    ),
  ]);
}

/** What a person must decide about, rather than only know. */
export function isSevere({ kind }: Risk): boolean {
  return kind === 'waiting' || kind === 'unknown' || kind === 'lost';
}

function waiting({ name, waitsFor }: PlannedMigration): readonly Risk[] {
  if (waitsFor === null) return [];
  const text = `It is not in this plan: it needs what ${waitsFor} leaves. Plan it again when that one is done.`;
  return [{ kind: 'order', migration: name, step: null, text }];
}

function ofStep(step: Step, migration: PlannedMigration): readonly Pick<Risk, 'kind' | 'text'>[] {
  const risks: Pick<Risk, 'kind' | 'text'>[] = [];
  const blocked = step.locks.filter(({ mode }) => blocksReads(mode) || blocksWrites(mode));
  if (step.opaque || step.duration === 'unknown') {
    risks.push({ kind: 'unknown', text: 'It runs as it is written, and what it locks and for how long is not known.' });
  } else if (step.duration === 'blocking' && blocked.length > 0 && step.exemption !== 'small table') {
    const who = blocked.map(({ table, mode }) => `${relationText(table)}: ${whoWaits(mode)}`);
    risks.push({
      kind: 'waiting',
      text: `It takes the longer the larger the table is, and meanwhile on ${who.join('; on ')}.`,
    });
  }
  const lost = step.drops.filter((what) => isLost(what, migration));
  if (lost.length > 0) {
    const last = step.phase === 'contract' ? 'There is no way back from contract.' : 'This is before the deploy.';
    risks.push({ kind: 'lost', text: `It removes for good: ${lost.join(', ')}. ${last}` });
  }
  if (step.undo.kind === 'impossible' && step.phase !== 'contract') {
    risks.push({ kind: 'no way back', text: `It cannot be rolled back: ${step.undo.reason.replace(/\.$/, '')}.` });
  }
  if (step.estimate !== null && ['hours', 'days'].includes(step.estimate.takes)) {
    const batches = step.estimate.batches === null ? '' : ` in ${count(step.estimate.batches, 'batch', 'batches')}`;
    risks.push({ kind: 'long', text: `It will probably take ${step.estimate.takes}${batches}.` });
  }
  return risks;
}

/**
 * An index or a constraint holds no data. A column that only made way for its successor (a new type, a new name) is one
 * that the new version still knows; where the plan promises nothing, nobody can tell, and it counts as lost.
 */
function isLost(what: string, { versions }: PlannedMigration): boolean {
  if (/^(?:index|constraint) /.test(what)) return false;
  if (!what.startsWith('column ') || versions.length === 0) return true;
  const stays = versions.some(
    (promise) =>
      (promise.kind === 'type' || (promise.kind === 'column' && promise.column.new !== null)) &&
      [promise.column.old, promise.column.new].some((column) =>
        [promise.table.old, promise.table.new].some((table) => what === `column ${table?.name}.${column}`),
      ),
  );
  return !stays;
}

export type Check = { readonly migration: string; readonly step: string; readonly text: string };

/** Where a phase stops rather than do harm, and for which rows. */
export function planChecks({ migrations }: Plan): readonly Check[] {
  return migrations.flatMap(({ name, steps }) =>
    steps.flatMap(({ id, phase, run }) =>
      run.kind === 'gate'
        ? [{ migration: name, step: id, text: `The ${phase} phase stops here while ${run.what}.` }]
        : [],
    ),
  );
}
