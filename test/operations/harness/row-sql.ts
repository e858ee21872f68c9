/** Pieces of the statements of derived clients. */
import type { QualifiedName } from '../../../src/catalog/model.ts';
import { identifier, join, literal, qualified, sql, type SqlFragment } from '../../../src/sql/template.ts';
import type { Row } from './known-schema.ts';
import type { ClientStatement } from './version-client.ts';

type Relation = QualifiedName & { readonly columns: readonly { readonly name: string }[] };

export function columnList({ columns }: Pick<Relation, 'columns'>): SqlFragment {
  return join(columns.map(({ name }) => identifier(name)));
}

/** A look at a table or view, whatever is in it. */
export function selectFrom(relation: Relation): ClientStatement {
  const { text } = sql`select ${columnList(relation)} from ${qualified(relation)} limit 5`;
  return { text, writes: false, findsRow: false };
}

export function where(row: Row): SqlFragment {
  return join(
    [...row].map(([name, value]) => sql`${identifier(name)} = ${literal(value)}`),
    ' and ',
  );
}
