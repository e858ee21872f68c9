/**
 * What a server can do, by major version.
 *
 * Guarantee: the only place that compares version numbers; everybody else asks for a capability by name. A test tries
 * each capability on every version it can start.
 */

export const oldestSupportedVersion = 14;
export const newestKnownVersion = 18;

/** Each capability with the first major version that has it, and where that is written. */
const since = {
  /** ADD COLUMN with a non-volatile default does not rewrite the table. Release notes 11; measured. */
  fastDefault: 11,
  /** CREATE INDEX on a partitioned table builds one on each partition; ON ONLY and ATTACH PARTITION for indexes. Release notes 11. */
  partitionedIndexes: 11,
  /** SET NOT NULL skips the scan where a valid CHECK proves it. Release notes 12; measured. */
  checkProvesNotNull: 12,
  /** timestamp ↔ timestamptz under TimeZone=UTC keeps the heap. Release notes 12; measured. */
  timestampZoneChangeWithoutRewrite: 12,
  /** REINDEX CONCURRENTLY. Release notes 12. */
  reindexConcurrently: 12,
  /** GENERATED ALWAYS AS (…) STORED. Release notes 12. */
  storedGeneratedColumns: 12,
  /** ATTACH PARTITION takes SHARE UPDATE EXCLUSIVE on the parent. Release notes 12; measured. */
  weakLockOnAttachPartition: 12,
  /** ALTER TYPE … ADD VALUE inside a transaction (not yet used in it). Release notes 12; measured. */
  enumAddValueInTransaction: 12,
  /** ALTER INDEX … RENAME takes SHARE UPDATE EXCLUSIVE. Release notes 12; measured. */
  weakLockOnRenameIndex: 12,
  /** ALTER TABLE … ALTER COLUMN … DROP EXPRESSION. Release notes 13; measured. */
  dropExpression: 13,
  /** gen_random_uuid() without an extension. Release notes 13. */
  builtInRandomUuid: 13,
  /** Row-level BEFORE triggers on partitioned tables. Release notes 13. */
  beforeRowTriggersOnPartitioned: 13,
  /** ALTER TABLE … DETACH PARTITION … CONCURRENTLY. Release notes 14. */
  detachConcurrently: 14,
  /** CREATE OR REPLACE TRIGGER. Release notes 14. */
  replaceTrigger: 14,
  /** REINDEX of partitioned tables and indexes, also concurrently. Release notes 14; measured. */
  reindexPartitioned: 14,
  /** ALTER TABLE … ALTER COLUMN … SET COMPRESSION. Release notes 14. */
  columnCompression: 14,
  /** SQL-standard function bodies (BEGIN ATOMIC … END), which the server tracks dependencies of. Release notes 14. */
  sqlStandardFunctionBodies: 14,
  /** UNIQUE NULLS NOT DISTINCT. Release notes 15. */
  nullsNotDistinct: 15,
  /** ALTER TRIGGER … RENAME on a partitioned table renames the triggers of its partitions, and locks them. Release notes 15. */
  renamesTriggersOfPartitions: 15,
  /** CREATE VIEW … WITH (security_invoker). Release notes 15. */
  securityInvokerViews: 15,
  /** ATTACH PARTITION takes SHARE ROW EXCLUSIVE on the tables that refer to the parent. Measured. */
  locksReferringOnAttach: 15,
  /** A partitioned table has the triggers of foreign keys to it itself, not only its partitions. Measured. */
  keyTriggersOnPartitioned: 15,
  /** MERGE. Release notes 15. */
  merge: 15,
  /** ALTER TABLE … SET ACCESS METHOD. Release notes 15. */
  setAccessMethod: 15,
  /** Column lists and row filters of publications. Release notes 15. */
  publicationColumnLists: 15,
  /** ON DELETE SET NULL (columns). Release notes 15. */
  foreignKeySetColumns: 15,
  /** The public schema is not writable by everyone. Release notes 15. */
  publicSchemaIsPrivate: 15,
  /** CREATE UNLOGGED SEQUENCE, ALTER SEQUENCE … SET LOGGED. Release notes 15. */
  unloggedSequences: 15,
  /** GRANT … ON PARAMETER. Release notes 15. */
  parameterPrivileges: 15,
  /** CREATE PUBLICATION … FOR TABLES IN SCHEMA. Release notes 15. */
  publicationsOfSchemas: 15,
  /** Functions that appeared with 15 (`new-functions.ts`). */
  functionsOf15: 15,
  /** STORAGE behind a column of CREATE TABLE. Release notes 16. */
  storageInCreateTable: 16,
  /** A subquery in FROM without an alias. Release notes 16. */
  subqueryWithoutAlias: 16,
  /** JSON_OBJECT, JSON_ARRAY and their aggregates with SQL syntax; IS JSON. Release notes 16. */
  jsonConstructors: 16,
  /** Integers like 0x1F, 0o17, 0b11 and 1_000; before, what follows the first digit is taken for an alias. Release notes 16. */
  integerLiteralForms: 16,
  /** COPY FROM … (DEFAULT …). Release notes 16. */
  copyDefault: 16,
  /** VACUUM and ANALYZE (BUFFER_USAGE_LIMIT …). Release notes 16. */
  bufferUsageLimit: 16,
  /** CREATE STATISTICS without a name. Release notes 16. */
  unnamedStatistics: 16,
  /** GRANT of a role WITH INHERIT or SET. Release notes 16. */
  roleGrantOptions: 16,
  /** Functions that appeared with 16. */
  functionsOf16: 16,
  /** ALTER COLUMN … SET STORAGE DEFAULT. Release notes 16. */
  defaultStorageMode: 16,
  /** MERGE into a view. Release notes 17; measured. */
  mergeIntoView: 17,
  /** ALTER TABLE … ALTER COLUMN … SET EXPRESSION. Release notes 17; measured. */
  setExpression: 17,
  /** A value added to an enum that was created in the same transaction may be used in it. Measured. */
  enumNewValueOfNewTypeInTransaction: 17,
  /** MERGE … WHEN NOT MATCHED BY SOURCE. Release notes 17. */
  mergeNotMatchedBySource: 17,
  /** MERGE … RETURNING. Release notes 17. */
  mergeReturning: 17,
  /** JSON_TABLE, JSON_EXISTS, JSON_QUERY, JSON_VALUE, JSON(), JSON_SCALAR, JSON_SERIALIZE. Release notes 17. */
  jsonQueryFunctions: 17,
  /** The privilege MAINTAIN. Release notes 17. */
  maintainPrivilege: 17,
  /** COPY FROM … (ON_ERROR …). Release notes 17. */
  copyOnError: 17,
  /** ALTER TABLE … SET ACCESS METHOD DEFAULT. Release notes 17. */
  defaultAccessMethod: 17,
  /** Functions that appeared with 17. */
  functionsOf17: 17,
  /** transaction_timeout. Release notes 17. */
  transactionTimeout: 17,
  /** ADD CONSTRAINT … NOT NULL … NOT VALID and VALIDATE CONSTRAINT for it. Release notes 18; measured. */
  nativeNotNullNotValid: 18,
  /** NOT NULL is a constraint with a name in pg_constraint. Release notes 18. */
  namedNotNullConstraints: 18,
  /** ADD FOREIGN KEY … NOT VALID on a partitioned table. Release notes 18; measured. */
  notValidForeignKeyOnPartitioned: 18,
  /** GENERATED ALWAYS AS (…) VIRTUAL, and it is the default. Release notes 18; measured. */
  virtualGeneratedColumns: 18,
  /** CHECK and FOREIGN KEY constraints that are NOT ENFORCED. Release notes 18. */
  notEnforcedConstraints: 18,
  /** PRIMARY KEY and UNIQUE … WITHOUT OVERLAPS, FOREIGN KEY … PERIOD. Release notes 18. */
  temporalConstraints: 18,
  /** RETURNING OLD and NEW. Release notes 18. */
  returningOldAndNew: 18,
  /** NOT NULL as a constraint of the table: CONSTRAINT name NOT NULL column. Release notes 18. */
  notNullTableConstraint: 18,
  /** ALTER CONSTRAINT … [NO] INHERIT. Release notes 18. */
  constraintInheritance: 18,
  /** VACUUM ONLY, ANALYZE ONLY. Release notes 18. */
  vacuumOnly: 18,
  /** COPY FROM … (REJECT_LIMIT …). Release notes 18. */
  copyRejectLimit: 18,
  /** CREATE PUBLICATION … WITH (publish_generated_columns). Release notes 18. */
  publishGeneratedColumns: 18,
  /** Functions that appeared with 18. */
  functionsOf18: 18,
  /** VACUUM and ANALYZE of a table go down to the tables that inherit from it. Release notes 18; measured. */
  vacuumsInheritingTables: 18,
  /** uuidv7(). Release notes 18. */
  uuidVersion7: 18,
} as const satisfies Record<string, number>;

export type Capability = keyof typeof since;

/** Whether a server of this major version can do it. */
export function has(version: number, capability: Capability): boolean {
  return version >= since[capability];
}

/** The first major version that can do it, for messages. */
export function availableSince(capability: Capability): number {
  return since[capability];
}

/** The major version in `server_version_num`: 180004 → 18. */
export function majorVersion(serverVersionNumber: number): number {
  return Math.floor(serverVersionNumber / 10_000);
}
