/** A migration as read from disk: the planner's input. */
export type MigrationFile = {
  /** The file's name without extension, or its folder's name: what the ledger and the person call it. */
  readonly name: string;
  readonly path: string;
  /** The SQL to run: for files of other tools the up part, with the values of a template filled in. */
  readonly source: string;
  /** sha256 of the file's bytes, hex. */
  readonly checksum: string;
  /** What the tool does that the file was written for; absent for plain files. With `none`, a CALL may commit. */
  readonly transactionMode?: 'per-file' | 'none';
};
