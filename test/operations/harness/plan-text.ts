/**
 * The snapshot of a plan, taken apart again: what docs/operations.md shows of a case is what the snapshot beside it says.
 */

export type PlanText = { readonly migrations: readonly MigrationText[] };

export type MigrationText = {
  readonly name: string;
  /** What each version of the application may rely on, and notes. */
  readonly remarks: readonly string[];
  readonly steps: readonly StepText[];
};

export type StepText = {
  readonly phase: 'expand' | 'backfill' | 'contract';
  readonly number: string;
  readonly title: string;
  /** What runs, line by line. */
  readonly run: readonly string[];
  /** What is said about it, by its label: `locks`, `undo`, … */
  readonly said: ReadonlyMap<string, readonly string[]>;
};

const stepHeader = /^(expand|backfill|contract)-(\d+): (.*)$/;
// As wide as plan-snapshot.ts makes it, so that a statement which begins with WITH is none.
const label = /^ {2}(with|locks|rewrites|scans|drops|takes|undo|note) +(.*)$/;
const continued = ' '.repeat(11);

export function parsePlan(snapshot: string): PlanText {
  const migrations: { name: string; remarks: string[]; steps: StepText[] }[] = [];
  let step: { run: string[]; said: Map<string, string[]> } | null = null;
  let said: string[] | null = null;
  for (const line of snapshot.trimEnd().split('\n')) {
    const header = stepHeader.exec(line);
    if (header !== null) {
      const [, phase, number = '', title = ''] = header;
      step = { run: [], said: new Map() };
      said = null;
      // The expression above matches these three alone.
      migrations.at(-1)?.steps.push({ phase: phase as StepText['phase'], number, title, ...step });
    } else if (step !== null && line.startsWith('  ')) {
      const [, name, text = ''] = labelled(line) ?? [];
      if (name !== undefined) {
        said = [...(step.said.get(name) ?? []), text];
        step.said.set(name, said);
      } else if (said !== null && line.startsWith(continued)) said.push(line.slice(continued.length));
      else step.run.push(line.slice(2));
    } else if (line === '') {
      // A blank line stands before each step and each migration; one inside a statement is indented.
      if (step !== null) [step, said] = [null, null];
    } else if (step === null && (migrations.length === 0 || (migrations.at(-1)?.steps.length ?? 0) > 0)) {
      migrations.push({ name: line, remarks: [], steps: [] });
    } else migrations.at(-1)?.remarks.push(line);
  }
  return { migrations };
}

/** Labels are padded to nine characters; `with x as (…)` is a statement. */
function labelled(line: string): RegExpExecArray | null {
  const match = label.exec(line);
  if (match === null) return null;
  const column = line.length - (match[2] ?? '').length;
  return column === continued.length ? match : null;
}
