/**
 * Who waits during which step of a migration, as a picture: a row for each table that the application uses, a column for
 * each step, and in it whether reads and writes go on. Signs and words say it too, not only colours.
 */
import type { LockClaim } from '../operations/effects.ts';
import type { PlannedMigration, Step } from '../plan/plan.ts';
import { blocksReads, blocksWrites, whoWaits } from '../postgres/lock-mode.ts';
import { markup, type Html } from './html.ts';
import { relationText } from './names.ts';
import { isWorrying } from './step-text.ts';

/** Null when no step locks a table that is in use. */
export function lockDiagram({ steps }: PlannedMigration): Html | null {
  const tables = [...new Set(steps.flatMap(({ locks }) => locks.map(({ table }) => relationText(table))))];
  if (tables.length === 0) return null;
  return markup`<div class="wide"><table class="locks">
<thead><tr><th scope="col">table</th>${steps.map(({ id, phase }) => markup`<th scope="col" class="${phase}">${id}</th>`)}</tr></thead>
<tbody>
${tables.map(
  (table) => markup`<tr><th scope="row">${table}</th>${steps.map((step) => cellOf(step, table))}</tr>
`,
)}</tbody>
</table></div>`;
}

function cellOf(step: Step, table: string): Html {
  const claim = step.locks.find((lock) => relationText(lock.table) === table);
  if (claim === undefined) {
    const isFilled = step.run.kind === 'backfill' && relationText(step.run.table) === table;
    return markup`<td class="free">${isFilled ? markup`<small>row locks of one batch</small>` : null}</td>`;
  }
  const reads = blocksReads(claim.mode);
  const writes = blocksWrites(claim.mode);
  const long = isWorrying(step) && step.exemption !== 'small table';
  return markup`<td title="${claim.mode} on ${table}: ${whoWaits(claim.mode)}"><span class="${classOf(reads, long)}">reads ${signOf(reads)}</span><span class="${classOf(writes, long)}">writes ${signOf(writes)}</span><small>${lengthOf(step, claim, long)}</small></td>`;
}

function classOf(waits: boolean, long: boolean): string {
  if (!waits) return 'goes';
  return long ? 'waits long' : 'waits';
}

function signOf(waits: boolean): string {
  return waits ? 'wait' : 'go on';
}

function lengthOf(step: Step, { mode }: LockClaim, long: boolean): string {
  if (!blocksReads(mode) && !blocksWrites(mode)) return '';
  if (step.opaque || step.duration === 'unknown') return 'for how long is not known';
  return long ? 'the longer the larger' : 'for milliseconds';
}
