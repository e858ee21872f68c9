/**
 * CREATE without IF NOT EXISTS and DROP without IF EXISTS, where the file runs outside a transaction.
 *
 * When a statement of such a file fails, those before it stay done; run again, the file stops at the first of them. Not
 * reported: inside a transaction, where nothing stays; CREATE INDEX CONCURRENTLY, where IF NOT EXISTS would take the
 * invalid rest of the failed build for the index (no-if-not-exists-concurrent-index); objects that have no such clause.
 */
import { defineRule, insertAfterWord, script } from '../../src/rule-sdk.ts';
import type { Change, ChangeOf } from '../../src/rule-sdk.ts';

type Edit = {
  readonly clause: 'IF EXISTS' | 'IF NOT EXISTS';
  /** Behind the first of these that occurs. */ readonly behind: readonly string[];
};

export const requireIfExists = defineRule({
  id: 'require-if-exists',
  severity: 'warning',
  set: 'strict',
  group: 'choices',
  summary:
    'A file without a transaction that failed half-way cannot be run again if it creates or drops unconditionally.',
  kinds: [
    'create_table',
    'create_index',
    'create_object',
    'add_column',
    'add_enum_value',
    'drop_table',
    'drop_column',
    'drop_constraint',
    'drop_index',
    'drop_object',
  ],

  check({ change, written, inTransaction }) {
    const edit = inTransaction ? null : missingClause(change);
    if (edit === null) return null;
    const better = edit.behind
      .map((word) => insertAfterWord(written, word, edit.clause))
      .find((text) => text !== written);
    if (better === undefined) return null; // SELECT … INTO and the like have no such clause
    return {
      message:
        'If a later statement of this file fails, this one stays done, and the file cannot be run again: it stops at ' +
        `"${written.replaceAll(/\s+/g, ' ').trim()}".`,
      instead: { text: `Write it with ${edit.clause}, or run the file in a transaction:`, sql: script(better) },
    };
  },
});

function missingClause(change: Change): Edit | null {
  switch (change.kind) {
    case 'create_table':
      return change.ifNotExists || change.persistence === 'temporary' ? null : creating('TABLE');
    case 'create_index':
      return change.ifNotExists || change.concurrently || change.name === null ? null : creating('INDEX');
    case 'create_object':
      return change.ifNotExists || change.replace ? null : creatingObject(change);
    case 'add_column':
      return change.ifNotExists ? null : creating('COLUMN', 'ADD');
    case 'add_enum_value':
      return change.ifNotExists ? null : creating('VALUE');
    case 'drop_table':
      return change.ifExists ? null : dropping('TABLE');
    case 'drop_column':
      return change.ifExists ? null : dropping('COLUMN', 'DROP');
    case 'drop_constraint':
      return change.ifExists ? null : dropping('CONSTRAINT');
    case 'drop_index':
      return change.ifExists ? null : change.concurrently ? dropping('CONCURRENTLY') : dropping('INDEX');
    case 'drop_object':
      return change.ifExists ? null : dropping(...wordsOf(change));
    default:
      return null;
  }
}

function creating(...behind: readonly string[]): Edit {
  return { clause: 'IF NOT EXISTS', behind };
}

function dropping(...behind: readonly string[]): Edit {
  return { clause: 'IF EXISTS', behind };
}

function creatingObject({ objectType }: ChangeOf<'create_object'>): Edit | null {
  switch (objectType) {
    case 'schema':
    case 'sequence':
    case 'extension':
      return creating(objectType.toUpperCase());
    case 'materialized view':
      return creating('VIEW');
    default:
      return null;
  }
}

/** The last word of what is dropped: DROP MATERIALIZED VIEW, DROP TYPE for an enum. */
function wordsOf({ objectType }: ChangeOf<'drop_object'>): readonly string[] {
  if (objectType === 'enum') return ['TYPE'];
  return [objectType.split(' ').at(-1)?.toUpperCase() ?? '', 'TYPE'];
}
