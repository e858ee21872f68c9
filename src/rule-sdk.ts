/**
 * All that a rule may import (published as `onward/rules`): how a rule is defined, what it is given, and the few tools
 * for saying what it found. A rule that needs more asks for it here; it never reaches around this file.
 */
import { blocksReads, blocksRowLocks, blocksWrites, type LockMode } from './postgres/lock-mode.ts';
import { resolveRelation, resolveTable, resolveType } from './catalog/lookup.ts';
import type { Catalog, Index, QualifiedName, Table, TypeObject } from './catalog/model.ts';
import type { Severity } from './lint/finding.ts';
import type { BrokenStatement, Report, Rule, RuleContext, RuleGroup, RuleSet, StatementContext } from './lint/rule.ts';
import type { Change, ChangeKind, ChangeOf, RelationName } from './operations/change.ts';
import { blankColumn, blankTable } from './catalog/blank.ts';
import { createIndexSql, indexStatement } from './operations/pieces/concurrent-index.ts';
import { conversionOf } from './operations/pieces/type-conversion.ts';
import { ancestorsOf, leafPartitionsOf } from './operations/pieces/table-family.ts';
import { qualifiedName } from './sql/identifier.ts';
import type { StatementNode } from './sql/parse.ts';

export { indexUses } from './catalog/edit.ts';
export { childrenOf, constraintOf, resolveTable, resolveType, resolveView } from './catalog/lookup.ts';
export { attachRecipe } from './lint/attach-recipe.ts';
export { afterDeploy } from './lint/after-deploy.ts';
export { constantKey, firstBatch, joinsOthers, meansAllRows } from './lint/condition.ts';
export { grantedObjects } from './lint/granted-objects.ts';
export { keyAdvice, keyRecipe, nullableKeyColumns } from './lint/key-recipe.ts';
export { longNames } from './lint/long-names.ts';
export { neededCapabilities } from './lint/needed-capabilities.ts';
export { listText, newColumns } from './lint/new-columns.ts';
export { notNullRecipe } from './lint/not-null-recipe.ts';
export { columnOfInline, notValidRecipe, validateSql } from './lint/not-valid-recipe.ts';
export { blockedTables, hasTimeout, shortName, timeoutAdvice } from './lint/missing-timeout.ts';
export { partitionedForeignKeyAdvice } from './lint/partitioned-foreign-key-recipe.ts';
export { viewSwap } from './lint/view-swap.ts';
export { canBeVirtual } from './lint/virtual-column.ts';
export { later, script } from './lint/script.ts';
export { throughSecondTable } from './lint/second-table-recipe.ts';
export { insertAfterWord, removePhrase } from './lint/statement-edit.ts';
export { changeKinds } from './operations/index.ts';
export { editedText, firstElement, withTypes } from './lint/type-edit.ts';
export { unnamedConstraints } from './lint/unnamed-constraints.ts';
export { unqualifiedNames } from './lint/unqualified-names.ts';
export { chosenConstraintName, chosenIndexName } from './operations/pieces/chosen-name.ts';
export { baseType as baseTypeOf, isConstrainedDomain } from './operations/pieces/domain-base.ts';
export { blocksReads } from './postgres/lock-mode.ts';
export { makeObjectName } from './postgres/names.ts';
export { typeChange } from './postgres/type-change.ts';
export { narrowingOf } from './postgres/type-narrowing.ts';
export { availableSince, has } from './postgres/version.ts';
export { dollarQuote } from './sql/identifier.ts';
export { serialTypes } from './sql/type-name.ts';
export { identifier, join, literal, qualified, raw, sql, type SqlFragment } from './sql/template.ts';
export type { Column, QualifiedName, Table } from './catalog/model.ts';
export type { Finding, Severity, Suggestion } from './lint/finding.ts';
export type { HeldLock } from './lint/held-locks.ts';
export type { BrokenStatement, Report, Rule, RuleContext, RuleGroup, RuleSet, StatementContext } from './lint/rule.ts';
export type { Change, ChangeKind, ChangeOf, ColumnSpec, ConstraintSpec, RelationName } from './operations/change.ts';
export type { Effects, LockClaim } from './operations/effects.ts';
export type { LockMode } from './postgres/lock-mode.ts';

