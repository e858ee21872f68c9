/**
 * Texts of trees that differ in nothing but plain names from one whose text is known: `ALTER TABLE a ADD COLUMN b int`
 * and `ALTER TABLE c ADD COLUMN d int`. The deparser and the proof of its text are asked once for each such shape, with
 * other names in the place of those; that is most of the time that a folder of migrations would need for them.
 *
 * Guarantee: the text is the one that the tree itself would get. A plain name is either quoted wherever it stands or
 * nowhere (see `standIn`), and only those fields count that hold nothing but names.
 */
import type { Node } from '@pgsql/types';
import { isKeyword } from '../../postgres/keywords.ts';
import { locationFields } from '../location-fields.ts';

const mostShapes = 500; // texts of some hundred characters; a project of a thousand migrations has about a hundred

const longestShape = 2_000; // characters; a longer tree is hardly met again

/** Texts by the JSON of their shapes. */
const texts = new Map<string, string>();

/** Fields that hold a name and nothing else, and lists of names. */
const nameFields: ReadonlySet<string> = new Set(['relname', 'colname', 'idxname', 'conname', 'name']);
const nameLists: ReadonlySet<string> = new Set(['fk_attrs', 'pk_attrs', 'keys']);

/** What `write` makes of the tree. It is asked about one of the same shape, where that will do. */
export function textByShape(node: Node, write: (tree: Node) => string): string {
  const names: string[] = [];
  const standIn = (name: string): string => {
    const kind = kindOfName(name);
    if (kind === null) return name;
    const known = names.indexOf(name);
    return `${kind}${known === -1 ? names.push(name) - 1 : known}_`;
  };
  const whole = JSON.stringify(node);
  // What has a stand-in in it already could not be told from ours.
  if (whole.length > longestShape || whole.includes('nward_shape_')) return write(node);
  const shape = JSON.stringify(node, (field, value: unknown) => {
    if (locationFields.has(field)) return undefined;
    if (typeof value === 'string') return nameFields.has(field) ? standIn(value) : value;
    return nameLists.has(field) && Array.isArray(value) ? value.map((item: Node) => listed(item, standIn)) : value;
  });
  const text = texts.get(shape) ?? shapeText(shape, write);
  return text === null ? write(node) : text.replaceAll(/[Oo]nward_shape_(\d+)_/g, (_, at) => names[Number(at)] ?? '');
}

/** Null when it cannot be written; the tree itself is then to say so, under its own names. */
function shapeText(shape: string, write: (tree: Node) => string): string | null {
  const tree: Node = JSON.parse(shape);
  try {
    const text = write(tree);
    if (texts.size >= mostShapes) texts.clear();
    texts.set(shape, text);
    return text;
  } catch {
    return null;
  }
}

function listed(item: Node, standIn: (name: string) => string): Node {
  return 'String' in item && item.String.sval !== undefined ? { String: { sval: standIn(item.String.sval) } } : item;
}

/**
 * The beginning of what stands for a name; null for one that is left as it is. A key word may need quotes in one place
 * and not in another (`ADD COLUMN if` is no column of that name), and so may a name with a blank or a quote in it.
 */
function kindOfName(name: string): 'onward_shape_' | 'Onward_shape_' | null {
  if (/^[a-z_][a-z0-9_]*$/.test(name)) return isKeyword(name) ? null : 'onward_shape_';
  return /^[A-Za-z_][A-Za-z0-9_]*$/.test(name) ? 'Onward_shape_' : null;
}
