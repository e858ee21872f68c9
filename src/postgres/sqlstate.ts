/**
 * SQLSTATE codes by name, each with its meaning in a line.
 *
 * Source: https://www.postgresql.org/docs/current/errcodes-appendix.html. Errors are told apart by these codes and never
 * by their message, which is translated by the server (`lc_messages`) and reworded between versions.
 */

export const sqlstate = {
  // 08: the connection
  connectionException: '08000', // the connection is in trouble
  unableToConnect: '08001', // the client could not connect
  connectionDoesNotExist: '08003', // there is no such connection any more
  connectionRejected: '08004', // the server refused the connection
  connectionFailure: '08006', // the connection broke
  protocolViolation: '08P01', // client and server disagree about the protocol: often a pooler
  // 0A
  featureNotSupported: '0A000', // not supported; also "cached plan must not change result type"
  // 22: a value does not fit
  stringTooLong: '22001', // value too long for type character varying(n)
  numericOutOfRange: '22003', // value out of range for the type
  invalidDatetime: '22007', // not a date or time
  datetimeOutOfRange: '22008', // date or time out of range
  divisionByZero: '22012', // division by zero
  invalidParameterValue: '22023', // a parameter has a value that is not allowed
  invalidTextRepresentation: '22P02', // invalid input syntax for the type
  untranslatableCharacter: '22P05', // a character has no equivalent in the encoding
  // 23: a constraint is violated
  integrityConstraintViolation: '23000', // some constraint
  restrictViolation: '23001', // ON DELETE RESTRICT
  notNullViolation: '23502', // a NULL where none may be
  foreignKeyViolation: '23503', // the referenced row does not exist, or is still referenced
  uniqueViolation: '23505', // the key exists already
  checkViolation: '23514', // a row fails a CHECK, a domain's or a partition's constraint
  exclusionViolation: '23P01', // the row conflicts with another one
  // 25: the transaction's state
  activeTransaction: '25001', // cannot run inside a transaction block
  readOnlyTransaction: '25006', // the server or the transaction is read-only: a standby
  inFailedTransaction: '25P02', // the transaction is aborted: an earlier statement failed
  idleInTransactionTimeout: '25P03', // idle_in_transaction_session_timeout
  transactionTimeout: '25P04', // transaction_timeout (17)
  // 28: who are you
  invalidAuthorization: '28000', // no such role, or pg_hba.conf has no entry for it
  invalidPassword: '28P01', // the password is wrong
  // 2B, 3D, 3F
  dependentObjectsStillExist: '2BP01', // something depends on it: DROP without CASCADE
  databaseDoesNotExist: '3D000', // there is no such database
  schemaDoesNotExist: '3F000', // there is no such schema
  // 40: another transaction came first
  transactionRollback: '40000', // the transaction was rolled back
  serializationFailure: '40001', // could not serialize access: try again
  statementCompletionUnknown: '40003', // it is unknown whether the statement took effect
  deadlockDetected: '40P01', // two sessions waited for each other: try again
  // 42: the statement is wrong, or not allowed
  syntaxErrorOrAccessRuleViolation: '42000', // class 42 without more
  insufficientPrivilege: '42501', // the role may not do this
  syntaxError: '42601', // syntax error
  invalidName: '42602', // not a valid name
  nameTooLong: '42622', // longer than 63 bytes
  duplicateColumn: '42701', // the column exists already
  ambiguousColumn: '42702', // the column's name fits two tables
  undefinedColumn: '42703', // there is no such column
  undefinedObject: '42704', // there is no such type, role, constraint, …
  duplicateObject: '42710', // the constraint, type, trigger, … exists already
  ambiguousFunction: '42725', // several functions fit
  cannotCoerce: '42846', // there is no cast between the types
  groupingError: '42803', // GROUP BY misses a column
  datatypeMismatch: '42804', // an expression has the wrong type
  wrongObjectType: '42809', // a view where a table is needed, and so on
  undefinedFunction: '42883', // there is no such function or operator
  undefinedTable: '42P01', // there is no such table, view, index or sequence
  undefinedParameter: '42P02', // there is no such parameter
  duplicateSchema: '42P06', // the schema exists already
  duplicateTable: '42P07', // the table, view, index or sequence exists already
  ambiguousParameter: '42P08', // the parameter's type is not clear
  invalidForeignKey: '42830', // the referenced columns have no unique constraint
  invalidObjectDefinition: '42P17', // the definition makes no sense
  indeterminateDatatype: '42P18', // the type of a parameter or constant cannot be told
  invalidTableDefinition: '42P16', // for example two primary keys
  invalidColumnReference: '42P10', // for example ON CONFLICT without a matching unique index
  duplicateFunction: '42723', // the function exists already
  duplicateDatabase: '42P04', // the database exists already
  // 53: resources
  insufficientResources: '53000', // some resource
  diskFull: '53100', // no space left
  outOfMemory: '53200', // out of memory, or of shared memory for locks
  tooManyConnections: '53300', // the server takes no more connections
  configurationLimitExceeded: '53400', // for example temp_file_limit
  // 54
  programLimitExceeded: '54000', // too large in some way
  tooManyColumns: '54011', // more than 1600 columns, dropped ones included
  // 55: the object is not in the right state
  objectNotInPrerequisiteState: '55000', // not possible in the object's present state
  objectInUse: '55006', // somebody uses the object
  lockNotAvailable: '55P03', // lock_timeout, or NOWAIT
  unsafeNewEnumValue: '55P04', // a new enum value is used before it is committed
  // 57: somebody stopped it
  queryCanceled: '57014', // statement_timeout, or pg_cancel_backend
  adminShutdown: '57P01', // the server shuts down, or pg_terminate_backend
  crashShutdown: '57P02', // another backend crashed
  cannotConnectNow: '57P03', // the server starts up, shuts down or recovers
  databaseDropped: '57P04', // the database was dropped
  idleSessionTimeout: '57P05', // idle_session_timeout
  // 58
  ioError: '58030', // the disk reports an error
  undefinedFile: '58P01', // a file is missing: for example an extension's
  // P0
  raiseException: 'P0001', // RAISE in PL/pgSQL
  assertFailure: 'P0004', // ASSERT in PL/pgSQL
  // XX
  internalError: 'XX000', // "cache lookup failed", "tuple concurrently updated": a race in the server's catalogs
  dataCorrupted: 'XX001', // data is damaged
} as const satisfies Record<string, string>;

