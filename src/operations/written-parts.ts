/** Parts of statements that several kinds of change hold: a relation's name, a column, a constraint, as a person wrote them. */
import type { ForeignKeyAction } from '../catalog/model.ts';

/** A relation as written. */
export type RelationName = { readonly schema: string | null; readonly name: string };

export type ColumnSpec = {
  readonly name: string;
  /** format_type spelling; for serial types the integer type behind it. */
  readonly type: string;
  readonly collation: string | null;
  readonly default: string | null;
  readonly notNull: boolean;
  /** Name given to the NOT NULL constraint, if any (Postgres ≥ 18 keeps it). */
  readonly notNullName: string | null;
  readonly generated: { readonly expression: string; readonly kind: 'stored' | 'virtual' } | null;
  readonly identity: { readonly kind: 'always' | 'by default' } | null;
  readonly serial: 'smallint' | 'integer' | 'bigint' | null;
  readonly compression: string | null;
  readonly storage: string | null;
};

export type ConstraintSpec = {
  /** Null when Postgres is to choose it. */
  readonly name: string | null;
  readonly kind: 'check' | 'foreign_key' | 'primary_key' | 'unique' | 'exclusion';
  readonly columns: readonly string[];
  /** The clause after `CONSTRAINT name`, without NOT VALID: `CHECK (n > 0)`, `FOREIGN KEY (a) REFERENCES b(id)`. */
  readonly definition: string;
  readonly expression: string | null;
  readonly notValid: boolean;
  readonly enforced: boolean;
  readonly deferrable: boolean;
  readonly initiallyDeferred: boolean;
  readonly noInherit: boolean;
  readonly references: {
    readonly table: RelationName;
    /** Empty: the primary key of the referenced table. */
    readonly columns: readonly string[];
    readonly onDelete: ForeignKeyAction;
    readonly onUpdate: ForeignKeyAction;
    readonly match: 'simple' | 'full';
  } | null;
  /** `USING INDEX name`. */
  readonly usingIndex: string | null;
  readonly include: readonly string[];
  readonly nullsNotDistinct: boolean;
};
