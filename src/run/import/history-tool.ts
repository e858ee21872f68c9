/**
 * What has to be known of another tool to take over from it: where it keeps its history, what a row of it means, and by
 * which id it knows a file. One file a tool in `tools/` holds these facts; nothing of another tool's is ever written.
 */
import type { MigrationFile } from '../../plan/migration-file.ts';
import type { SqlFragment } from '../../sql/template.ts';

export type HistoryEntry = {
  /** A version, a name: whatever the tool knows a migration by. */
  readonly id: string;
  /** `up to`: this one and all before it count as done, with a file or without. `code`: done, and no SQL to be found. */
  readonly state: 'done' | 'failed' | 'up to' | 'code';
  readonly at: Date | null;
  /** Of the file as it was when it ran, as the tool reckons it; null where it keeps none. */
  readonly checksum: string | null;
};

export type HistoryTool = {
  readonly name: string;
  /** As its makers write it. */
  readonly title: string;
  /** Where the table is; a null schema: in any, because the tool takes the first of the search path. */
  readonly schema: string | null;
  readonly table: string;
  /** It is this tool's table when it has all of these: some tools use the same name. */
  readonly columns: readonly string[];
  /** Selects `id`, `state`, `at` and `checksum`, in the order in which they ran. */
  readonly entries: (table: SqlFragment, scope: string | null) => SqlFragment;
  /** For a history that several projects share: which of them the files are. */
  readonly scopeOf?: (files: readonly MigrationFile[]) => Promise<string | null>;
  /** The id of each file. */
  readonly idsOf: (files: readonly MigrationFile[]) => readonly string[] | Promise<readonly string[]>;
  /** The order of two ids, for `up to`. */
  readonly compare?: (a: string, b: string) => number;
  /** The checksum of a file as the tool reckons it; absent where it keeps none that can be reckoned again. */
  readonly checksum?: (bytes: Uint8Array) => string;
  /** What to do about a migration that failed half way. */
  readonly repair: (id: string) => string;
};
