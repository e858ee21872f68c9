/** Names out of parse tree nodes. */
import type { Node, RangeVar } from '@pgsql/types';
import type { RelationName } from '../change.ts';

export function relationName(range: RangeVar | undefined): RelationName {
  return { schema: range?.schemaname ?? null, name: range?.relname ?? '' };
}

/** The text of a String node; '' for anything else. */
export function stringValue(node: Node | undefined): string {
  return node !== undefined && 'String' in node ? (node.String.sval ?? '') : '';
}

export function stringValues(nodes: readonly Node[] | undefined): readonly string[] {
  return (nodes ?? []).map(stringValue);
}

/** A dotted name given as String nodes (`schema.name`, or `catalog.schema.name`). */
export function dottedName(nodes: readonly Node[] | undefined): RelationName {
  const parts = stringValues(nodes);
  return { schema: parts.length > 1 ? (parts.at(-2) ?? null) : null, name: parts.at(-1) ?? '' };
}

/** The name in an `object` field of DROP, COMMENT and the like: a List of Strings, a String, a TypeName or a function. */
export function objectName(node: Node | undefined): RelationName {
  if (node === undefined) return { schema: null, name: '' };
  if ('List' in node) return dottedName(node.List.items);
  if ('String' in node) return { schema: null, name: node.String.sval ?? '' };
  if ('TypeName' in node) return dottedName(node.TypeName.names);
  if ('ObjectWithArgs' in node) return dottedName(node.ObjectWithArgs.objname);
  return { schema: null, name: '' };
}
