/** What the clients of the demo lived through: statements, failures and the longest wait, by phase and version. */
import type { Version } from './shop-client.ts';

export type PhaseMeasurement = {
  readonly phase: string;
  readonly longestMs: number;
  readonly statements: number;
  readonly failed: number;
};

export type VersionMeasurement = { readonly statements: number; readonly failed: number; readonly longestMs: number };

export class Measurements {
  #phase = '';
  readonly #phases = new Map<string, PhaseMeasurement>();
  readonly #versions = new Map<Version, VersionMeasurement>();
  readonly #failures = new Map<string, number>();

  enter(phase: string): void {
    this.#phase = phase;
    if (!this.#phases.has(phase)) this.#phases.set(phase, { phase, longestMs: 0, statements: 0, failed: 0 });
  }

  /** A statement counts for the phase in which it ends: that is when its wait is known. */
  record(version: Version, durationMs: number, failure: string | null): void {
    const failed = failure === null ? 0 : 1;
    const phase = this.#phases.get(this.#phase);
    if (phase !== undefined) {
      this.#phases.set(this.#phase, {
        phase: phase.phase,
        longestMs: Math.max(phase.longestMs, durationMs),
        statements: phase.statements + 1,
        failed: phase.failed + failed,
      });
    }
    const known = this.of(version);
    this.#versions.set(version, {
      statements: known.statements + 1,
      failed: known.failed + failed,
      longestMs: Math.max(known.longestMs, durationMs),
    });
    if (failure !== null) this.#failures.set(failure, (this.#failures.get(failure) ?? 0) + 1);
  }

  of(version: Version): VersionMeasurement {
    return this.#versions.get(version) ?? { statements: 0, failed: 0, longestMs: 0 };
  }

  get phases(): readonly PhaseMeasurement[] {
    return [...this.#phases.values()];
  }

  /** The messages of failed statements with their number, most frequent first. */
  get failures(): readonly (readonly [string, number])[] {
    return [...this.#failures].toSorted(([, a], [, b]) => b - a);
  }
}
