/**
 * What a statement does to the schema, normalised: decoded once from the parse tree and then read by rules, planner and
 * fold alike. The union is closed, so that a registry over it that forgets a kind does not compile.
 *
 * Names are as written (`schema` is null when the person wrote none); the catalog resolves them. Expressions are SQL text.
 */
import type { IndexKey } from '../catalog/model.ts';
import type { LockMode } from '../postgres/lock-mode.ts';
import type { CodeBlock } from '../sql/code-block.ts';
import type { ColumnSpec, ConstraintSpec, RelationName } from './written-parts.ts';

export type { ColumnSpec, ConstraintSpec, RelationName } from './written-parts.ts';

type Kind<K extends string, Fields> = {
  readonly kind: K;
  /** This change alone, as one SQL statement without semicolon. */ readonly sql: string;
} & {
  readonly [Field in keyof Fields]: Fields[Field];
};

type OnTable<K extends string, Fields = unknown> = Kind<
  K,
  { table: RelationName; /** `ALTER TABLE IF EXISTS`. */ ifTableExists: boolean } & Fields
>;

// Row numbers are those of docs/operations.md.
export type CreateTable = Kind<
  'create_table',
  {
    table: RelationName;
    columns: readonly ColumnSpec[];
    constraints: readonly ConstraintSpec[];
    ifNotExists: boolean;
    persistence: 'permanent' | 'unlogged' | 'temporary';
    foreign: boolean;
    partitionKey: string | null;
    partitionKeyColumns: readonly string[];
    partitionOf: { readonly parent: RelationName; readonly bound: string } | null;
    inherits: readonly RelationName[];
    /** LIKE or AS SELECT: the columns are not in the statement. */ derived: boolean;
  }
>;
/** A schema, type, domain, sequence, function, view, extension …: nobody uses it yet, so it is created directly. */
export type CreateObject = Kind<
  'create_object',
  {
    objectType: ObjectType;
    name: RelationName;
    /** CREATE OR REPLACE of something that may exist. */ replace: boolean;
    ifNotExists: boolean;
    /** Enum labels, in order. */ labels: readonly string[];
    /** Tables that its definition reads (views). */ reads: readonly RelationName[];
    /** Columns that a view mentions; `*` for all. */ usedColumns: readonly string[];
    /** Functions: `argument types`, as written. */ argumentTypes: string | null;
    /** Table of a policy or a rule. */ table: RelationName | null;
    restrictive: boolean;
    /** Domains with a CHECK or NOT NULL. */ constrained: boolean;
    baseType: string | null;
    volatility: 'immutable' | 'stable' | 'volatile';
    /** Materialized views: not WITH NO DATA. */ withData: boolean;
  }
>;
export type ObjectType =
  | 'schema'
  | 'enum'
  | 'domain'
  | 'composite type'
  | 'range type'
  | 'sequence'
  | 'function'
  | 'procedure'
  | 'aggregate'
  | 'operator'
  | 'view'
  | 'materialized view'
  | 'extension'
  | 'policy'
  | 'statistics'
  | 'rule'
  | 'base type'
  | 'role'
  | 'event trigger'
  | 'language'
  | 'collation'
  | 'conversion'
  | 'cast'
  | 'transform'
  | 'access method'
  | 'operator class'
  | 'operator family'
  | 'text search object'
  | 'foreign data wrapper'
  | 'server'
  | 'user mapping';
export type AddColumn = OnTable<'add_column', { column: ColumnSpec; ifNotExists: boolean }>;
export type DropColumn = OnTable<'drop_column', { column: string; ifExists: boolean; cascade: boolean }>;
export type RenameColumn = OnTable<'rename_column', { from: string; to: string }>;
export type AlterColumnType = OnTable<
  'alter_column_type',
  { column: string; type: string; collation: string | null; using: string | null }
>;
export type SetNotNull = OnTable<
  'set_not_null',
  {
    column: string;
    /** Written as `ADD CONSTRAINT name NOT NULL column`. */ constraintName: string | null;
    notValid: boolean;
  }