/** Classes: the first two characters. */
const sqlstateClass = {
  connection: '08',
  dataException: '22',
  integrityConstraint: '23',
  invalidTransactionState: '25',
  authorization: '28',
  transactionRollback: '40',
  syntaxOrAccess: '42',
  insufficientResources: '53',
  programLimit: '54',
  objectState: '55',
  operatorIntervention: '57',
  system: '58',
} as const satisfies Record<string, string>;

export type SqlStateClass = keyof typeof sqlstateClass;

export function isClass(code: string | null | undefined, name: SqlStateClass): boolean {
  return typeof code === 'string' && code.slice(0, 2) === sqlstateClass[name];
}

/** The code of a driver's error; `null` when it has none (a broken socket has a Node code like ECONNRESET instead). */
export function sqlstateOf(error: unknown): string | null {
  if (typeof error !== 'object' || error === null || !('code' in error)) return null;
  // At least one digit: Node has five-letter codes too (EPIPE).
  return typeof error.code === 'string' && /^(?=.*\d)[0-9A-Z]{5}$/.test(error.code) ? error.code : null;
}

const retryable: ReadonlySet<string> = new Set([
  sqlstate.serializationFailure,
  sqlstate.deadlockDetected,
  sqlstate.lockNotAvailable,
]);

/** The transaction was rolled back because of somebody else; the very same transaction may work on the next try. */
export function isRetryable(code: string | null): boolean {
  return code !== null && retryable.has(code);
}

const lost: ReadonlySet<string> = new Set([
  sqlstate.adminShutdown,
  sqlstate.crashShutdown,
  sqlstate.cannotConnectNow,
  sqlstate.idleInTransactionTimeout,
  sqlstate.idleSessionTimeout,
]);

/** The session is gone: what it did since its last commit is undone, and a commit in flight may have happened or not. */
export function isConnectionLost(code: string | null): boolean {
  return code !== null && (lost.has(code) || isClass(code, 'connection'));
}