export type RuleDefinition<K extends ChangeKind> = {
  /** Same as the folder; `no-…` forbids, `require-…` demands, `prefer-…` advises. */
  readonly id: string;
  readonly severity: Severity;
  readonly set: RuleSet;
  readonly group: RuleGroup;
  /** One sentence, for tables. */
  readonly summary: string;
  /** The changes it looks at; `check` is given only these. */
  readonly kinds: readonly K[];
  /** The severity on a table that a live database says is small; left out when the harm does not grow with the table. */
  readonly severityOnSmallTable?: Severity;
  /** What it found, or null. */
  readonly check: (context: RuleContext<ChangeOf<K>>) => Report | null;
  /** What it knows of a statement that does not parse. */
  readonly checkBroken?: (broken: BrokenStatement) => Report | null;
};

/**
 * Makes a rule.
 *
 * @example
 * ```ts
 * export const noDropColumn = defineRule({
 *   id: 'no-drop-column',
 *   severity: 'warning',
 *   set: 'strict',
 *   group: 'old version',
 *   summary: 'The running application may still read the column.',
 *   kinds: ['drop_column'],
 *   check: ({ change, isNewColumn }) =>
 *     isNewColumn(change.table, change.column)
 *       ? null
 *       : { message: `The running application may still read ${change.column} of ${nameText(change.table)}.` },
 * });
 * ```
 */
export function defineRule<const K extends ChangeKind>(definition: RuleDefinition<K>): Rule {
  const { check, kinds, ...rest } = definition;
  return {
    severityOnSmallTable: null,
    ...rest,
    kinds,
    check: (context) => (isOf(context, kinds) ? check(context) : null),
  };
}

export type StatementRuleDefinition = {
  readonly id: string;
  readonly severity: Severity;
  readonly set: RuleSet;
  readonly group: RuleGroup;
  readonly summary: string;
  /** What it found in the words of one statement. */
  readonly check: (context: StatementContext) => readonly Report[];
};

/** Makes a rule about the words of a statement, whatever it changes. */
export function defineStatementRule({ check, ...rest }: StatementRuleDefinition): Rule {
  return { ...rest, severityOnSmallTable: null, kinds: [], check: () => null, checkStatement: check };
}

function isOf<K extends ChangeKind>(context: RuleContext, kinds: readonly K[]): context is RuleContext<ChangeOf<K>> {
  return kinds.some((kind) => kind === context.change.kind);
}

/** A relation as its owner would write it, in quotes only where it needs them. */
export function nameText(name: RelationName): string {
  return qualifiedName(name);
}

/**
 * Whether two relations as written are one. One name may be written with its schema and one without: a file rarely
 * speaks of two tables of one name.
 */
export function isSameName(a: RelationName, b: RelationName): boolean {
  return a.name === b.name && (a.schema === null || b.schema === null || a.schema === b.schema);
}

/** The enum that a type as written means, or null. */
export function resolveEnum(catalog: Catalog, type: string): TypeObject | null {
  const parts = type.split('.').map((part) => part.replace(/^"(.*)"$/, '$1').replaceAll('""', '"'));
  const found = resolveType(catalog, {
    schema: parts.length > 1 ? (parts[0] ?? null) : null,
    name: parts.at(-1) ?? '',
  });
  return found?.kind === 'enum' ? found : null;
}

/** Who waits while a lock of this mode is held on the table: `writes to orders wait, reads go on`. */
export function whoWaitsFor(mode: LockMode, table: string): string {
  if (blocksReads(mode)) return `all reads and writes of ${table} wait`;
  if (blocksRowLocks(mode)) return `writes to ${table} and SELECT … FOR UPDATE wait, plain reads go on`;
  if (blocksWrites(mode)) return `writes to ${table} wait, reads go on`;
  return `nobody who reads or writes ${table} waits`;
}

