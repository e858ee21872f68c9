/**
 * Plain words in the place of names that need quotes, for the time of deparsing.
 *
 * The deparser quotes names in most places and forgets it in some (window names, common table expressions, languages,
 * joins' aliases …). A word that needs no quotes comes out the same in both; afterwards each word is replaced by the
 * name it stands for, in quotes. This is replacement in SQL text, which is otherwise forbidden here: emit.ts proves
 * the result by parsing it, and uses this only when the deparser's own quoting has failed that proof.
 */

import { quoteIdentifier } from '../identifier.ts';

export interface NameTokens<T> {
  /** A copy of the tree with words in the place of names. */
  readonly tree: T;
  /** Puts the names back into the SQL of that tree. */
  restore(sql: string): string;
}

const tokenPrefix = 'onward_name_';

export function withNameTokens<T>(tree: T): NameTokens<T> {
  const names: string[] = [];
  const token = (name: string): string => {
    if (quoteIdentifier(name) === name || isOperator(name)) return name;
    if (!names.includes(name)) names.push(name);
    return `${tokenPrefix}${names.indexOf(name)}_`;
  };
  return {
    tree: replaced(tree, token) as T, // the same shape: only strings differ
    restore: (sql) =>
      sql.replaceAll(new RegExp(`${tokenPrefix}(\\d+)_`, 'gi'), (word, index: string) => {
        const name = names[Number(index)];
        return name === undefined ? word : quoteIdentifier(name);
      }),
  };
}

/** Fields whose strings are names, besides those that end in `name`. */
const nameFields: ReadonlySet<string> = new Set([
  'accessMethod',
  'access_method',
  'amname',
  'indexspace',
  'plname',
  'tableSpace',
]);

/** Under these, a `String` is a constant, an operator or an option's value. */
const constantFields: ReadonlySet<string> = new Set(['A_Const', 'vals', 'comment']);

function replaced(node: unknown, token: (name: string) => string): unknown {
  if (Array.isArray(node)) return node.map((item) => replaced(item, token));
  if (typeof node !== 'object' || node === null) return node;
  return Object.fromEntries(
    Object.entries(node).map(([key, value]: [string, unknown]) => {
      if (constantFields.has(key)) return [key, value];
      // The deparser knows options by their names: `as`, `language`. Only odd ones of them are hidden.
      if (key === 'defname' && typeof value === 'string' && /^[a-z_]+$/.test(value)) return [key, value];
      if (key === 'DefElem') return [key, replacedOption(value, token)];
      if (typeof value === 'string') return [key, isNameField(key) && value !== '' ? token(value) : value];
      return [key, replaced(value, token)];
    }),
  );
}

/** An option's own value is a constant as often as a name: only a type in it is surely made of names. */
function replacedOption(option: unknown, token: (name: string) => string): unknown {
  const copy = replaced({ option }, token);
  if (typeof option !== 'object' || option === null || !('arg' in option)) return unwrap(copy);
  const { arg } = option;
  const isType = typeof arg === 'object' && arg !== null && 'TypeName' in arg;
  return isType ? unwrap(copy) : { ...asObject(unwrap(copy)), arg };
}

function unwrap(copy: unknown): unknown {
  return asObject(copy)['option'];
}

function asObject(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}

function isNameField(key: string): boolean {
  return key === 'sval' || nameFields.has(key) || /name$/i.test(key);
}

function isOperator(name: string): boolean {
  return /^[-+*/<>=~!@#%^&|`?]+$/.test(name);
}
