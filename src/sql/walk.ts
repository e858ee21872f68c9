/**
 * Walking and rewriting parse trees.
 *
 * Guarantee: trees are never changed in place; names are found and replaced as nodes of the tree, never as text, so
 * that `name` inside `username` or `'name'` is safe. Nothing here knows scopes: a subquery's own columns look like the
 * table's, so callers that rename must say what the expression may contain.
 */

import type { ColumnRef, FuncCall, Node } from '@pgsql/types';

/** A name in an expression: `column`, `table.column`, `schema.table.column`. `column` is `*` for a whole row. */
export interface ColumnReference {
  readonly table?: string;
  readonly column: string;
}

export interface FunctionReference {
  readonly schema?: string;
  readonly name: string;
  readonly argumentCount: number;
}

/** Called for each tagged node, parents first; `false` leaves out what is below it. */
export type Visitor = (tag: string, fields: Readonly<Record<string, unknown>>, node: Node) => boolean | void;

/** Walks `node` and all below it. */
export function visit(node: unknown, visitor: Visitor): void {
  if (Array.isArray(node)) {
    for (const item of node) visit(item, visitor);
    return;
  }
  if (!isRecord(node)) return;
  const tagged = taggedFields(node);
  // A tagged node is `{ Tag: fields }` by the parser's own format, hence a `Node`.
  if (tagged !== null && visitor(tagged.tag, tagged.fields, node as Node) === false) return;
  for (const value of Object.values(tagged?.fields ?? node)) visit(value, visitor);
}

/** The columns an expression mentions, in order of appearance, each once. */
export function columnReferences(expression: Node): readonly ColumnReference[] {
  const found = new Map<string, ColumnReference>();
  visit(expression, (tag, fields) => {
    if (tag !== 'ColumnRef') return;
    const path = columnPath(fields);
    const column = path.at(-1);
    if (column === undefined) return;
    const table = path.at(-2);
    found.set(JSON.stringify(path), table === undefined ? { column } : { table, column });
  });
  return [...found.values()];
}

/** The functions an expression calls, in order of appearance, each once per name and number of arguments. */
export function functionCalls(expression: Node): readonly FunctionReference[] {
  const found = new Map<string, FunctionReference>();
  visit(expression, (tag, fields) => {
    if (tag !== 'FuncCall') return;
    const call: FuncCall = fields; // the parser's fields under this tag
    const names = (call.funcname ?? []).flatMap((part) => ('String' in part ? [part.String.sval ?? ''] : []));
    const name = names.at(-1);
    if (name === undefined) return;
    const schema = names.at(-2);
    const argumentCount = call.args?.length ?? 0;
    found.set(JSON.stringify([names, argumentCount]), {
      ...(schema === undefined ? {} : { schema }),
      name,
      argumentCount,
    });
  });
  return [...found.values()];
}

/**
 * A copy of `node` in which the column `from` is called `to`: in references, index and partition elements, statistics
 * and the column lists of constraints. With `table`, a reference that names another table stays as it is.
 */
export function replaceColumn<T>(node: T, from: string, to: string, options: { readonly table?: string } = {}): T {
  const result = rewrite(node, (tag, fields) => {
    switch (tag) {
      case 'ColumnRef':
        return renamedReference(fields, from, to, options.table);
      case 'IndexElem':
      case 'PartitionElem':
      case 'StatsElem':
        return fields['name'] === from ? { ...fields, name: to } : fields;
      case 'Constraint':
        return renamedKeys(fields, from, to);
      default:
        return fields;
    }
  });
  return result as T; // the rewriting keeps every tag and field, only strings change
}

/** A copy of `node` without its casts. */
export function withoutCasts<T>(node: T): T {
  const strip = (item: unknown): unknown => {
    if (Array.isArray(item)) return item.map(strip);
    if (!isRecord(item)) return item;
    const cast = item['TypeCast'];
    if (isRecord(cast)) return strip(cast['arg']);
    return Object.fromEntries(Object.entries(item).map(([key, value]) => [key, strip(value)]));
  };
  return strip(node) as T; // an expression without its casts is an expression
}

/** The lists of a constraint that name columns of its own table (`pk_attrs` names those of the other one). */
const ownColumnLists = ['keys', 'including', 'fk_attrs', 'fk_del_set_cols'];

function renamedKeys(fields: Fields, from: string, to: string): Fields {
  const renamed = { ...fields };
  for (const list of ownColumnLists) {
    const names = renamed[list];
    if (!Array.isArray(names)) continue;
    renamed[list] = names.map((item: unknown) => (stringValue(item) === from ? { String: { sval: to } } : item));
  }
  return renamed;
}

function renamedReference(fields: Fields, from: string, to: string, table: string | undefined): Fields {
  const reference: ColumnRef = fields; // the parser's fields under this tag
  const path = columnPath(fields);
  if (path.at(-1) !== from) return fields;
  if (table !== undefined && path.length > 1 && path.at(-2) !== table) return fields;
  const head = (reference.fields ?? []).slice(0, -1);
  return { ...fields, fields: [...head, { String: { sval: to } }] };
}

type Fields = Readonly<Record<string, unknown>>;

function rewrite(node: unknown, change: (tag: string, fields: Fields) => Fields): unknown {
  if (Array.isArray(node)) return node.map((item) => rewrite(item, change));
  if (!isRecord(node)) return node;
  const tagged = taggedFields(node);
  if (tagged !== null) return { [tagged.tag]: rewriteFields(change(tagged.tag, tagged.fields), change) };
  return rewriteFields(node, change);
}

function rewriteFields(fields: Fields, change: (tag: string, fields: Fields) => Fields): Fields {
  return Object.fromEntries(Object.entries(fields).map(([key, value]) => [key, rewrite(value, change)]));
}

function columnPath(fields: Fields): readonly string[] {
  const parts: unknown = fields['fields'];
  if (!Array.isArray(parts)) return [];
  return parts.flatMap((part: unknown) => {
    if (isRecord(part) && 'A_Star' in part) return ['*'];
    const text = stringValue(part);
    return text === null ? [] : [text];
  });
}

function stringValue(item: unknown): string | null {
  if (!isRecord(item) || !isRecord(item['String'])) return null;
  const { sval } = item['String'];
  return typeof sval === 'string' ? sval : '';
}

/** The tag of a node; plain structs inside nodes (a `relation`, a `typeName`) have none: their keys are lower case. */
function taggedFields(node: Fields): { readonly tag: string; readonly fields: Fields } | null {
  const keys = Object.keys(node);
  const [tag] = keys;
  if (tag === undefined || keys.length !== 1 || !/^[A-Z]/.test(tag)) return null;
  const fields = node[tag];
  return isRecord(fields) ? { tag, fields } : null;
}

function isRecord(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
