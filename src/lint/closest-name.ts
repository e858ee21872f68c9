/** "Did you mean": the name a person most likely meant. */
import { closest, distance } from 'fastest-levenshtein';

/** Null when no name is close enough to be worth a guess. */
export function closestName(written: string, names: readonly string[]): string | null {
  if (names.length === 0) return null;
  const best = closest(written, [...names]);
  const tolerance = Math.max(2, Math.floor(written.length / 3)); // a typing error or two, or one word of a long id
  return distance(written, best) <= tolerance ? best : null;
}