>;
export type DropNotNull = OnTable<'drop_not_null', { column: string }>;
/** `default` is null for DROP DEFAULT. */
export type SetDefault = OnTable<'set_default', { column: string; default: string | null }>;
export type AddCheck = OnTable<'add_check', { constraint: ConstraintSpec }>;
export type AddForeignKey = OnTable<'add_foreign_key', { constraint: ConstraintSpec }>;
/** UNIQUE and PRIMARY KEY, also USING INDEX. */
export type AddUnique = OnTable<'add_unique', { constraint: ConstraintSpec }>;
export type ValidateConstraint = OnTable<'validate_constraint', { name: string }>;
export type DropConstraint = OnTable<'drop_constraint', { name: string; ifExists: boolean; cascade: boolean }>;
export type CreateIndex = Kind<
  'create_index',
  {
    table: RelationName;
    name: string | null;
    unique: boolean;
    method: string;
    keys: readonly IndexKey[];
    include: readonly string[];
    predicate: string | null;
    nullsNotDistinct: boolean;
    concurrently: boolean;
    ifNotExists: boolean;
    only: boolean;
  }
>;
export type DropIndex = Kind<
  'drop_index',
  { indexes: readonly RelationName[]; concurrently: boolean; ifExists: boolean; cascade: boolean }
>;
export type DropTable = Kind<'drop_table', { tables: readonly RelationName[]; ifExists: boolean; cascade: boolean }>;
/** Drop of anything but tables, indexes and columns. */
export type DropObject = Kind<
  'drop_object',
  {
    objectType: ObjectType | 'trigger';
    names: readonly RelationName[];
    /** Table of a trigger, a policy or a rule. */ table: RelationName | null;
    ifExists: boolean;
    cascade: boolean;
  }
>;
/** Rename or move of anything but a column (a table, index, constraint, type, schema …), also SET SCHEMA. */
export type RenameObject = Kind<
  'rename_object',
  {
    objectType:
      | 'table'
      | 'index'
      | 'constraint'
      | 'view'
      | 'sequence'
      | 'enum value'
      | 'trigger'
      | 'type'
      | 'schema'
      | 'function'
      | 'other';
    /** Table of a constraint or trigger; else the object itself. */ name: RelationName;
    from: string;
    to: string;
  }
>;
export type AddEnumValue = Kind<
  'add_enum_value',
  { type: RelationName; value: string; ifNotExists: boolean; before: string | null; after: string | null }
>;
export type CreateTrigger = Kind<
  'create_trigger',
  {
    table: RelationName;
    name: string;
    replace: boolean;
    timing: 'before' | 'after' | 'instead of';
    level: 'row' | 'statement';
    events: readonly ('insert' | 'update' | 'delete' | 'truncate')[];
    updateOf: readonly string[];
    function: RelationName;
  }
>;
/** COMMENT, GRANT, storage parameters, statistics targets, owner …: what no reader or writer can notice (row 30). */
export type AlterSetting = Kind<
  'alter_setting',
  {
    /** What is set, in words: `comment`, `storage parameters`. */ setting: string;
    table: RelationName | null;
    column: string | null;
    /** Lock it takes on the table as measured; null: none. */ lock:
      'SHARE UPDATE EXCLUSIVE' | 'SHARE ROW EXCLUSIVE' | 'ACCESS EXCLUSIVE' | null;
    /** REVOKE, ENABLE ROW LEVEL SECURITY and the like: can break the old application. */ narrowing: boolean;
    /** Sequence ownership: `ALTER SEQUENCE … OWNED BY`. */ sequence: RelationName | null;
  }
>;
/** INSERT, UPDATE, DELETE (row 25). */
export type ChangeRows = Kind<
  'change_rows',
  {
    command: 'insert' | 'update' | 'delete';
    table: RelationName;
    /** Columns that it sets; of an INSERT those that it names. */ assigned: readonly string[];
    /** INSERT … VALUES: few rows by nature. */ constantRows: boolean;
    /** Tables it reads beside its own. */ reads: readonly RelationName[];
    /** Columns it mentions. */ usedColumns: readonly string[];
    /** Functions it calls. */ calls: readonly RelationName[];
  }
>;
export type Truncate = Kind<
  'truncate',
  {
    tables: readonly RelationName[];
    /** Those of them that are written with ONLY. */ only: readonly RelationName[];
    cascade: boolean;
  }
>;
export type LockTable = Kind<'lock_table', { tables: readonly RelationName[]; only: boolean; mode: LockMode }>;
/** VACUUM and ANALYZE; no tables: all of them. */
export type Vacuum = Kind<'vacuum', { tables: readonly RelationName[]; outsideTransaction: boolean }>;
export type AttachPartition = OnTable<'attach_partition', { partition: RelationName; bound: string }>;
export type DetachPartition = OnTable<
  'detach_partition',
  {
    partition: RelationName;
    concurrently: boolean;
    /** FINALIZE: the second half of a try that was cut off. */ finalize: boolean;
    outsideTransaction: boolean;
  }
