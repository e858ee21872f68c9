/**
 * What each application version may rely on while a migration is under way: data of the plan, so that a program can read
 * it. The sentences of the printed plan are made from it (src/report/version-text.ts), and the clients of the
 * both-versions proof do what it allows and nothing else.
 *
 * The old version is the application as it was before the pending migrations, and is gone when contract begins; the new
 * one knows what they leave, and comes when expand is done. What nothing is said about is the same for both throughout.
 * `from` and `until` name a phase that must be done: before, or from then on.
 */
import type { QualifiedName } from '../catalog/model.ts';
import type { ObjectType, RenameObject } from '../operations/change.ts';
import type { Phase } from '../operations/step-draft.ts';

/** What each version calls a thing; null for one that does not know it. */
export type Names<T> = { readonly old: T | null; readonly new: T | null };

type OfTable<K extends string, Fields> = { readonly kind: K; readonly table: Names<QualifiedName> } & {
  readonly [Field in keyof Fields]: Fields[Field];
};

/** A table that is created, renamed or dropped. The old version has it under its own name until contract. */
export type TablePromise = OfTable<'table', { /** The new version may use it under its own name. */ from: Phase }>;

/** A column that is added, renamed or dropped. The old version has it under its own name until contract. */
export type ColumnPromise = OfTable<
  'column',
  {
    column: Names<string>;
    /** The new version may read and write it under its own name. */
    from: Phase;
    /** Rows that were there before have their value; null where they have it from the beginning. */
    filled: Phase | null;
    /** The new version must give it a value in every row that it inserts. */
    required: boolean;
    /** Of a column that the new version does not know: a row without a value in it is refused until then. */
    requiredUntil: Phase | null;
  }
>;

/** A column that has another type for the new version, under the same name for both. */
export type TypePromise = OfTable<
  'type',
  {
    column: Names<string>;
    oldType: string;
    newType: string;
    /** Both see the old type until then, so the statements of the new version must be valid for both types. */
    from: Phase;
    /** The USING that makes other values of what is written until then; null where it only casts them. */
    computed: string | null;
  }
>;

export type RuleKind = 'not null' | 'check' | 'foreign key' | 'unique' | 'primary key' | 'exclusion';

type Rule = {
  rule: RuleKind;
  /** Of the constraint or the index; null for NOT NULL. */
  name: string | null;
  columns: readonly Names<string>[];
  /** False where it says more than its columns do: an index on expressions or on some rows. */
  plain: boolean;
  /** The table that a foreign key refers to. */
  references: Names<QualifiedName> | null;
};

/** A rule that comes. The new version keeps to it from expand on. */
export type RulePromise = OfTable<
  'rule',
  Rule & {
    /**
     * Whether the old version must keep to it, too, or contract finds rows that stand in the way: `keeps`. It need not
     * where the migration sets its rows right (`is helped`) or where it knows none of the columns (`is not concerned`).
     */
    old: 'keeps' | 'is helped' | 'is not concerned';
    /** The server enforces it. */
    enforced: Phase;
  }
>;

/** A rule that goes. The new version must keep to it until then. */
export type OldRulePromise = OfTable<'old rule', Rule & { until: Phase }>;

/** A column that gets another default, which the new version may rely on from then on. */
type DefaultPromise = OfTable<'default', { column: Names<string>; from: Phase }>;

/** Rows that the migration's own statement inserts, changes or deletes: it is done with them from then on. */
export type RowsPromise = OfTable<
  'rows',
  {
    command: 'insert' | 'update' | 'delete';
    /** What an UPDATE sets. */
    columns: readonly Names<string>[];
    from: Phase;
  }
>;

/** A view, a function, a type …, made or renamed, which the new version may use from then on. */
type ObjectPromise = {
  readonly kind: 'object';
  readonly objectType: ObjectType | RenameObject['objectType'];
  readonly name: QualifiedName;
  readonly from: Phase;
};

export type VersionPromise =
  | TablePromise
  | ColumnPromise
  | TypePromise
  | RulePromise
  | OldRulePromise
  | DefaultPromise
  | RowsPromise
  | ObjectPromise;