/** `varchar(20)`, `timestamptz`: a type in the words that people write, from the server's own spelling. */
export function typeName(type: string): string {
  return type
    .replace(/^character varying/, 'varchar')
    .replace(/^character\(/, 'char(')
    .replace(/^(time(?:stamp)?)(\(\d\))? with time zone/, '$1tz$2')
    .replace(/^(time(?:stamp)?)(\(\d\))? without time zone/, '$1$2');
}

/** The table above all of which it is a partition or an heir; itself where there is none. */
export function rootOf(catalog: Catalog, name: QualifiedName): QualifiedName {
  const table = resolveTable(catalog, name);
  return (table === null ? undefined : ancestorsOf(catalog, table).at(-1)) ?? name;
}

/** The partitions of a table, also those of its partitions, that hold rows; none when it has none or is not known. */
export function partitionsOf(context: RuleContext, table: RelationName): readonly Table[] {
  const parent = resolveTable(context.catalog, table);
  return parent === null ? [] : leafPartitionsOf(context.catalog, parent);
}

export type KnownIndex = {
  readonly index: Index;
  /** Its table or materialized view. */
  readonly on: QualifiedName;
  readonly isPartitioned: boolean;
};

/** What is known of an index; null when no file and no database has told. */
export function resolveIndex(catalog: Catalog, written: RelationName): KnownIndex | null {
  const found = resolveRelation(catalog, written);
  if (found?.kind !== 'index') return null;
  return { index: found.index, on: found.on, isPartitioned: found.on.kind === 'partitioned' };
}

export type IndexPlace = {
  readonly name: string;
  readonly on: RelationName;
  readonly concurrently: boolean;
  readonly only: boolean;
};

/** A CREATE INDEX statement under another name, on another table, with or without CONCURRENTLY and ONLY. */
export function indexSql(statement: string, { name, on, concurrently, only }: IndexPlace): string {
  const table = { schema: on.schema ?? '', name: on.name }; // the emitter leaves out an empty schema
  return createIndexSql({ statement: indexStatement(statement), name, on: table }, { concurrently, only });
}

/** True when a type change has no USING, or one that is the column itself or its plain cast: nothing is computed. */
export function isPlainCast(change: ChangeOf<'alter_column_type'>, { catalog }: Pick<RuleContext, 'catalog'>): boolean {
  // A column that has the type already is written anew only when its value is computed.
  const same = blankColumn(change.column, change.type);
  const table = blankTable({ schema: '', name: change.table.name }, { columns: [same] });
  return !conversionOf(change, table, same, catalog).rewrite;
}

/**
 * True for the key of a column that is added without a value: it is NULL in all rows, and Postgres looks up nothing. It
 * looks all the same when DEFAULT NULL is written (measured: add_column.inline_references_default_null).
 */
export function isEmptyColumn({
  change,
  column,
  isInline,
  statement,
}: RuleContext<ChangeOf<'add_foreign_key'>>): boolean {
  if (!isInline) return false;
  return change.constraint.columns.every((name) => {
    const added = column(change.table, name);
    return (
      added !== null && added.default === null && added.generated === null && !isDefaultWritten(statement.node, name)
    );
  });
}

function isDefaultWritten(node: StatementNode, column: string): boolean {
  if (!('AlterTableStmt' in node)) return false;
  return (node.AlterTableStmt.cmds ?? []).some((command) => {
    const def = 'AlterTableCmd' in command ? command.AlterTableCmd.def : undefined;
    if (def === undefined || !('ColumnDef' in def) || def.ColumnDef.colname !== column) return false;
    return (def.ColumnDef.constraints ?? []).some(
      (each) => 'Constraint' in each && each.Constraint.contype === 'CONSTR_DEFAULT',
    );
  });
}

/** True for a change that is written as one of these kinds. */
export function isKind<K extends ChangeKind>(change: Change, ...kinds: readonly K[]): change is ChangeOf<K> {
  return kinds.some((kind) => kind === change.kind);
}
