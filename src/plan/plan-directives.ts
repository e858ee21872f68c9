/** What the directives above a statement mean to its plan. */
import type { PlanDirectives } from '../operations/operation.ts';
import type { Directive } from '../sql/directives.ts';

export function directivesOf(directives: readonly Directive[]): PlanDirectives {
  const find = <K extends Directive['kind']>(kind: K) =>
    directives.find((directive): directive is Extract<Directive, { kind: K }> => directive.kind === kind);
  const batch = find('batch')?.options ?? {};
  return {
    using: find('using')?.expression ?? null,
    reverse: find('reverse')?.expression ?? null,
    phase: find('phase')?.phase ?? null,
    strategy: find('strategy')?.strategy ?? null,
    batch: { size: numberOr(batch['size'], null), pauseMs: numberOr(batch['pause'], null) },
  };
}

function numberOr(text: string | undefined, otherwise: number | null): number | null {
  const value = Number.parseInt(text ?? '', 10);
  return Number.isSafeInteger(value) && value >= 0 ? value : otherwise;
}
