/** How many faults were injected, by kind and by operation, and what became of them. */
import type { TrialResult } from './lives.ts';

export type Counted = TrialResult & { readonly operation: string };

export function reportOf(results: readonly Counted[]): string {
  const injected = results.filter(({ wasInjected }) => wasInjected);
  const wrong = results.filter(({ problem }) => problem !== null);
  return [
    `${injected.length} faults injected, ${wrong.length} of them ended in a wrong state`,
    ...(injected.length < results.length
      ? [`(${results.length - injected.length} more were not: the run did not come to that effect this time)`]
      : []),
    '',
    ...table('fault', injected, ({ fault }) => fault, wrong),
    '',
    ...table('verb', injected, ({ verb }) => verb, wrong),
    '',
    ...table('operation', injected, ({ operation }) => operation, wrong),
    '',
    ...table('how the run ended', injected, ({ end }) => end, wrong),
  ].join('\n');
}

function table(
  title: string,
  injected: readonly Counted[],
  keyOf: (result: Counted) => string,
  wrong: readonly Counted[],
): readonly string[] {
  const keys = [...new Set([...injected, ...wrong].map(keyOf))].toSorted();
  const line = (key: string, ...cells: readonly (string | number)[]): string =>
    `${key.padEnd(24)}${cells.map((cell) => String(cell).padStart(10)).join('')}`;
  return [
    line(title, 'faults', 'finished', 'wrong'),
    ...keys.map((key) => {
      const of = injected.filter((result) => keyOf(result) === key);
      const finished = of.filter(({ end }) => end === 'finished').length;
      return line(key, of.length, finished, wrong.filter((result) => keyOf(result) === key).length);
    }),
  ];
}
