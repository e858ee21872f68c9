/** Differences between two schemas, for people: what is missing, what is there besides, and what is otherwise. */
import type { Difference } from '../catalog/diff.ts';
import type { Look } from './paint.ts';
import { count, wrap } from './wrap.ts';

export type DescribedDifference = { readonly kind: Difference['kind']; readonly text: string };

export function differencesText(differences: readonly DescribedDifference[], { paint, width }: Look): string {
  if (differences.length === 0) return 'No difference: the database is what the migrations make.\n';
  const signs = { missing: paint.red('-'), unexpected: paint.green('+'), changed: paint.yellow('~') };
  const lines = differences.flatMap(({ kind, text }) => {
    const [first = '', ...rest] = wrap(text, width - 4, '    ', '');
    return [`  ${signs[kind]} ${first}`, ...rest];
  });
  return `${count(differences.length, 'difference')} from what the migrations make:\n\n${lines.join('\n')}\n`;
}
