/**
 * The constraints of a CREATE or ALTER TABLE that have no name of their own, with the name that Postgres would build for
 * each, so that a person can write it down.
 *
 * Not a primary key, whose name everybody knows; not NOT NULL; not one that takes the name of an index that is there.
 */
import { resolveTable } from '../catalog/lookup.ts';
import type { Catalog } from '../catalog/model.ts';
import { makeObjectName } from '../postgres/names.ts';
import type { SqlStatement, StatementNode } from '../sql/parse.ts';
import type { RelationName } from '../operations/change.ts';

type UnnamedConstraint = {
  /** Offsets in the file of its first word. */
  readonly start: number;
  readonly end: number;
  /** `unique key`, for messages. */
  readonly what: string;
  readonly name: string;
};

/** What stands between the parentheses of a CREATE TABLE. */
type Node = NonNullable<Extract<StatementNode, { CreateStmt: unknown }>['CreateStmt']['tableElts']>[number];
type Constraint = Extract<Node, { Constraint: unknown }>['Constraint'];

export type UnnamedConstraints = { readonly table: RelationName; readonly constraints: readonly UnnamedConstraint[] };

type Kind = { readonly label: string; readonly what: string };

const kinds: Readonly<Partial<Record<NonNullable<Constraint['contype']>, Kind>>> = {
  CONSTR_CHECK: { label: 'check', what: 'check' },
  CONSTR_UNIQUE: { label: 'key', what: 'unique key' },
  CONSTR_FOREIGN: { label: 'fkey', what: 'foreign key' },
  CONSTR_EXCLUSION: { label: 'excl', what: 'exclusion constraint' },
};

/** Null for a statement that is about no table, or about a temporary one. */
export function unnamedConstraints(statement: SqlStatement, catalog: Catalog): UnnamedConstraints | null {
  const { node } = statement;
  const create = 'CreateStmt' in node ? node.CreateStmt : null;
  const alter = 'AlterTableStmt' in node ? node.AlterTableStmt : null;
  const relation = create?.relation ?? alter?.relation;
  if (relation?.relname === undefined || relation.relpersistence === 't') return null;
  const table = { schema: relation.schemaname ?? null, name: relation.relname };
  const elements = [
    ...(create?.tableElts ?? []),
    ...(alter?.cmds ?? []).flatMap((command) =>
      'AlterTableCmd' in command && command.AlterTableCmd.def !== undefined ? [command.AlterTableCmd.def] : [],
    ),
  ];
  const taken = new Set(resolveTable(catalog, table)?.constraints.map(({ name }) => name));
  const constraints: UnnamedConstraint[] = [];
  for (const { constraint, column } of elements.flatMap(constraintsOf)) {
    const kind = constraint.contype === undefined ? undefined : kinds[constraint.contype];
    if (constraint.conname !== undefined) taken.add(constraint.conname);
    const isNamed = constraint.conname !== undefined || constraint.indexname !== undefined;
    if (kind === undefined || isNamed || constraint.location === undefined) continue;
    const columns = column === null ? namesIn(constraint.keys ?? constraint.fk_attrs) : [column];
    const name = freeName(table.name, columns, kind.label, taken);
    taken.add(name);
    constraints.push({ ...firstWord(statement, constraint.location), what: kind.what, name });
  }
  return { table, constraints };
}

function firstWord(
  { text, start: from }: SqlStatement,
  start: number,
): { readonly start: number; readonly end: number } {
  const [word = ''] = /^\w+/.exec(text.slice(start - from)) ?? [];
  return { start, end: start + word.length };
}

function freeName(table: string, columns: readonly string[], label: string, taken: ReadonlySet<string>): string {
  const addition = columns.length === 0 ? null : columns.join('_');
  let name = makeObjectName(table, addition, label);
  for (let pass = 1; taken.has(name); pass += 1) name = makeObjectName(table, addition, `${label}${pass}`);
  return name;
}

/** A table's constraint, or those behind a column. */
function constraintsOf(element: Node): readonly { readonly constraint: Constraint; readonly column: string | null }[] {
  if ('Constraint' in element) return [{ constraint: element.Constraint, column: null }];
  if (!('ColumnDef' in element)) return [];
  const { colname = null, constraints } = element.ColumnDef;
  return (constraints ?? []).flatMap((node) =>
    'Constraint' in node ? [{ constraint: node.Constraint, column: colname }] : [],
  );
}

function namesIn(nodes: readonly Node[] | undefined): readonly string[] {
  return (nodes ?? []).flatMap((node) => ('String' in node ? [node.String.sval ?? ''] : []));
}
