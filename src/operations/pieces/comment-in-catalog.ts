/** COMMENT in the catalog: what it says from then on, for what is made anew later in the same files, and what was said before. */
import type { CommentStmt } from '@pgsql/types';
import { updateColumn, updateConstraint, updateIndex, updateTable } from '../../catalog/edit.ts';
import { findIndex, resolveSequence, resolveTable, resolveType, resolveView } from '../../catalog/lookup.ts';
import type { Catalog, NotNullConstraint, QualifiedName, Table } from '../../catalog/model.ts';
import { parseStatements } from '../../sql/parse.ts';
import { identifier, literal, qualified, raw, sql, type SqlFragment } from '../../sql/template.ts';
import { objectName, stringValues } from '../decode/names.ts';

type Comment = string | null;
type Commented = { readonly comment: Comment };

export function withComment(catalog: Catalog, statement: string): Catalog {
  const node = commentStatement(statement);
  if (node === null) return catalog;
  const { objtype, object, comment: text = '' } = node;
  const comment = text === '' ? null : text;
  const { table, part } = partOfTable(catalog, object);
  switch (objtype) {
    case 'OBJECT_TABLE':
    case 'OBJECT_FOREIGN_TABLE': {
      const whole = resolveTable(catalog, objectName(object));
      return whole === null ? catalog : updateTable(catalog, whole, (each) => ({ ...each, comment }));
    }
    case 'OBJECT_COLUMN':
      return table === null ? catalog : updateColumn(catalog, table, part, (each) => ({ ...each, comment }));
    case 'OBJECT_TABCONSTRAINT':
      return table === null ? catalog : withConstraintComment(catalog, table, part, comment);
    case 'OBJECT_INDEX': {
      const found = findIndex(catalog, objectName(object));
      if (found === null) return catalog;
      const name = { schema: found.table.schema, name: found.index.name };
      return updateIndex(catalog, name, (each) => ({ ...each, comment }));
    }
    default:
      return catalog;
  }
}

/** The statement that says again what was said before; null where the catalog does not know the object. */
export function earlierComment(statement: string, catalog: Catalog): SqlFragment | null {
  const node = commentStatement(statement);
  const described = node === null ? null : describedBy(node, catalog);
  return described === null ? null : sql`COMMENT ON ${described.object} IS ${literal(described.comment)}`;
}

function commentStatement(statement: string): CommentStmt | null {
  const node = parseStatements(statement)[0]?.node;
  return node !== undefined && 'CommentStmt' in node ? node.CommentStmt : null;
}

type Described = { readonly object: SqlFragment; readonly comment: Comment };

function describedBy({ objtype = 'OBJECT_TABLE', object }: CommentStmt, catalog: Catalog): Described | null {
  const name = objectName(object);
  switch (objtype) {
    case 'OBJECT_TABLE':
      return whole('TABLE', resolveTable(catalog, name));
    case 'OBJECT_FOREIGN_TABLE':
      return whole('FOREIGN TABLE', resolveTable(catalog, name));
    case 'OBJECT_VIEW':
      return whole('VIEW', resolveView(catalog, name));
    case 'OBJECT_MATVIEW':
      return whole('MATERIALIZED VIEW', resolveView(catalog, name));
    case 'OBJECT_SEQUENCE':
      return whole('SEQUENCE', resolveSequence(catalog, name));
    case 'OBJECT_TYPE':
      return whole('TYPE', resolveType(catalog, name));
    case 'OBJECT_DOMAIN':
      return whole('DOMAIN', resolveType(catalog, name));
    case 'OBJECT_INDEX': {
      const found = findIndex(catalog, name);
      return found === null ? null : whole('INDEX', { ...found.index, schema: found.table.schema });
    }
    case 'OBJECT_SCHEMA': {
      const schema = catalog.schemas.get(name.name);
      return schema === undefined ? null : { object: sql`SCHEMA ${identifier(name.name)}`, comment: schema.comment };
    }
    default:
      return partDescribedBy(objtype, object, catalog);
  }
}

function whole(kind: string, found: (QualifiedName & Commented) | null): Described | null {
  return found === null ? null : { object: sql`${raw(kind)} ${qualified(found)}`, comment: found.comment };
}

function partDescribedBy(kind: string, object: CommentStmt['object'], catalog: Catalog): Described | null {
  const { table, part, of } = partOfTable(catalog, object);
  const on = table ?? resolveView(catalog, of);
  if (on === null) return null;
  const partOf = (word: string, all: readonly (Commented & { readonly name: string })[]): Described | null => {
    const found = all.find(({ name }) => name === part);
    if (found === undefined) return null;
    return { object: sql`${raw(word)} ${identifier(part)} ON ${qualified(on)}`, comment: found.comment };
  };
  switch (kind) {
    case 'OBJECT_COLUMN': {
      const column = [...on.columns].find(({ name }) => name === part);
      if (column === undefined) return null;
      return { object: sql`COLUMN ${qualified(on)}.${identifier(part)}`, comment: column.comment };
    }
    case 'OBJECT_TABCONSTRAINT':
      return table === null ? null : partOf('CONSTRAINT', [...table.constraints, ...notNulls(table)]);
    case 'OBJECT_TRIGGER':
      return partOf('TRIGGER', on.triggers);
    case 'OBJECT_POLICY':
      return table === null ? null : partOf('POLICY', table.policies);
    case 'OBJECT_RULE':
      return partOf('RULE', on.rules);
    default:
      return null;
  }
}

/** The last name is the part's own, those before it are the table's. */
function partOfTable(catalog: Catalog, object: CommentStmt['object']) {
  const path = object !== undefined && 'List' in object ? stringValues(object.List.items) : [];
  const [part = '', name = '', schema = null] = path.toReversed();
  const of = { schema, name };
  return { table: resolveTable(catalog, of), part, of };
}

/** From 18 on NOT NULL is a constraint, too. */
function withConstraintComment(catalog: Catalog, table: Table, name: string, comment: Comment): Catalog {
  const column = table.columns.find(({ notNullConstraint }) => notNullConstraint?.name === name);
  return column === undefined
    ? updateConstraint(catalog, table, name, (each) => ({ ...each, comment }))
    : updateColumn(catalog, table, column.name, (each) => ({
        ...each,
        notNullConstraint: each.notNullConstraint === null ? null : { ...each.notNullConstraint, comment },
      }));
}

function notNulls({ columns }: Table): readonly NotNullConstraint[] {
  return columns.flatMap(({ notNullConstraint }) => notNullConstraint ?? []);
}
