/**
 * From a tree back to SQL, through pgsql-deparser.
 *
 * Guarantee: the text parses to the very tree it was made from (but for locations), or there is an error. Every text is
 * parsed again to prove it: the deparser has lost parts of statements (INCLUDE of a key, WITH TIES), and a plan that
 * silently does less than the migration must not exist. The same tree always gives the same text, on one line where
 * no constant has several.
 *
 * For trees that are built by hand: the parser leaves out `false`, so a constraint without `is_enforced: true` means
 * NOT ENFORCED and a `RangeVar` without `inh: true` means ONLY.
 */

import type {
  ColumnDef,
  CommonTableExpr,
  Constraint,
  IndexElem,
  Node,
  PartitionBoundSpec,
  TypeName,
} from '@pgsql/types';
import { MigrateError } from '../errors.ts';
import { CorrectedDeparser } from './deparse/deparser.ts';
import { textByShape } from './deparse/by-shape.ts';
import { parseExpression } from './expression.ts';
import { readStatements } from './grammar.ts';
import { locationFields } from './location-fields.ts';
import { withNameTokens } from './deparse/name-tokens.ts';
import { typeSql } from './type-name.ts';

/** The SQL of a statement (without a semicolon), an expression, or a part that `fragments` below knows. */
export function emit(node: Node): string {
  const tag = Object.keys(node)[0] ?? '';
  const read = tag.endsWith('Stmt') ? onlyStatement : fragments[tag];
  if (read === undefined) return emitExpression(node);
  const write = (tree: Node): string => proven(tree, read);
  return frequent.has(tag) ? textByShape(node, write) : write(node);
}

/** The SQL of one expression. It may stand in parentheses and, where the grammar allows an expression, without. */
export function emitExpression(node: Node): string {
  return textByShape(node, (tree) => proven(tree, parseExpression));
}

/** `name type COLLATE … constraints`, as after ADD COLUMN. */
export function emitColumn(column: ColumnDef): string {
  return emit({ ColumnDef: column });
}

/** `CONSTRAINT name CHECK (…)`, as after ADD. */
export function emitConstraint(constraint: Constraint): string {
  return emit({ Constraint: constraint });
}

/** One item of a FROM list: `teams AS t`, `a JOIN b ON …`, `(SELECT …) AS q`. */
export function emitFromItem(item: Node): string {
  return proven(item, (text) => {
    const statement = onlyStatement(`SELECT FROM ${text}`);
    const items = statement !== undefined && 'SelectStmt' in statement ? (statement.SelectStmt.fromClause ?? []) : [];
    return items.length === 1 ? items[0] : undefined;
  });
}

/** One query of a WITH clause: `name AS (SELECT …)`. */
export function emitWithQuery(query: CommonTableExpr): string {
  return proven({ CommonTableExpr: query }, (text) => {
    const statement = onlyStatement(`WITH ${text} SELECT`);
    const queries =
      statement !== undefined && 'SelectStmt' in statement ? (statement.SelectStmt.withClause?.ctes ?? []) : [];
    return queries.length === 1 ? queries[0] : undefined;
  });
}

/** One element of an index: `(lower(a)) COLLATE "C" text_pattern_ops DESC`. */
export function emitIndexElement(element: IndexElem): string {
  return emit({ IndexElem: element });
}

/** `FOR VALUES …` or `DEFAULT`. */
export function emitPartitionBound(bound: PartitionBoundSpec): string {
  return emit({ PartitionBoundSpec: bound });
}

/** The type as SQL; like `typeText`, but with array bounds and the qualification as written. */
export function emitType(type: TypeName): string {
  return typeSql(type, emitExpression);
}

/** What a folder of migrations has hundreds of, alike but for their names. */
const frequent: ReadonlySet<string> = new Set(['AlterTableStmt', 'ColumnDef', 'Constraint', 'IndexStmt']);

/** How to read back what is neither a statement nor an expression: within the smallest statement that holds it. */
const fragments: Readonly<Record<string, (text: string) => Node | undefined>> = {
  ColumnDef: (text) => definition(`ALTER TABLE t ADD COLUMN ${text}`),
  Constraint: (text) => definition(`ALTER TABLE t ADD ${text}`),
  TypeName: (text) => {
    const column = definition(`ALTER TABLE t ADD COLUMN c ${text}`);
    const typeName = column !== undefined && 'ColumnDef' in column ? column.ColumnDef.typeName : undefined;
    return typeName && { TypeName: typeName };
  },
  IndexElem: (text) => {
    const statement = onlyStatement(`CREATE INDEX ON t (${text})`);
    const parameters =
      statement !== undefined && 'IndexStmt' in statement ? (statement.IndexStmt.indexParams ?? []) : [];
    return parameters.length === 1 ? parameters[0] : undefined;
  },
  RangeVar: (text) => {
    const statement = onlyStatement(`TRUNCATE ${text}`);
    const relations =
      statement !== undefined && 'TruncateStmt' in statement ? (statement.TruncateStmt.relations ?? []) : [];
    return relations.length === 1 ? relations[0] : undefined;
  },
  PartitionBoundSpec: (text) => {
    const command = definition(`ALTER TABLE t ATTACH PARTITION p ${text}`);
    const bound = command !== undefined && 'PartitionCmd' in command ? command.PartitionCmd.bound : undefined;
    return bound && { PartitionBoundSpec: bound };
  },
};

