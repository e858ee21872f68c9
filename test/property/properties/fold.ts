/**
 * What the changes make of a catalog is what the server makes of the schema: in everything but the spelling of
 * expressions and what only a server knows (sizes, owners, privileges).
 */
import { expect } from 'vitest';
import type { Catalog, Index, Table } from '../../../src/catalog/model.ts';
import { applyChange, decodeStatement } from '../../../src/operations/index.ts';
import { parseStatements } from '../../../src/sql/parse.ts';
import type { Tried } from './tried-case.ts';

export function expectFoldLikeServer({ first, plain, operationCase }: Tried): void {
  if (plain === null || operationCase.sameAs !== null) return;
  let catalog = first.catalog;
  for (const statement of operationCase.changes.flatMap((source) => parseStatements(source)))
    for (const change of decodeStatement(statement)) catalog = applyChange(catalog, change);
  if (catalog.uncertain.length > 0) return;
  const [folded, actual] = [shapeOf(catalog), shapeOf(plain.catalog)].map((shape) => JSON.stringify(shape));
  if (folded === undefined || actual === undefined) return;
  const found = differences(JSON.parse(actual), JSON.parse(folded));
  expect(found, `The folded schema is not the one of the server:\n  ${found.join('\n  ')}`).toEqual([]);
}

function differences(actual: unknown, folded: unknown, path = ''): readonly string[] {
  if (!isObject(actual) || !isObject(folded))
    return JSON.stringify(actual) === JSON.stringify(folded)
      ? []
      : [`${path} is ${JSON.stringify(actual)}, folded as ${JSON.stringify(folded)}`];
  const keys = new Set([...Object.keys(actual), ...Object.keys(folded)]);
  return [...keys].flatMap((key) => differences(actual[key], folded[key], `${path}/${key}`));
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function shapeOf({ tables, views, types, sequences }: Catalog) {
  return {
    tables: Object.fromEntries([...tables].map(([key, table]) => [key, tableShape(table)])),
    views: Object.fromEntries([...views].map(([key, view]) => [key, [view.kind, indexShapes(view.indexes)]])),
    types: Object.fromEntries([...types].map(([key, type]) => [key, [type.kind, type.labels]])),
    sequences: Object.fromEntries([...sequences].map(([key, { type, ownedBy }]) => [key, [type, ownedBy]])),
  };
}

function tableShape(table: Table) {
  const columns = table.columns.map((column) => [
    column.name,
    [
      column.type,
      column.collation,
      column.notNull,
      column.notNullConstraint?.name ?? null,
      column.default !== null,
      column.generated?.kind ?? null,
      column.identity,
    ],
  ]);
  const constraints = table.constraints.map(
    ({ name, kind, columns: own, validated, deferrable, initiallyDeferred, inherited, references }) => [
      name,
      { kind, columns: own, validated, deferrable, initiallyDeferred, inherited, references },
    ],
  );
  return {
    kind: table.kind,
    partitionOf: table.partitionOf?.parent ?? null,
    columns: fromEntries(columns),
    constraints: fromEntries(constraints),
    indexes: indexShapes(table.indexes),
    triggers: table.triggers.map(({ name }) => name).toSorted(),
    policies: table.policies.map(({ name }) => name).toSorted(),
    statistics: table.statistics.map(({ name }) => name).toSorted(),
    rowSecurity: table.rowSecurity,
    comment: table.comment,
  };
}

function indexShapes(indexes: readonly Index[]) {
  return fromEntries(
    indexes.map(({ name, unique, valid, constraint, include, keys, method, nullsNotDistinct, partitionOf }) => [
      name,
      {
        unique,
        valid,
        constraint,
        include,
        keys: keys.map(({ column }) => column),
        method,
        nullsNotDistinct,
        partitionOf,
      },
    ]),
  );
}

function fromEntries(entries: readonly (readonly unknown[])[]): Readonly<Record<string, unknown>> {
  return Object.fromEntries(entries.map(([key, value]) => [String(key), value]));
}
