/**
 * A materialized view that is dropped and made anew in one transaction, which nobody can read until it is filled: the same
 * view filled beside the old one, and put in its place in a moment. Its indexes are the person's to build in between.
 */
import type { RelationName } from '../operations/change.ts';
import { makeObjectName } from '../postgres/names.ts';
import type { SqlStatement } from '../sql/parse.ts';
import { identifier, qualified, sql } from '../sql/template.ts';
import type { Suggestion } from './finding.ts';
import { script } from './script.ts';
import { editedText } from './type-edit.ts';

const writtenName = /^(?:"(?:[^"]|"")*"|[\w$\u0080-\uffff]+)(?:\s*\.\s*(?:"(?:[^"]|"")*"|[\w$\u0080-\uffff]+))?/;

/** Null when the name is not found in the text. */
export function viewSwap(create: SqlStatement, name: RelationName, drop: string): Suggestion | null {
  const { node, text, start: from } = create;
  const start = 'CreateTableAsStmt' in node ? node.CreateTableAsStmt.into?.rel?.location : undefined;
  const found = start === undefined ? null : writtenName.exec(text.slice(start - from));
  if (start === undefined || found === null) return null;
  const beside = qualified({ schema: name.schema, name: makeObjectName(name.name, null, 'new') });
  return {
    text: 'Fill it under another name while the old one is read, and swap the two in a moment:',
    sql: script(
      editedText(create, [{ start, end: start + found[0].length, text: beside.text }]),
      'BEGIN',
      drop,
      sql`ALTER MATERIALIZED VIEW ${beside} RENAME TO ${identifier(name.name)}`,
      'COMMIT',
    ),
  };
}
