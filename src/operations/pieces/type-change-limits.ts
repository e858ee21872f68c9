/**
 * What stands in the way of changing a column's type through a shadow.
 *
 * Most of it Postgres refuses as well (views, policies, generated columns, triggers on the column; ATExecAlterColumnType
 * in src/backend/commands/tablecmds.c); here it is refused before anything runs, with every name. CASCADE is never used.
 */
import { dependentsOfColumn, describeDependent, type DependentKind } from '../../catalog/dependents.ts';
import { indexUses } from '../../catalog/edit.ts';
import { childrenOf, columnOf, foreignKeysTo, sameName, tableNamed } from '../../catalog/lookup.ts';
import type { Catalog, Column, Constraint, Table } from '../../catalog/model.ts';
import { MigrateError } from '../../errors.ts';
import { parseTypeText } from '../../postgres/type-text.ts';
import { parseExpression } from '../../sql/parse.ts';
import { columnReferences } from '../../sql/walk.ts';
import type { AlterColumnType } from '../change.ts';
import { isConstrainedDomain } from './domain-base.ts';
import { expressionVolatility } from './expression-volatility.ts';
import { isExclusion } from './index-copy.ts';
import { isInteger, isString } from './type-conversion.ts';

/** Why neither Postgres nor we can do it as it is written, whether the table is rewritten or not. */
export function whyNotChanged(
  change: AlterColumnType,
  table: Table,
  column: Column,
  catalog: Catalog,
): MigrateError | null {
  return usedByOthers(change, table, catalog) ?? missingUsing(change, table, column);
}

function usedByOthers(change: AlterColumnType, table: Table, catalog: Catalog): MigrateError | null {
  const names = dependentsOfColumn(catalog, table, change.column)
    .filter(({ kind }) => inTheWay.has(kind))
    .map(describeDependent);
  if (names.length === 0) return null;
  return new MigrateError(
    'CANNOT_PLAN',
    `${table.name}.${change.column} cannot change its type while it is used by ${names.join(', ')}.`,
    {
      hint: 'Drop these above the statement, and create them again below it, in the same migration.',
      details: { table: table.name, column: change.column },
    },
  );
}

const inTheWay: ReadonlySet<DependentKind> = new Set([
  'generated column',
  'trigger',
  'policy',
  'rule',
  'view',
  'materialized view',
  'function',
  'publication',
  'partition key',
]);

/** Why a shadow cannot take the column's place. */
export function whyNotMoved(
  change: AlterColumnType,
  table: Table,
  column: Column,
  catalog: Catalog,
): MigrateError | null {
  const misfit = misfitOf(change, table, catalog);
  if (misfit !== null) return misfit;
  const reason = obstacle(change, table, column, catalog);
  if (reason === null) return null;
  return new MigrateError(
    'CANNOT_PLAN',
    `${table.name}.${change.column} cannot become ${change.type} without blocking ${table.name} for as long as the server writes it anew, because ${reason.because}.`,
    {
      hint: `${reason.instead === undefined ? '' : `${reason.instead} `}Where ${table.name} may be blocked for that long, run the statement as it is; write above it:\n  -- migrate:phase contract\n  -- migrate:raw -- <reason>`,
      details: { table: table.name, column: change.column, type: change.type },
    },
  );
}

type Obstacle = { readonly because: string; readonly instead?: string };

function obstacle(change: AlterColumnType, table: Table, column: Column, catalog: Catalog): Obstacle | null {
  const name = change.column;
  if (column.generated !== null) return { because: `${name} is a generated column` };
  if (table.kind === 'partitioned' || table.partitionOf !== null) {
    return { because: `${table.name} is partitioned, and its partitions would have to be converted one by one` };
  }
  if (table.inherits.length > 0 || childrenOf(catalog, table).length > 0) {
    return { because: `other tables share ${name} with ${table.name} by inheritance` };
  }
  const exclusion = table.indexes.find((index) => indexUses(index, name, table.name) && isExclusion(table, index));
  if (exclusion !== undefined) {
    return { because: `the constraint ${exclusion.name} uses it, and its index cannot be built concurrently` };
  }
  if (isConstrainedDomain(catalog, change.type)) {
    return {
      because: `a column of the type ${change.type}, a domain with a constraint, cannot even be added without that`,
      instead: 'Use its base type, with a CHECK of the table in place of the domain.',
    };
  }
  return usingObstacle(change, table, catalog) ?? foreignKeyObstacle(change, table, catalog);
}

function usingObstacle({ using }: AlterColumnType, table: Table, catalog: Catalog): Obstacle | null {
  if (using === null) return null;
  const node = parseExpression(using);
  if (expressionVolatility(node, catalog) !== 'not volatile') {
    return {
      because: `USING ${using} may give another value each time, so that nobody could tell whether a row is converted`,
      instead: 'Add a new column with that default instead, and drop this one.',
    };
  }
  const generated = columnReferences(node).find(
    (reference) => (columnOf(table, reference.column)?.generated ?? null) !== null,
  );
  if (generated === undefined) return null;
  return {
    because: `USING reads the generated column ${generated.column}, which has no value yet when a trigger converts the row`,
    instead: `Write its expression in place of ${generated.column}.`,
  };
}