>;
export type Reindex = Kind<
  'reindex',
  {
    what: 'INDEX' | 'TABLE' | 'SCHEMA' | 'DATABASE';
    /** Null: the database one is connected to. */ name: RelationName | null;
    concurrently: boolean;
    tablespace: string | null;
    /** Written as ALTER INDEX … SET TABLESPACE, which copies the index as it is. */ copies: boolean;
    outsideTransaction: boolean;
  }
>;
export type RefreshView = Kind<'refresh_view', { view: RelationName; concurrently: boolean; withData: boolean }>;
/** SET LOGGED, VACUUM FULL, CLUSTER and the like (row 27), of a table or a materialized view. */
export type RewriteTable = Kind<
  'rewrite_table',
  {
    what:
      | 'SET LOGGED'
      | 'SET UNLOGGED'
      | 'SET TABLESPACE'
      | 'SET ACCESS METHOD'
      | 'SET EXPRESSION'
      | 'VACUUM FULL'
      | 'CLUSTER';
    table: RelationName;
    /** SET EXPRESSION: of this column. */ column: string | null;
    /** The tablespace, the access method, the expression. */ value: string | null;
    outsideTransaction: boolean;
  }
>;
export type SetInheritance = OnTable<'set_inheritance', { parent: RelationName; inherits: boolean }>;
export type AlterDomain = Kind<
  'alter_domain',
  {
    domain: RelationName;
    action: 'add constraint' | 'validate' | 'drop constraint' | 'default' | 'set not null' | 'drop not null';
    constraint: string | null;
    definition: string | null;
    notValid: boolean;
    /** Null for DROP DEFAULT. */ default: string | null;
  }
>;
/** ADD, DROP, ALTER ATTRIBUTE of a composite type. */
export type AlterComposite = Kind<
  'alter_composite',
  {
    type: RelationName;
    action: 'add' | 'drop' | 'type';
    attribute: string;
    attributeType: string | null;
    cascade: boolean;
  }
>;
export type ChangePublication = Kind<
  'change_publication',
  {
    names: readonly string[];
    action: 'create' | 'add' | 'remove' | 'set' | 'options' | 'drop';
    /** FOR ALL TABLES. */ all: boolean;
    /** Null when the statement is not about tables. */ tables:
      | readonly {
          readonly table: RelationName;
          readonly columns: readonly string[] | null;
          readonly where: string | null;
        }[]
      | null;
    schemas: readonly string[];
  }
>;
/** BEGIN, COMMIT, ROLLBACK, SAVEPOINT, PREPARE TRANSACTION written by the person. */
export type TransactionControl = Kind<
  'transaction_control',
  { command: 'begin' | 'commit' | 'rollback' | 'savepoint' | 'rollback to' | 'prepare' }
>;
/** SET, RESET. `value` is null for RESET and SET … TO DEFAULT. */
export type SetSession = Kind<'set_session', { name: string; value: string | null; local: boolean }>;
/** Anything else: run as written in its place, never guessed at. */
export type Raw = Kind<
  'raw',
  {
    /** What it is, in words: `DO block`, `CALL`, `MergeStmt`. */ what: string;
    /** VACUUM, REINDEX CONCURRENTLY …: cannot run inside a transaction block. */ outsideTransaction: boolean;
    /** What stands in a DO block, or is called; null when nothing can be known of it. */ code: CodeBlock | null;
  }
>;

export type Change =
  | CreateTable
  | CreateObject
  | AddColumn
  | DropColumn
  | RenameColumn
  | AlterColumnType
  | SetNotNull
  | DropNotNull
  | SetDefault
  | AddCheck
  | AddForeignKey
  | AddUnique
  | ValidateConstraint
  | DropConstraint
  | CreateIndex
  | DropIndex
  | DropTable
  | DropObject
  | RenameObject
  | AddEnumValue
  | CreateTrigger
  | AlterSetting
  | ChangeRows
  | Truncate
  | LockTable
  | Vacuum
  | AttachPartition
  | DetachPartition
  | Reindex
  | RefreshView
  | RewriteTable
  | SetInheritance
  | AlterDomain
  | AlterComposite
  | ChangePublication
  | TransactionControl
  | SetSession
  | Raw;

export type ChangeKind = Change['kind'];
export type ChangeOf<K extends ChangeKind> = Extract<Change, { readonly kind: K }>;
