/** A migration as read from disk: the planner's input. */
export type MigrationFile = {
  /** The file's name without extension, or its folder's name: what the ledger and the person call it. */
  readonly name: string;
  readonly path: string;
  /** The SQL to run: the up part, for files of other tools. */
  readonly source: string;
  /** sha256 of the file's bytes, hex. */
  readonly checksum: string;
};
