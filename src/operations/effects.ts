/**
 * What a change does to a running server: the one truth from which rules report, which the plan shows, and which the
 * tests hold against a real server (locks from pg_locks, rewrites from pg_relation_filenode, scans from
 * pg_stat_xact_user_tables).
 *
 * Only relations that existed before the change appear: nobody can wait for a table that is being created.
 */
import type { QualifiedName } from '../catalog/model.ts';
import type { LockMode } from '../postgres/lock-mode.ts';

export type LockClaim = { readonly table: QualifiedName; readonly mode: LockMode };

export type Effects = {
  /** The strongest lock on each table. */
  readonly locks: readonly LockClaim[];
  /** Tables whose heap is written anew. */
  readonly rewrites: readonly QualifiedName[];
  /** Tables that are read from end to end while the locks are held. */
  readonly scans: readonly QualifiedName[];
  /** Tables on which an index is built or rebuilt while the locks are held. */
  readonly indexBuilds: readonly QualifiedName[];
  /** What is lost, in words: `column users.email`. */
  readonly drops: readonly string[];
  /** True for opaque statements: nothing is known of their locks. */
  readonly unknown: boolean;
};

export const noEffects: Effects = { locks: [], rewrites: [], scans: [], indexBuilds: [], drops: [], unknown: false };
