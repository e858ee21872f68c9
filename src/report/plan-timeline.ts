/**
 * The phases of a plan from left to right, as a picture: what a person runs, which versions of the application live
 * meanwhile, and a bar for each step, the wider the longer it may take (in kinds of duration, for nobody knows seconds).
 */
import type { Phase } from '../operations/step-draft.ts';
import type { Plan, PlannedMigration, Step } from '../plan/plan.ts';
import { markup, type Html } from './html.ts';
import { isWorrying, timeText } from './step-text.ts';

/** The places of the picture, in time; the deploy lies between what comes before and what comes after it. */
type Place = Phase | 'deploy';

export function planTimeline(plan: Plan): Html {
  const steps = plan.migrations.flatMap((migration) => migration.steps);
  const has = (phase: Phase): boolean => steps.some((step) => step.phase === phase);
  const places = (['expand', 'backfill', 'deploy', 'contract'] as const).filter(
    (place) => place === 'deploy' || has(place),
  );
  const before = places.indexOf('deploy'); // how many columns lie before it
  const after = places.length - before - 1;
  return markup`<div class="wide"><table class="timeline">
<thead>
<tr><th scope="row" class="name">you run</th>${before === 0 ? null : markup`<td class="command" colspan="${before}"><code>migrate expand</code></td>`}<td class="command">deploy</td>${after === 0 ? null : markup`<td class="command"><code>migrate contract</code></td>`}</tr>
<tr><th scope="row">old version</th><td colspan="${before + 1}"><span class="life old">runs until it is replaced</span></td>${after === 0 ? null : markup`<td></td>`}</tr>
<tr><th scope="row">new version</th>${before === 0 ? null : markup`<td colspan="${before}"></td>`}<td colspan="${after + 1}"><span class="life new">runs from the deploy on</span></td></tr>
<tr><th></th>${places.map((place) => markup`<th scope="col" class="${place}">${place === 'deploy' ? '' : place}</th>`)}</tr>
</thead>
<tbody>
${plan.migrations.map((migration, index) => rowOf(migration, index, places))}
</tbody>
</table></div>
<p class="legend">${durations.map(({ kind, text }) => markup`<span class="bar ${kind}"></span> ${text} `)}</p>`;
}

const durations = [
  { kind: 'instant', text: 'milliseconds' },
  { kind: 'scan', text: 'reads or builds while all goes on' },
  { kind: 'batches', text: 'batches, with pauses' },
  { kind: 'worrying', text: 'others wait, the longer the larger the table' },
] as const;

function rowOf(migration: PlannedMigration, index: number, places: readonly Place[]): Html {
  return markup`<tr><th scope="row"><a href="#m${index + 1}">${breakable(migration.name)}</a></th>${places.map((place) => cellOf(migration, place))}</tr>
`;
}

function cellOf({ steps }: PlannedMigration, place: Place): Html {
  if (place === 'deploy') return markup`<td class="deploy"></td>`;
  const ofPhase = steps.filter(({ phase }) => phase === place);
  return markup`<td class="${place}"><div class="bars">${ofPhase.map(barOf)}</div></td>`;
}

function barOf(step: Step): Html {
  return markup`<span class="bar ${kindOf(step)}" title="${step.id}: ${step.title} (${timeText(step)})"></span>`;
}

function kindOf(step: Step): (typeof durations)[number]['kind'] {
  if (isWorrying(step) && step.exemption !== 'small table') return 'worrying';
  if (step.duration === 'batches') return 'batches';
  return step.duration === 'instant' ? 'instant' : 'scan';
}

/** A long name goes on in the next line at one of its own underscores. */
function breakable(name: string): Html {
  return markup`${name.split(/(?<=[_-])/).map((part) => markup`${part}<wbr>`)}`;
}
