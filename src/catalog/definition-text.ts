/**
 * Definitions of the catalog with a name in them changed: parsed, changed as a tree and emitted again, never as text.
 *
 * Guarantee: a text that our grammar cannot read stays as it is; it is then out of date in a folded catalog, which an
 * introspected one never is.
 */

import { MigrateError } from '../errors.ts';
import { emit, emitExpression } from '../sql/emit.ts';
import { qualifiedName, quoteIdentifier } from '../sql/identifier.ts';
import { parseExpression, parseStatements } from '../sql/parse.ts';
import type { QualifiedName } from './model.ts';

type Fields = Readonly<Record<string, unknown>>;
type Change = (fields: Fields) => Fields;

/** A whole statement (`CREATE INDEX …`) in which one relation has another name. */
export function withRelationRenamed(statement: string, from: QualifiedName, to: QualifiedName): string {
  return rewriteStatement(statement, relationChange(from, to));
}

/** What stands after `ADD CONSTRAINT name`, with the referenced table renamed. */
export function constraintWithTableRenamed(definition: string, from: QualifiedName, to: QualifiedName): string {
  const head = 'ALTER TABLE pg_catalog.t ADD '; // in no schema from which a table could be renamed
  const text = rewriteStatement(head + definition, relationChange(from, to));
  return text.startsWith(head) ? text.slice(head.length) : definition;
}

/** An expression in which a sequence has another name: `nextval('shop.orders_id_seq'::regclass)`. */
export function expressionWithSequenceRenamed(expression: string, from: QualifiedName, to: QualifiedName): string {
  if (!expression.includes('regclass')) return expression;
  const names = new Set([qualifiedName(from), quoteIdentifier(from.name)]);
  return unlessUnreadable(expression, () => {
    const tree = rewrite(parseExpression(expression), (fields) => {
      const { sval } = fields;
      // The only constants that spell a relation are those of regclass; others would have to spell it by chance.
      return isRecord(sval) && typeof sval['sval'] === 'string' && names.has(sval['sval'])
        ? { ...fields, sval: { sval: qualifiedName(to) } }
        : fields;
    });
    return emitExpression(tree);
  });
}

/** A statement in which what it creates has another name. `field` is where the parser puts that name. */
export function withOwnNameChanged(statement: string, field: 'idxname' | 'trigname', to: string): string {
  let done = false; // the outermost comes first
  return rewriteStatement(statement, (fields) => {
    if (done || typeof fields[field] !== 'string') return fields;
    done = true;
    return { ...fields, [field]: to };
  });
}

/** Tables are spelled `{ schemaname, relname }` everywhere in a tree; without a schema the name alone decides. */
function relationChange(from: QualifiedName, to: QualifiedName): Change {
  return (fields) => {
    const { relname, schemaname } = fields;
    if (relname !== from.name || (schemaname !== undefined && schemaname !== from.schema)) return fields;
    return { ...fields, relname: to.name, ...(schemaname === undefined ? {} : { schemaname: to.schema }) };
  };
}

function rewriteStatement(text: string, change: Change): string {
  return unlessUnreadable(text, () => {
    const [statement] = parseStatements(text);
    return statement === undefined ? text : emit(rewrite(statement.node, change));
  });
}

function rewrite<T>(tree: T, change: Change): T {
  return rewritten(tree, change) as T; // fields keep their names and kinds; only the values of some change
}

function rewritten(value: unknown, change: Change): unknown {
  if (Array.isArray(value)) return value.map((item) => rewritten(item, change));
  if (!isRecord(value)) return value;
  return Object.fromEntries(Object.entries(change(value)).map(([key, field]) => [key, rewritten(field, change)]));
}

function isRecord(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function unlessUnreadable(text: string, work: () => string): string {
  try {
    return work();
  } catch (error) {
    if (error instanceof MigrateError && error.code === 'SYNTAX_ERROR') return text;
    throw error;
  }
}
