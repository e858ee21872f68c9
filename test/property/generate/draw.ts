/** Choices of a generator, all taken from fast-check's random numbers: the same seed makes the same case. */
import type { Random } from 'fast-check';

export type Draw = {
  /** From `from` to `to`, both included. */
  int(from: number, to: number): number;
  /** True this many times in a hundred. */
  percent(chance: number): boolean;
  /** Null when there is nothing to choose from. */
  maybe<T>(from: readonly T[]): T | null;
  one<T>(from: readonly [T, ...T[]]): T;
  some<T>(from: readonly T[], most: number): readonly T[];
  weighted<T extends { readonly weight: number }>(from: readonly [T, ...T[]]): T;
};

export function drawFrom(random: Random): Draw {
  const int = (from: number, to: number): number => random.nextInt(from, to);
  const one = <T>(from: readonly [T, ...T[]]): T => from[int(0, from.length - 1)] ?? from[0];
  return {
    int,
    one,
    percent: (chance) => int(1, 100) <= chance,
    maybe: (from) => (from.length === 0 ? null : (from[int(0, from.length - 1)] ?? null)),
    some(from, most) {
      const rest = [...from];
      const chosen: (typeof rest)[number][] = [];
      for (let count = int(1, Math.max(1, most)); count > 0 && rest.length > 0; count -= 1)
        chosen.push(...rest.splice(int(0, rest.length - 1), 1));
      return chosen;
    },
    weighted(from) {
      let left = int(
        1,
        from.reduce((sum, { weight }) => sum + weight, 0),
      );
      for (const each of from) {
        left -= each.weight;
        if (left <= 0) return each;
      }
      return from[0];
    },
  };
}
