/**
 * What a change of type means for the values: what it costs the server, the expression that makes the new value, and
 * whether that can fail or lose something.
 *
 * Without USING the server converts as in an assignment, where a text that is too long for varchar(10) is an error; an
 * explicit cast would cut it off. So `value` is what UPDATE … SET and a trigger assign, and `cast` only what is compared.
 */
import { indexUses } from '../../catalog/edit.ts';
import { expressionUses } from '../../catalog/expression-columns.ts';
import type { Catalog, Column, Table } from '../../catalog/model.ts';
import { typeChange } from '../../postgres/type-change.ts';
import { parseTypeText } from '../../postgres/type-text.ts';
import { parseExpression } from '../../sql/parse.ts';
import { identifier, raw, sql } from '../../sql/template.ts';
import { typeText } from '../../sql/type-name.ts';
import type { AlterColumnType } from '../change.ts';
import { baseType, isConstrainedDomain } from './domain-base.ts';

export type Conversion = {
  /** Every row is written anew. */
  readonly rewrite: boolean;
  /** Indexes over the column are built anew under the lock. */
  readonly indexRebuild: boolean;
  /** The whole table is read, because a CHECK mentions the column. */
  readonly checkScan: boolean;
  /** What is assigned to the new column, over the table's columns. */
  readonly value: string;
  /** The same as an explicit cast. */
  readonly cast: string;
  /** Fails for no value of the old type. */
  readonly total: boolean;
};

export function conversionOf(change: AlterColumnType, table: Table, column: Column, catalog: Catalog): Conversion {
  const own = identifier(change.column).text;
  const value = change.using ?? own;
  const plainCast = change.using === null || isPlainCast(change.using, change);
  const cost = costOf(change, column, plainCast, catalog);
  const indexes = table.indexes.filter((index) => indexUses(index, change.column, table.name));
  // An index that keeps its bytes is taken over as it is, but not those of partitions (alter_column_type/partitions-index).
  const hasPartitions = table.kind === 'partitioned';
  const sameCollation = collationText(column.collation) === collationText(change.collation);
  return {
    rewrite: cost.rewrite,
    indexRebuild:
      cost.rewrite ||
      (indexes.length > 0 && (cost.indexRebuild || !sameCollation || hasPartitions)) ||
      indexes.some(isComputed),
    checkScan:
      !cost.rewrite &&
      table.constraints.some(
        ({ kind, enforced, validated, expression }) =>
          kind === 'check' && enforced && validated && expressionUses(expression, change.column, table.name),
      ),
    value,
    cast: sql`CAST((${raw(value)}) AS ${raw(change.type)})`.text,
    total: change.using === null && isTotal(baseType(catalog, column.type), change.type),
  };

  /** A partial index and one over an expression are always built anew (see type-change.ts). */
  function isComputed(index: Table['indexes'][number]): boolean {
    return (
      expressionUses(index.predicate, change.column, table.name) ||
      index.keys.some((key) => key.column === null && expressionUses(key.expression, change.column, table.name))
    );
  }
}

function costOf(change: AlterColumnType, column: Column, plainCast: boolean, catalog: Catalog) {
  // A domain without constraints is only another label on the values of its base type (measured: int_to_domain_int).
  const to = isConstrainedDomain(catalog, change.type) ? change.type : baseType(catalog, change.type);
  return typeChange({
    from: baseType(catalog, column.type),
    to,
    using: change.using !== null,
    usingIsPlainCast: plainCast,
    version: catalog.version,
    // Not known here. Under UTC the server would save the rewrite between timestamp and timestamptz, but what the
    // application reads changes all the same.
    timezoneIsUtc: false,
  });
}

/** Whether USING does what the server does without it, or what a cast to the new type does. */
export function isPlainCast(using: string, change: AlterColumnType): boolean {
  const node = parseExpression(using);
  const isColumn = (inner: typeof node): boolean => {
    if (!('ColumnRef' in inner)) return false;
    const last = inner.ColumnRef.fields?.at(-1);
    return last !== undefined && 'String' in last && last.String.sval === change.column;
  };
  if (!('TypeCast' in node)) return isColumn(node);
  const { arg, typeName } = node.TypeCast;
  return arg !== undefined && typeName !== undefined && isColumn(arg) && typeText(typeName) === change.type;
}

/** `"pg_catalog"."C"`, `"C"` and `C` are one. */
function collationText(collation: string | null): string | null {
  return collation === null ? null : (collation.replaceAll('"', '').split('.').at(-1) ?? null);
}

const integers = ['smallint', 'integer', 'bigint'];

export function isInteger(type: string): boolean {
  return integers.includes(type);
}

/** Whether the first integer type holds less than the second one. */
export function isNarrower(type: string, than: string): boolean {
  return isInteger(type) && isInteger(than) && integers.indexOf(type) < integers.indexOf(than);
}

export function isString(type: string): boolean {
  return ['text', 'character varying', 'character', 'bpchar', 'name'].includes(parseTypeText(type).name);
}

/** Conversions that accept every value. Not listed means that it may fail, which costs only a careful trigger. */
function isTotal(fromText: string, toText: string): boolean {
  const from = parseTypeText(fromText);
  const to = parseTypeText(toText);
  if (to.modifiers.length > 0) return false;
  if (to.name === 'text' || to.name === 'character varying') return to.arrayDimensions === 0;
  if (from.arrayDimensions > 0 || to.arrayDimensions > 0) return false;
  if (isInteger(from.name) && isInteger(to.name)) return integers.indexOf(from.name) <= integers.indexOf(to.name);
  if (to.name === 'numeric' || to.name === 'double precision') return isInteger(from.name) || from.name === 'real';
  return from.name === 'cidr' && to.name === 'inet';
}

/**
 * Whether the old type takes back every value that it could hold, and refuses any other one with an error instead of
 * changing it: then the plain change back cannot lose anything.
 */
export function wayBackKeepsValues(fromText: string, toText: string): boolean {
  const from = parseTypeText(fromText);
  const to = parseTypeText(toText);
  if (from.arrayDimensions > 0 || to.arrayDimensions > 0) return fromText === toText;
  if (fromText === toText) return true;
  if (isInteger(from.name) && isInteger(to.name)) return true;
  const lengthOnly = ['text', 'character varying'];
  if (lengthOnly.includes(from.name) && lengthOnly.includes(to.name)) return true;
  // Another scale would round.
  return (
    from.name === 'numeric' &&
    to.name === 'numeric' &&
    (from.modifiers[1] ?? 0) === (to.modifiers[1] ?? 0) &&
    to.modifiers.length > 0
  );
}
