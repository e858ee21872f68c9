/**
 * The immutable model of a schema. It is filled in two ways: introspected from a live database (exact: every expression
 * is the server's own spelling), or folded from migrations (expressions as the emitter prints them). Nothing here ever
 * mutates: an edit returns a new catalog (`edit.ts`).
 *
 * Two catalogs from the same source are compared by `diff.ts`; an introspected one and a folded one are not, because
 * the server normalises expressions and the fold does not.
 */

export type QualifiedName = { readonly schema: string; readonly name: string };

/** Key of an object in the maps below; unambiguous for every name, because both parts are JSON strings. */
export type ObjectKey = string;

export function objectKey({ schema, name }: QualifiedName): ObjectKey {
  // Asked for millions of times; hardly a name has a character that JSON escapes.
  return isPlain.test(schema) && isPlain.test(name) ? `["${schema}","${name}"]` : JSON.stringify([schema, name]);
}

const isPlain = /^[ !#-[\]-~]*$/;

/** Key of a function: overloads differ in their input types. */
export function functionKey(name: QualifiedName, argumentTypes: string): string {
  return JSON.stringify([name.schema, name.name, argumentTypes]);
}

export type Catalog = {
  /** Major version of the server, for instance 18. */
  readonly version: number;
  /** Schemas in which unqualified names are looked up; the first one is where new objects go. */
  readonly searchPath: readonly string[];
  readonly schemas: ReadonlyMap<string, SchemaObject>;
  readonly tables: ReadonlyMap<ObjectKey, Table>;
  readonly views: ReadonlyMap<ObjectKey, View>;
  readonly sequences: ReadonlyMap<ObjectKey, Sequence>;
  readonly types: ReadonlyMap<ObjectKey, TypeObject>;
  /** Functions, procedures, aggregates by `functionKey`. */
  readonly functions: ReadonlyMap<string, FunctionObject>;
  readonly extensions: ReadonlyMap<string, { readonly name: string; readonly schema: string }>;
  readonly publications: ReadonlyMap<string, Publication>;
  /** Why this catalog may not be the whole truth (an opaque statement was folded), or empty. */
  readonly uncertain: readonly string[];
};

export type SchemaObject = {
  readonly name: string;
  readonly owner: string | null;
  readonly comment: string | null;
  readonly grants: readonly string[];
};

/** A column on which an object depends; a use of the whole row or of the bare table is column null. */
export type ColumnUse = { readonly table: QualifiedName; readonly column: string | null };

type TableKind = 'table' | 'partitioned' | 'foreign';

export type Table = QualifiedName & {
  readonly kind: TableKind;
  readonly persistence: 'permanent' | 'unlogged' | 'temporary';
  /** In the order of attnum. Order is the one difference between two catalogs that does not count. */
  readonly columns: readonly Column[];
  readonly constraints: readonly Constraint[];
  readonly indexes: readonly Index[];
  readonly triggers: readonly Trigger[];
  readonly policies: readonly Policy[];
  readonly rules: readonly Rule[];
  readonly statistics: readonly ExtendedStatistics[];
  /** `PARTITION BY` clause text for a partitioned table. */
  readonly partitionKey: string | null;
  readonly partitionKeyColumns: readonly string[];
  readonly partitionOf: { readonly parent: QualifiedName; readonly bound: string } | null;
  readonly inherits: readonly QualifiedName[];
  readonly rowSecurity: { readonly enabled: boolean; readonly forced: boolean };
  readonly replicaIdentity: 'default' | 'full' | 'nothing' | 'index';
  /** Storage parameters as `name=value`, sorted; those of the TOAST table as `toast.name=value`. */
  readonly options: readonly string[];
  /** Only when it is not `heap`. */
  readonly accessMethod: string | null;
  readonly tablespace: string | null;
  readonly owner: string | null;
  readonly comment: string | null;
  /**
   * Who may do what, as sorted text, `role=privileges/grantor` (aclitem spelling). Introspected: the privileges in
   * force, the owner's own among them, so that "never granted" and "granted and revoked again" are the same.
   */
  readonly grants: readonly string[];
  /** The server's own estimates; null when folded. Never part of a diff or a fingerprint. */
  readonly estimate: {
    readonly rows: number;
    /** With indexes and TOAST. */
    readonly bytes: number;
    readonly heapBytes?: number;
    /** Columns that it has had, those that were dropped included. */
    readonly attributes?: number;
  } | null;
};

export type Column = {
  readonly name: string;
  /** As format_type prints it: `character varying(20)`, `timestamp with time zone`, `shop.status[]`. */
  readonly type: string;
  /** Only when it is not the type's own collation. */
  readonly collation: string | null;
  /** Expression text; null for none and for generated columns. */
  readonly default: string | null;
  /** True also while the constraint below is not validated: then only new and changed rows are checked. */
  readonly notNull: boolean;
  /** The named NOT NULL constraint of Postgres 18 and later; null before 18 or when nullable. */
  readonly notNullConstraint: NotNullConstraint | null;
  readonly generated: { readonly expression: string; readonly kind: 'stored' | 'virtual' } | null;
  readonly identity: { readonly kind: 'always' | 'by default'; readonly sequence: QualifiedName } | null;
  /** Storage mode (`plain`, `main`, `external`, `extended`) when it differs from the type's default. */
  readonly storage: string | null;
  readonly compression: string | null;
  /** Statistics target when set. */
  readonly statisticsTarget: number | null;
  readonly options: readonly string[];
  readonly comment: string | null;
  readonly grants: readonly string[];
  /** Inherited, and declared by the heir itself as well: it stays when the column of the table above goes. */
  readonly ownToo?: true;
};

export type NotNullConstraint = {
  readonly name: string;
  readonly validated: boolean;
  readonly noInherit: boolean;
  readonly comment: string | null;
};

export type ForeignKeyAction = 'no action' | 'restrict' | 'cascade' | 'set null' | 'set default';

export type Constraint = {
  readonly name: string;
  readonly kind: 'check' | 'foreign_key' | 'primary_key' | 'unique' | 'exclusion';
  /** Columns in constraint order (conkey with ordinality). For a check: the columns its expression uses, sorted. */
  readonly columns: readonly string[];
  /** What pg_get_constraintdef prints (the clause after `ADD CONSTRAINT name`), without NOT VALID. */
  readonly definition: string;
  readonly validated: boolean;
  readonly enforced: boolean;
  readonly deferrable: boolean;
  readonly initiallyDeferred: boolean;
  readonly noInherit: boolean;
  /** Foreign keys only. */
  readonly references: {
    readonly table: QualifiedName;
    readonly columns: readonly string[];
    readonly onDelete: ForeignKeyAction;
    readonly onUpdate: ForeignKeyAction;
    readonly match: 'simple' | 'full';
  } | null;
  /** Checks only: the expression without the outer CHECK (…). */
  readonly expression: string | null;
  /** Name of the index behind a primary key, unique or exclusion constraint. */
  readonly index: string | null;
  /** True when it came from a parent table (partition or inheritance). */
  readonly inherited: boolean;
  readonly comment: string | null;
};

export type IndexKey = {
  /** Column name, or null for an expression. */
  readonly column: string | null;
  /** Column name or expression text as in the definition. */
  readonly expression: string;
  /** Only when not the default of the type. */
  readonly operatorClass: string | null;
  readonly collation: string | null;
  readonly descending: boolean;
  readonly nullsFirst: boolean;
};

export type Index = {
  readonly name: string;
  readonly method: string;
  readonly unique: boolean;
  readonly keys: readonly IndexKey[];
  readonly include: readonly string[];
  readonly predicate: string | null;
  readonly nullsNotDistinct: boolean;
  /** False for what a failed concurrent build leaves. */
  readonly valid: boolean;
  /** The whole `CREATE INDEX` statement as pg_get_indexdef prints it (folded: as the emitter prints it). */
  readonly definition: string;
  /** Constraint that owns it, if any. */
  readonly constraint: string | null;
  readonly replicaIdentity: boolean;
  readonly clustered: boolean;
  readonly options: readonly string[];
  readonly tablespace: string | null;
  /** Index of the parent table to which it is attached. */
  readonly partitionOf: QualifiedName | null;
  readonly comment: string | null;
};

export type Trigger = {
  readonly name: string;
  /** The whole `CREATE TRIGGER` statement. */
  readonly definition: string;
  readonly timing: 'before' | 'after' | 'instead of';
  readonly level: 'row' | 'statement';
  readonly events: readonly ('insert' | 'update' | 'delete' | 'truncate')[];
  /** Columns of `UPDATE OF`. */
  readonly updateOf: readonly string[];
  readonly function: QualifiedName;
  readonly enabled: 'origin' | 'disabled' | 'replica' | 'always';
  /** True when Postgres cloned it from the trigger of the partitioned table above: it comes and goes with that one. */
  readonly inherited: boolean;
  readonly comment: string | null;
};

export type Rule = {
  readonly name: string;
  /** The whole `CREATE RULE` statement. */
  readonly definition: string;
  readonly enabled: 'origin' | 'disabled' | 'replica' | 'always';
  /** Columns its condition and actions use, of its own table and of others. */
  readonly uses: readonly ColumnUse[];
  readonly comment: string | null;
};

export type Policy = {
  readonly name: string;
  readonly command: 'all' | 'select' | 'insert' | 'update' | 'delete';
  readonly permissive: boolean;
  readonly roles: readonly string[];
  readonly using: string | null;
  readonly withCheck: string | null;
  /** Columns of its own table that its expressions use (pg_depend), sorted. */
  readonly columns: readonly string[];
  /** Columns of other tables that its subqueries use. */
  readonly uses: readonly ColumnUse[];
  readonly comment: string | null;
};

export type ExtendedStatistics = QualifiedName & {
  /** All that it uses, also in expressions; sorted, as Postgres keeps them by attnum, not in the order written. */
  readonly columns: readonly string[];
  /** The whole `CREATE STATISTICS` statement. */
  readonly definition: string;
  readonly target: number | null;
  readonly comment: string | null;
};

export type View = QualifiedName & {
  readonly kind: 'view' | 'materialized';
  /** False for a materialized view WITH NO DATA that was not refreshed since. */
  readonly populated: boolean;
  readonly columns: readonly ViewColumn[];
  /** The query, without a semicolon. */
  readonly definition: string;
  readonly options: readonly string[];
  readonly owner: string | null;
  readonly comment: string | null;
  readonly grants: readonly string[];
  readonly indexes: readonly Index[];
  readonly triggers: readonly Trigger[];
  /** Rules other than the one that makes it a view. */
  readonly rules: readonly Rule[];
  /** Columns of tables and of other views that its query uses (pg_depend of its rewrite rule). */
  readonly uses: readonly ColumnUse[];
};

export type ViewColumn = {
  readonly name: string;
  readonly type: string;
  readonly default: string | null;
  readonly comment: string | null;
  readonly grants: readonly string[];
};

export type Sequence = QualifiedName & {
  readonly type: 'smallint' | 'integer' | 'bigint';
  readonly start: string;
  readonly increment: string;
  readonly minimum: string;
  readonly maximum: string;
  readonly cache: string;
  readonly cycle: boolean;
  readonly ownedBy: { readonly table: QualifiedName; readonly column: string } | null;
  /** True when it belongs to an identity column. */
  readonly identity: boolean;
  readonly owner: string | null;
  readonly comment: string | null;
  readonly grants: readonly string[];
};

export type TypeObject = QualifiedName & {
  readonly kind: 'enum' | 'domain' | 'composite' | 'range' | 'base';
  /** Enum labels in order. */
  readonly labels: readonly string[];
  /** Domains. */
  readonly baseType: string | null;
  readonly notNull: boolean;
  readonly default: string | null;
  readonly constraints: readonly { readonly name: string; readonly definition: string; readonly validated: boolean }[];
  /** Composite attributes; for a range and a base type the options of its CREATE TYPE, with the value as `type`. */
  readonly attributes: readonly { readonly name: string; readonly type: string }[];
  readonly owner: string | null;
  readonly comment: string | null;
  readonly grants: readonly string[];
};

export type FunctionObject = QualifiedName & {
  readonly kind: 'function' | 'procedure' | 'aggregate' | 'window';
  /** Input types only, as format_type prints them: `integer, text`. */
  readonly argumentTypes: string;
  /** As pg_get_function_identity_arguments prints them, with modes and names: what COMMENT and DROP take. */
  readonly identityArguments: string;
  readonly definition: string;
  readonly volatility: 'immutable' | 'stable' | 'volatile';
  /** Columns that the body of a `BEGIN ATOMIC` function uses; the body of any other function is opaque to Postgres. */
  readonly uses: readonly ColumnUse[];
  readonly owner: string | null;
  readonly comment: string | null;
  readonly grants: readonly string[];
};

export type Publication = {
  readonly name: string;
  /** Null means all tables. */
  readonly tables: readonly PublishedTable[] | null;
  /** `FOR TABLES IN SCHEMA`. */
  readonly schemas: readonly string[];
  readonly publishes: readonly ('insert' | 'update' | 'delete' | 'truncate')[];
  readonly viaPartitionRoot: boolean;
  readonly owner: string | null;
  readonly comment: string | null;
};

export type PublishedTable = QualifiedName & {
  /** The column list, sorted; null means all columns. */
  readonly columns: readonly string[] | null;
  /** The row filter. */
  readonly where: string | null;
};

export function emptyCatalog(version: number): Catalog {
  return {
    version,
    searchPath: ['public'],
    schemas: new Map([['public', { name: 'public', owner: null, comment: null, grants: [] }]]),
    tables: new Map(),
    views: new Map(),
    sequences: new Map(),
    types: new Map(),
    functions: new Map(),
    extensions: new Map(),
    publications: new Map(),
    uncertain: [],
  };
}