/** Row 11 works across integers; Postgres itself would refuse other pairs at the end of a long rewrite. */
function misfitOf(change: AlterColumnType, table: Table, catalog: Catalog): MigrateError | null {
  const misfit = [...keysFrom(change, table, catalog), ...keysTo(change, table, catalog)].find(
    ({ other }) => other !== null && !comparable(change.type, other.type),
  );
  if (misfit === undefined) return null;
  const { owner, constraint, other } = misfit;
  return new MigrateError(
    'CANNOT_PLAN',
    `${table.name}.${change.column} cannot become ${change.type}, because the foreign key ${constraint.name} of ${owner.name} would then compare ${change.type} with ${other?.type ?? ''}.`,
    {
      hint: `Drop ${constraint.name} above the statement, change the other column too, and add the foreign key again below.`,
      details: { table: table.name, column: change.column, type: change.type, constraint: constraint.name },
    },
  );
}

/** A foreign key of the column or towards it, with the column on its other side. */
type LinkedKey = { readonly owner: Table; readonly constraint: Constraint; readonly other: Column | null };

function keysFrom(change: AlterColumnType, table: Table, catalog: Catalog): readonly LinkedKey[] {
  return table.constraints.flatMap((constraint) => {
    const at = constraint.columns.indexOf(change.column);
    if (constraint.references === null || at === -1) return [];
    const other = constraint.references.columns[at];
    const target = tableNamed(catalog, constraint.references.table);
    if (target === null || other === undefined || bothSides(target, other, table, change)) return [];
    return [{ owner: table, constraint, other: columnOf(target, other) }];
  });
}

function keysTo(change: AlterColumnType, table: Table, catalog: Catalog): readonly LinkedKey[] {
  return foreignKeysTo(catalog, table).flatMap(({ table: owner, constraint }) => {
    const at = constraint.references?.columns.indexOf(change.column) ?? -1;
    const other = at === -1 ? undefined : constraint.columns[at];
    if (other === undefined || bothSides(owner, other, table, change)) return [];
    return [{ owner, constraint, other: columnOf(owner, other) }];
  });
}

/** A key of a table to itself with the column on both sides: both change. */
function bothSides(table: Table, column: string, own: Table, change: AlterColumnType): boolean {
  return sameName(table, own) && column === change.column;
}

function foreignKeyObstacle(change: AlterColumnType, table: Table, catalog: Catalog): Obstacle | null {
  const spread = keysTo(change, table, catalog).find(
    ({ owner }) => owner.kind === 'partitioned' || owner.partitionOf !== null,
  );
  if (spread === undefined) return null;
  return { because: `the foreign key ${spread.constraint.name} belongs to the partitioned table ${spread.owner.name}` };
}

function comparable(a: string, b: string): boolean {
  const [left, right] = [parseTypeText(a).name, parseTypeText(b).name];
  if (isInteger(left) && isInteger(right)) return true;
  const texts = ['text', 'character varying'];
  return left === right || (texts.includes(left) && texts.includes(right));
}

/** Casts that only USING can ask for: Postgres would refuse the statement as it is written. */
function missingUsing(change: AlterColumnType, table: Table, column: Column): MigrateError | null {
  if (change.using !== null || !needsUsing(column.type, change.type)) return null;
  return new MigrateError(
    'CANNOT_PLAN',
    `${table.name}.${change.column} cannot become ${change.type} by itself: Postgres converts ${column.type} to ${change.type} only when it is told how.`,
    {
      hint: `Write: ALTER TABLE ${table.name} ALTER COLUMN ${change.column} TYPE ${change.type} USING ${change.column}::${change.type};`,
      details: { table: table.name, column: change.column, type: change.type },
    },
  );
}

/** Built-in types only (pg_cast.castcontext); for the others the server says it when expand begins. */
function needsUsing(from: string, to: string): boolean {
  const [left, right] = [parseTypeText(from), parseTypeText(to)];
  if (isString(from) && left.arrayDimensions === 0) return builtInNonStrings.has(right.name);
  return (left.name === 'boolean' && isInteger(right.name)) || (isInteger(left.name) && right.name === 'boolean');
}

const builtInNonStrings: ReadonlySet<string> = new Set([
  'smallint',
  'integer',
  'bigint',
  'numeric',
  'real',
  'double precision',
  'boolean',
  'date',
  'timestamp without time zone',
  'timestamp with time zone',
  'time without time zone',
  'interval',
  'uuid',
  'json',
  'jsonb',
  'bytea',
  'inet',
]);
