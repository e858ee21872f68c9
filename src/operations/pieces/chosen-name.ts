/**
 * The names that a constraint or an index gets: the one that is written, else the one that Postgres chooses on this
 * catalog. An index behind a constraint takes a name among relations and among constraints; any other constraint only
 * among constraints, those of the whole schema with its domains (ConstraintNameExists in pg_constraint.c), not of the
 * table alone.
 */
import { blankIndex } from '../../catalog/blank.ts';
import { addIndex } from '../../catalog/edit.ts';
import { columnOf, constraintOf, relationExists, tableNamed } from '../../catalog/lookup.ts';
import type { Catalog, IndexKey, QualifiedName, Table, TypeObject } from '../../catalog/model.ts';
import { listedUnder } from '../../catalog/shared-map.ts';
import type { Node } from '@pgsql/types';
import { chooseName, indexColumnNames, makeObjectName, truncateName, type NameLabel } from '../../postgres/names.ts';
import { has } from '../../postgres/version.ts';
import { parseExpression } from '../../sql/parse.ts';
import type { ConstraintSpec } from '../change.ts';

const labels: { readonly [K in ConstraintSpec['kind']]: NameLabel } = {
  check: 'check',
  foreign_key: 'fkey',
  primary_key: 'pkey',
  unique: 'key',
  exclusion: 'excl',
};

/** The name of a constraint that is to be added to the table. */
export function chosenConstraintName(catalog: Catalog, table: QualifiedName, spec: ConstraintSpec): string {
  if (spec.name !== null) return truncateName(spec.name);
  if (spec.usingIndex !== null) return spec.usingIndex;
  const hasIndex = spec.kind !== 'check' && spec.kind !== 'foreign_key';
  return chooseName(
    { table: table.name, columns: namedColumns(spec, tableNamed(catalog, table)), label: labels[spec.kind] },
    (name) =>
      constraintExists(catalog, table.schema, name) ||
      (hasIndex && relationExists(catalog, { schema: table.schema, name })),
  );
}

/**
 * The name of a foreign key in a partition: the parent's, or another one where the partition uses that already
 * (addFkRecurseReferencing in tablecmds.c; since 18 addFkConstraint, which puts a number behind the parent's).
 */
export function foreignKeyNameIn(catalog: Catalog, partition: Table, spec: ConstraintSpec, parent: string): string {
  if (constraintOf(partition, parent) === null) return parent;
  if (!has(catalog.version, 'notValidForeignKeyOnPartitioned')) {
    return chosenConstraintName(catalog, partition, { ...spec, name: null });
  }
  for (let pass = 1; ; pass += 1) {
    const name = makeObjectName(parent, null, String(pass));
    if (!constraintExists(catalog, partition.schema, name)) return name;
  }
}

function namedColumns(spec: ConstraintSpec, table: Table | null): readonly string[] {
  switch (spec.kind) {
    case 'primary_key':
      return [];
    case 'check':
      // A reference to the whole row looks like a column of the table's name, and has none.
      return spec.columns.length === 1 && !isWholeRow(spec.columns[0] ?? '', table) ? spec.columns : [];
    case 'unique':
      return [...spec.columns, ...spec.include];
    case 'foreign_key':
    case 'exclusion':
      return spec.columns;
  }
}

function isWholeRow(name: string, table: Table | null): boolean {
  return table !== null && name === table.name && columnOf(table, name) === null;
}

/** The name of an index that is to be created without one. */
export function chosenIndexName(
  catalog: Catalog,
  on: QualifiedName,
  keys: readonly IndexKey[],
  include: readonly string[],
): string {
  const columns = indexColumnNames([...keys.map(elementName), ...include]);
  return chooseName({ table: on.name, columns, label: 'idx' }, (name) =>
    relationExists(catalog, { schema: on.schema, name }),
  );
}

/** The catalog with the name of a planned index taken, so that the next one to be named gets another. */
export function withNameTaken(catalog: Catalog, on: QualifiedName, name: string): Catalog {
  return addIndex(catalog, on, blankIndex(name, ''));
}

/** Among the constraints of a schema's tables and domains, and from Postgres 18 those of NOT NULL. */
function constraintExists(catalog: Catalog, schema: string, name: string): boolean {
  const inSchema = (objects: readonly QualifiedName[]): boolean => objects.some((one) => one.schema === schema);
  return (
    inSchema(listedUnder(catalog.tables, constraintNames, name)) ||
    inSchema(listedUnder(catalog.types, domainConstraintNames, name))
  );
}

function constraintNames({ constraints, columns }: Table): readonly string[] {
  return [
    ...constraints.map(({ name }) => name),
    ...columns.flatMap(({ notNullConstraint }) => (notNullConstraint === null ? [] : [notNullConstraint.name])),
  ];
}

function domainConstraintNames({ constraints }: TypeObject): readonly string[] {
  return constraints.map(({ name }) => name);
}

/** A column's name, or what the server calls an expression; null when it has no name for it. */
function elementName(key: IndexKey): string | null {
  return key.column ?? expressionName(parseExpression(key.expression)).name;
}

type Named = { readonly name: string | null; readonly strength: 0 | 1 | 2 };

const unnamed: Named = { name: null, strength: 0 };

/**
 * FigureColnameInternal in src/backend/parser/parse_target.c, for what may stand in an index. A weak name (1) gives way
 * to that of the cast or CASE around it.
 */
function expressionName(node: Node | undefined): Named {
  if (node === undefined) return unnamed;
  if ('ColumnRef' in node) return strong(lastString(node.ColumnRef.fields));
  if ('FuncCall' in node) return strong(lastString(node.FuncCall.funcname));
  if ('A_Indirection' in node) {
    const field = lastString(node.A_Indirection.indirection);
    return field === null ? expressionName(node.A_Indirection.arg) : strong(field);
  }
  if ('A_Expr' in node) return node.A_Expr.kind === 'AEXPR_NULLIF' ? strong('nullif') : unnamed;
  if ('TypeCast' in node) {
    const inner = expressionName(node.TypeCast.arg);
    return inner.strength > 1 ? inner : { name: lastString(node.TypeCast.typeName?.names), strength: 1 };
  }
  if ('CollateClause' in node) return expressionName(node.CollateClause.arg);
  if ('CaseExpr' in node) {
    const inner = expressionName(node.CaseExpr.defresult);
    return inner.strength > 1 ? inner : { name: 'case', strength: 1 };
  }
  if ('A_ArrayExpr' in node) return strong('array');
  if ('RowExpr' in node) return strong('row');
  if ('CoalesceExpr' in node) return strong('coalesce');
  if ('MinMaxExpr' in node) return strong(node.MinMaxExpr.op === 'IS_LEAST' ? 'least' : 'greatest');
  return unnamed;
}

function strong(name: string | null): Named {
  return name === null ? unnamed : { name, strength: 2 };
}

function lastString(nodes: readonly Node[] | undefined): string | null {
  const last = nodes?.at(-1);
  return last !== undefined && 'String' in last ? (last.String.sval ?? null) : null;
}