function onlyStatement(text: string): Node | undefined {
  const statements = readStatements(text);
  return statements.length === 1 ? statements[0]?.node : undefined;
}

/** What the only command of an ALTER TABLE defines. */
function definition(text: string): Node | undefined {
  const statement = onlyStatement(text);
  const commands =
    statement !== undefined && 'AlterTableStmt' in statement ? (statement.AlterTableStmt.cmds ?? []) : [];
  const [command] = commands;
  return commands.length === 1 && command !== undefined && 'AlterTableCmd' in command
    ? command.AlterTableCmd.def
    : undefined;
}

/** How the deparser is asked, from the nicest text to the surest. */
const manners = [
  { parenthesise: false, nameTokens: false },
  { parenthesise: true, nameTokens: false },
  { parenthesise: false, nameTokens: true },
  { parenthesise: true, nameTokens: true },
];

/** The first text that reads back as the same tree. */
function proven(node: Node, readBack: (text: string) => Node | undefined): string {
  let cause: unknown;
  for (const { parenthesise, nameTokens } of manners) {
    try {
      const names = nameTokens ? withNameTokens(node) : { tree: node, restore: (sql: string): string => sql };
      const text = names.restore(new CorrectedDeparser(names.tree, parenthesise).deparseQuery()).replace(/;\s*$/, '');
      const again = readBack(text);
      if (again !== undefined && sameTree(node, again)) return text;
      cause = new Error(`Emitted as: ${text}`);
    } catch (error) {
      cause = error;
    }
  }
  throw new MigrateError(
    'INTERNAL',
    `This ${Object.keys(node)[0] ?? 'tree'} cannot be written as SQL without changing it.`,
    {
      hint: 'Please report it with the statement that led to it. "-- migrate:raw -- <reason>" above the statement runs it as written.',
      cause,
    },
  );
}

/** What the parser always adds where a tree built by hand may leave it out. Nothing here changes a meaning. */
const parserDefaults: Readonly<Record<string, unknown>> = {
  relpersistence: 'p',
  behavior: 'DROP_RESTRICT',
  initially_valid: true,
  is_local: true,
  typemod: -1,
  limitOption: 'LIMIT_OPTION_DEFAULT',
  op: 'SETOP_NONE',
  ordering: 'SORTBY_DEFAULT',
  nulls_ordering: 'SORTBY_NULLS_DEFAULT',
  funcformat: 'COERCE_EXPLICIT_CALL',
  defaction: 'DEFELEM_UNSPEC',
  oncommit: 'ONCOMMIT_NOOP',
  override: 'OVERRIDING_NOT_SET',
  accessMethod: 'btree',
  fk_matchtype: 's',
  fk_upd_action: 'a',
  fk_del_action: 'a',
  objtype: 'OBJECT_TABLE',
};

/** Whether two trees are the same but for locations. */
export function sameTree(given: unknown, again: unknown): boolean {
  if (typeof given !== 'object' || given === null || typeof again !== 'object' || again === null)
    return given === again;
  if (Array.isArray(given) || Array.isArray(again)) {
    if (!Array.isArray(given) || !Array.isArray(again) || given.length !== again.length) return false;
    return given.every((item, index) => sameTree(item, again[index]));
  }
  const before: Readonly<Record<string, unknown>> = { ...given };
  const after: Readonly<Record<string, unknown>> = { ...again };
  for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) {
    if (locationFields.has(key)) continue;
    if (isOmitted(before[key])) {
      const isDefault = !Object.hasOwn(before, key) && after[key] === parserDefaults[key];
      if (!isOmitted(after[key]) && !isDefault) return false;
    } else if (!sameTree(before[key], after[key]) && !(key === 'arg' && sameOption(before[key], after[key]))) {
      return false;
    }
  }
  return true;
}

/** `WITH (fillfactor = '90')`, as the server prints it, and `WITH (fillfactor = 90)` are one value. */
function sameOption(before: unknown, after: unknown): boolean {
  const [a, b] = [optionValue(before), optionValue(after)];
  return a !== null && a === b;
}

function optionValue(node: unknown): string | null {
  if (typeof node !== 'object' || node === null) return null;
  const [fields]: readonly unknown[] = Object.values(node);
  if (typeof fields !== 'object' || fields === null) return null;
  const [value]: readonly unknown[] = Object.values(fields);
  return typeof value === 'string' || typeof value === 'number' ? String(value) : null;
}

/** The parser leaves out what is false, zero or empty. */
function isOmitted(value: unknown): boolean {
  return (
    value === undefined ||
    value === false ||
    value === 0 ||
    value === '' ||
    (Array.isArray(value) && value.length === 0)
  );
}
