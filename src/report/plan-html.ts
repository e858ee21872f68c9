/**
 * A plan as one page for a browser: a picture of the phases in time, the risks, what each version of the application may
 * rely on, and for each migration who waits in which step, with all of the SQL. The page is one file: it loads nothing and
 * runs nothing, which its own security policy holds it to, so it can be kept as an artefact and sent around.
 */
import type { Plan, PlannedMigration, Step } from '../plan/plan.ts';
import { htmlText, markup, trustedHtml, type Html } from './html.ts';
import { lockDiagram } from './lock-diagram.ts';
import { planHtmlStyle } from './plan-html-style.ts';
import { isSevere, planChecks, planRisks } from './plan-risks.ts';
import { planTimeline } from './plan-timeline.ts';
import {
  deployOrder,
  lockText,
  phases,
  phaseTitles,
  planOrigin,
  roomText,
  sizeText,
  sqlOf,
  timeText,
  undoText,
} from './step-text.ts';
import { versionText } from './version-text.ts';

export type PlanHtmlOptions = {
  /** What else the reader should know of how this plan was made. */
  readonly remark: string | null;
};

export function planHtml(plan: Plan, { remark }: PlanHtmlOptions): string {
  const page = markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>Migration plan</title>
<style>${trustedHtml(planHtmlStyle)}</style>
</head>
<body>
<h1>Migration plan</h1>
<p class="soft">${planOrigin(plan)}; checksum <code>${plan.checksum.slice(0, 12)}</code></p>
${remark === null ? null : markup`<p>${remark}</p>`}
${plan.migrations.length === 0 ? markup`<p>Nothing to plan: no migration is pending.</p>` : contents(plan)}
</body>
</html>
`;
  return htmlText(page);
}

function contents(plan: Plan): Html {
  const room = roomText(plan);
  return markup`<h2>The order of things</h2>
<ol>${deployOrder(plan).map(({ command, text }) => markup`<li>${command === null ? null : markup`<code>${command}</code> `}${text}</li>`)}</ol>
${planTimeline(plan)}
<h2>Risks</h2>
${risks(plan)}
${checks(plan)}
${room === null ? null : markup`<h2>Room on disk</h2><p>${room}</p>`}
${promises(plan)}
${plan.migrations.map(migrationSection)}`;
}

function risks(plan: Plan): Html {
  const found = planRisks(plan);
  if (found.length === 0)
    return markup`<div class="risk none">None: nobody waits long, nothing is lost, and all of it can be rolled back.</div>`;
  const list = found.map(
    (risk) =>
      markup`<div class="risk${isSevere(risk) ? ' severe' : ''}"><strong>${risk.migration}${risk.step === null ? '' : `, ${risk.step}`}</strong><br>${risk.text}</div>
`,
  );
  return markup`${list}`;
}

function checks(plan: Plan): Html | null {
  const items = planChecks(plan).map(
    ({ migration, step, text }) => markup`<li>${text} <small>(${migration}, ${step})</small></li>`,
  );
  return items.length === 0 ? null : markup`<h2>What is checked first</h2><ul>${items}</ul>`;
}

function promises({ migrations }: Plan): Html | null {
  const sentences = migrations.flatMap(({ name, versions }) =>
    versionText(versions).map((sentence) => markup`<li>${sentence} <small>(${name})</small></li>`),
  );
  return sentences.length === 0
    ? null
    : markup`<h2>What each version may rely on between the phases</h2><ul>${sentences}</ul>`;
}

function migrationSection(migration: PlannedMigration, index: number): Html {
  const { name, notes, waitsFor, steps } = migration;
  const diagram = lockDiagram(migration);
  return markup`<h2 id="m${index + 1}">${name}</h2>
${waitsFor === null ? null : markup`<div class="risk">It needs what ${waitsFor} leaves. Plan it again when that one is done.</div>`}
${notes.length === 0 ? null : markup`<ul>${notes.map((note) => markup`<li>${note}</li>`)}</ul>`}
${steps.length === 0 && waitsFor === null ? markup`<p>Nothing to do.</p>` : null}
${diagram === null ? null : markup`<h3>Who waits</h3>${diagram}`}
${phases.map((phase) => {
  const ofPhase = steps.filter((step) => step.phase === phase);
  return ofPhase.length === 0
    ? markup``
    : markup`<h3>${phase} <small>${phaseTitles[phase]}</small></h3>${ofPhase.map(stepCard)}`;
})}`;
}

function stepCard(step: Step): Html {
  const rows: readonly (readonly [string, string])[] = [
    ['lock', lockText(step)],
    ['time', timeText(step)],
    ['size', step.estimate === null ? '' : sizeText(step.estimate)],
    ['loses', step.drops.join(', ')],
    ['undo', step.phase === 'contract' ? '' : undoText(step.undo)],
    ...step.notes.map((note) => ['note', note] as const),
  ];
  return markup`<div class="step ${step.phase}"><strong>${step.id}</strong> ${step.title}
<dl>${rows.filter(([, text]) => text !== '').map(([label, text]) => markup`<dt>${label}</dt><dd>${text}</dd>`)}</dl>
<details><summary>SQL</summary><pre>${sqlOf(step.run).join('\n')}</pre></details></div>
`;
}
