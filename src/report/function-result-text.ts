/** How a backfill of the person's own has ended well. */
import type { BackfillResult } from '../run/functions/run-function.ts';
import { count } from './wrap.ts';

export function functionResultText({ name, outcome, rowsDone }: BackfillResult): string {
  if (outcome === 'unchanged') return `Nothing to do: ${name} is done already.\n`;
  return `${name} is done: ${count(rowsDone, 'row')}.\n`;
}
