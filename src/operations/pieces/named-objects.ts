/**
 * What a comment, a grant or an owner is for: the objects must be there, whatever else happens to them. A grant on all of
 * a schema is for those that there are when its turn comes, and default privileges are for none of these.
 */
import type { Node } from '@pgsql/types';
import type { Catalog, QualifiedName } from '../../catalog/model.ts';
import { parseStatements } from '../../sql/parse.ts';
import { visit } from '../../sql/walk.ts';
import { objectName, relationName, stringValues } from '../decode/names.ts';
import { touchColumn, touchConstraint, touchExistence } from '../touch.ts';

export function touchesNamed(statement: string, catalog: Catalog): readonly string[] {
  const node = parseStatements(statement)[0]?.node;
  if (node === undefined) return [];
  const keys: string[] = [];
  visit(node, (_tag, _fields, inner) => {
    if ('RangeVar' in inner) keys.push(touchExistence(catalog, relationName(inner.RangeVar)));
  });
  if ('CommentStmt' in node) keys.push(...ofDescribed(node.CommentStmt.object, node.CommentStmt.objtype, catalog));
  if ('AlterOwnerStmt' in node) keys.push(touchExistence(catalog, objectName(node.AlterOwnerStmt.object)));
  if ('GrantStmt' in node) {
    const { targtype, objects, objtype, privileges } = node.GrantStmt;
    // A privilege of one column goes with it, so it is given to the one that is there in the end.
    const columns = (privileges ?? []).flatMap((item) =>
      'AccessPriv' in item ? stringValues(item.AccessPriv.cols) : [],
    );
    const tables = (objects ?? []).flatMap((item) => ('RangeVar' in item ? [relationName(item.RangeVar)] : []));
    keys.push(...tables.flatMap((table) => columns.map((column) => touchColumn(catalog, table, column))));
    const names =
      targtype === 'ACL_TARGET_ALL_IN_SCHEMA'
        ? allIn(stringValues(objects), objtype ?? '', catalog)
        : targtype === 'ACL_TARGET_OBJECT'
          ? (objects ?? []).map(objectName)
          : [];
    keys.push(...names.map((name) => touchExistence(catalog, name)));
  }
  if ('AlterDefaultPrivilegesStmt' in node) {
    const { options, action } = node.AlterDefaultPrivilegesStmt;
    const schemas = (options ?? []).flatMap((option) =>
      'DefElem' in option && option.DefElem.defname === 'schemas' && option.DefElem.arg !== undefined
        ? 'List' in option.DefElem.arg
          ? stringValues(option.DefElem.arg.List.items)
          : []
        : [],
    );
    const concerned = schemas.length === 0 ? [...catalog.schemas.keys()] : schemas;
    keys.push(...allIn(concerned, action?.objtype ?? '', catalog).map((name) => touchExistence(catalog, name)));
  }
  return keys;
}

/** The objects of these schemas that a grant on all of them is for; a function stands under its bare name. */
function allIn(schemas: readonly string[], kind: string, catalog: Catalog): readonly QualifiedName[] {
  const { tables, views, sequences, types, functions } = catalog;
  const byKind: Readonly<Record<string, readonly Iterable<QualifiedName>[]>> = {
    OBJECT_TABLE: [tables.values(), views.values()],
    OBJECT_SEQUENCE: [sequences.values()],
    OBJECT_TYPE: [types.values()],
    OBJECT_FUNCTION: [functions.values()],
    OBJECT_PROCEDURE: [functions.values()],
    OBJECT_ROUTINE: [functions.values()],
  };
  return (byKind[kind] ?? []).flatMap((objects) => [...objects]).filter(({ schema }) => schemas.includes(schema));
}

/** `COMMENT ON CONSTRAINT c ON t`, and so on, give the path of the table with the name at its end. */
const insideTable: ReadonlySet<string> = new Set([
  'OBJECT_TABCONSTRAINT',
  'OBJECT_TRIGGER',
  'OBJECT_POLICY',
  'OBJECT_RULE',
]);

function ofDescribed(object: Node | undefined, kind: string | undefined, catalog: Catalog): readonly string[] {
  if (kind === undefined || !insideTable.has(kind) || object === undefined || !('List' in object))
    return [touchExistence(catalog, objectName(object))];
  const path = stringValues(object.List.items);
  const table = { schema: path.at(-3) ?? null, name: path.at(-2) ?? '' };
  return [
    touchExistence(catalog, table),
    ...(kind === 'OBJECT_TABCONSTRAINT' ? [touchConstraint(catalog, table, path.at(-1) ?? '')] : []),
  ];
}
