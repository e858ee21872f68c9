/**
 * Row triggers of ours that keep a column in step with others of its row.
 *
 * They are BEFORE triggers on INSERT and UPDATE that change nothing but the columns they keep, have no side effects (an
 * INSERT … ON CONFLICT fires them twice), and are created in the transaction that adds the column, so that no row is
 * ever written without them. BEFORE triggers fire in the byte order of their names. `last` sorts behind every usual name,
 * so that it sees what the user's own triggers have made of the row; `first` sorts before them, for user triggers that
 * know a column only under one of its two names.
 */
import type { Catalog, Table, Trigger } from '../../catalog/model.ts';
import { MigrateError } from '../../errors.ts';
import { identifier, literal, qualified, raw, sql, type SqlFragment } from '../../sql/template.ts';
import { derivedName, derivedTriggerName } from '../derived-name.ts';
import { helperFunction, ledgerSchema } from './helper-function.ts';

export type SyncTrigger = {
  readonly catalog: Catalog;
  readonly migration: string;
  readonly table: Table;
  /** The column it is for: part of the helper's name. */
  readonly column: string;
  readonly position: 'first' | 'last';
  /** PL/pgSQL statements, without the semicolon behind each. */
  readonly body: readonly string[];
  /** Fires only then; null: for every row. */
  readonly when: SqlFragment | null;
};

/** Statements without semicolons, for the transactions that add and remove the column. */
export type TriggerStatements = { readonly create: readonly string[]; readonly drop: readonly string[] };

export function syncTrigger(sync: SyncTrigger): TriggerStatements {
  const { catalog, migration, table, column, position } = sync;
  refuseDisorder(table);
  const name = { schema: ledgerSchema, name: derivedName('sync', migration, table, column, position) };
  const trigger = identifier(triggerName(sync));
  const when = sync.when === null ? raw('') : sql` WHEN (${sync.when})`;
  return {
    create: [
      helperFunction(catalog, name, sync.body),
      sql`CREATE TRIGGER ${trigger} BEFORE INSERT OR UPDATE ON ${qualified(table)} FOR EACH ROW${when} EXECUTE FUNCTION ${qualified(name)}()`
        .text,
      // Also for rows that logical replication or a loading tool writes (session_replication_role = replica).
      sql`ALTER TABLE ${qualified(table)} ENABLE ALWAYS TRIGGER ${trigger}`.text,
      sql`COMMENT ON FUNCTION ${qualified(name)}() IS ${helperComment(migration)}`.text,
    ],
    drop: [
      sql`DROP TRIGGER IF EXISTS ${trigger} ON ${qualified(table)}`.text,
      sql`DROP FUNCTION IF EXISTS ${qualified(name)}()`.text,
    ],
  };
}

/** What a helper object says about itself to whoever finds it. */
export function helperComment(migration: string): SqlFragment {
  return literal(`Helper of migration ${migration}; removed by its contract or rollback.`);
}

/** The user's triggers that can change a row before it is written. */
export function rowChangingTriggers(table: Table): readonly Trigger[] {
  return table.triggers.filter(
    ({ name, timing, level, events, enabled }) =>
      timing === 'before' &&
      level === 'row' &&
      enabled !== 'disabled' &&
      (events.includes('insert') || events.includes('update')) &&
      !isOurs(name),
  );
}

const beforeAll = '!'; // the first printable character behind the blank
const afterAll = '~'; // the last one of ASCII (see derivedTriggerName)

function isOurs(trigger: string): boolean {
  return trigger.startsWith(`${beforeAll}onward_`) || trigger.startsWith(`${afterAll}onward_`);
}

function triggerName({ position, migration, table, column }: SyncTrigger): string {
  return position === 'last'
    ? derivedTriggerName('sync', migration, table, column)
    : `${beforeAll}${derivedName('sync', migration, table, column, position)}`;
}

/** A trigger that fires outside of ours could undo what they did. */
function refuseDisorder(table: Table): void {
  // Compared with an ASCII text, the order of UTF-16 units is that of UTF-8 bytes.
  const outside = rowChangingTriggers(table).find(
    ({ name }) => name > `${afterAll}onward_` || name < `${beforeAll}onward_`,
  );
  if (outside === undefined) return;
  throw new MigrateError(
    'CANNOT_PLAN',
    `The trigger ${identifier(outside.name).text} on ${table.name} fires outside of every trigger that could keep two columns in step, because BEFORE triggers fire in the order of their names.`,
    {
      hint: `Rename it first: ALTER TRIGGER ${identifier(outside.name).text} ON ${qualified(table).text} RENAME TO <a name that begins with a letter>;`,
      details: { table: table.name, trigger: outside.name },
    },
  );
}
