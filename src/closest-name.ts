/** "Did you mean": the name a person most likely meant. */
import { closest, distance } from 'fastest-levenshtein';

/** Null when no name is close enough to be worth a guess. Capitals make no difference. */
export function closestName(written: string, names: readonly string[]): string | null {
  if (names.length === 0) return null;
  const lower = written.toLowerCase();
  const byLower = new Map(names.map((name) => [name.toLowerCase(), name]));
  const best = closest(lower, [...byLower.keys()]);
  // A third of the letters may be wrong; more is another word.
  const tolerance = Math.max(1, Math.floor(written.length / 3));
  return distance(lower, best) <= tolerance ? (byLower.get(best) ?? null) : null;
}
