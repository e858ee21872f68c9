/**
 * The plan: data that people review and the runner executes. What was reviewed is what runs: a plan that was written to
 * a file carries its checksum and the fingerprint of the catalog it was made for, and is refused when either differs.
 */
import type { QualifiedName } from '../catalog/model.ts';
import type { LockClaim } from '../operations/effects.ts';
import type { Phase, StepRun, Undo } from '../operations/step-draft.ts';
import type { PlanEstimate, StepEstimate } from './estimate.ts';
import type { VersionPromise } from './version-promise.ts';

/** Raised when the JSON changes in a way an older runner would misread. */
export const planFormatVersion = 1;

/** How long a step may take, told without pretending to know seconds. */
export type DurationClass =
  /** Milliseconds, whatever the table's size. */
  | 'instant'
  /** Reads the whole table, under a lock that lets reads and writes go on (or of a table without users). */
  | 'scan'
  /** Builds an index concurrently. */
  | 'build'
  /** Batches: hours on a large table. */
  | 'batches'
  /** Writes the whole table anew or works under a blocking lock for as long as the table is large. */
  | 'blocking'
  | 'unknown';

/** Why a step may do more than the planner allows itself in its phase. */
export type Exemption =
  /** The person takes the responsibility: `migrate:raw`. */
  | 'raw'
  /** The person chose the phase: `migrate:phase`. */
  | 'chosen phase'
  /** The table is so small that the plain statement takes milliseconds. */
  | 'small table'
  /** The statement means just this to the old version, and nothing would do less. The plan says so. */
  | 'inherent'
  /** Code of the person's that decides itself which of its statements run. */
  | 'code block';

export type Step = {
  /** Stable within its migration: `expand-1`, `backfill-1`, `contract-3`. */
  readonly id: string;
  readonly phase: Phase;
  readonly title: string;
  readonly run: StepRun;
  readonly undo: Undo;
  readonly notes: readonly string[];
  /** Strongest lock on each table that exists before the step, in the order in which they are taken. */
  readonly locks: readonly LockClaim[];
  /** What the statements do beyond locking. */
  readonly rewrites: readonly QualifiedName[];
  readonly scans: readonly QualifiedName[];
  readonly drops: readonly string[];
  /** True when an opaque statement is inside: its locks are not known. */
  readonly opaque: boolean;
  readonly duration: DurationClass;
  /** Milliseconds; null where waiting is harmless or the step itself must not be cut short. */
  readonly statementTimeoutMs: number | null;
  /** `SET LOCAL`s the statements need: search_path and the like, as the person's own SET statements left them. */
  readonly settings: Readonly<Record<string, string>>;
  readonly exemption: Exemption | null;
  /** How much it has to do, as far as a live database told sizes; null for what takes milliseconds. */
  readonly estimate: StepEstimate | null;
};

export type PlannedMigration = {
  readonly name: string;
  /** sha256 of the file, hex. */
  readonly checksum: string;
  /** In the order in which they run: expand, backfill, contract. */
  readonly steps: readonly Step[];
  readonly notes: readonly string[];
  /** Name of the migration whose contract must come first; null when this one can start now. */
  readonly waitsFor: string | null;
  /** What each application version may rely on, and when. */
  readonly versions: readonly VersionPromise[];
};

export type Plan = {
  readonly formatVersion: typeof planFormatVersion;
  /** sha256 over everything else, hex. */
  readonly checksum: string;
  /** Fingerprint of the live catalog the plan was made for; null when it was made from files alone. */
  readonly fingerprint: string | null;
  readonly serverVersion: number;
  readonly migrations: readonly PlannedMigration[];
  /** What all steps need together; null when nobody knows the sizes. */
  readonly estimate: PlanEstimate | null;
};
