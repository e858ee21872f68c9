/**
 * Columns that take the place of others in the same row (a name that becomes a first and a last name, or the other way
 * round): as long as both versions of the application run, each side follows the other.
 *
 * The two sides are not the same value under two names: what `migrate:using` makes of the old side need not give the old
 * side back. So a side is only ever computed when the other one changed, and never because something else of the row
 * did. A trigger cannot see which columns a statement names, only the row; it decides by what differs.
 *
 * UPDATE. The side that changed wins. Both changed: right when one follows from the other, else it fails.
 *
 * INSERT. A column that is not given holds its default, so the side in which a column differs from its default was given.
 * Neither was: the old side wins, unless it lacks a value that it must have, which only the new version can leave out.
 *
 * A row that is older than the trigger has nothing on the new side yet. Whether it has been filled stands in the row, in a
 * column of its own: from the values alone, one that is not filled could not be told from one that was set to NULL. The
 * backfill fills and says so in one UPDATE, and the trigger leaves that one alone (it would take it for a write of the
 * new version and compute the old side from it). A new version that writes a part of the new side into such a row gets
 * the rest of it filled first.
 *
 * Both versions write the same row under its lock, and a BEFORE trigger sees the row as the one before has left it: no
 * write is computed from a stale other side.
 */
import type { Catalog, Table } from '../../catalog/model.ts';
import { identifier, join, literal, raw, sql, type SqlFragment } from '../../sql/template.ts';
import { syncTrigger, type TriggerStatements } from './sync-trigger.ts';
import { differ } from './value-difference.ts';

export type ExchangedColumn = {
  readonly name: string;
  readonly type: string;
  readonly collation: string | null;
  readonly default: string | null;
  /** NOT NULL while both versions run. */
  readonly required: boolean;
  /** Its value, over the other side and the key. */
  readonly expression: string;
};

export type Exchange = {
  readonly catalog: Catalog;
  readonly migration: string;
  readonly table: Table;
  /** Columns of the old version, which contract drops. */
  readonly old: readonly ExchangedColumn[];
  /** Columns of the new version. */
  readonly new: readonly ExchangedColumn[];
  /** Column that says whether the new side is filled: NULL or true. */
  readonly filled: string;
};

export function exchangeTrigger(exchange: Exchange): TriggerStatements {
  const { catalog, migration, table } = exchange;
  const [first] = exchange.new;
  const body = [decision(exchange)];
  return syncTrigger({ catalog, migration, table, column: first?.name ?? '', position: 'last', body, when: null });
}

function decision(exchange: Exchange): string {
  const newFollows = sql`${computed(exchange, exchange.new)};`;
  const oldFollows = sql`${computed(exchange, exchange.old)};`;
  const filled = sql`NEW.${identifier(exchange.filled)}`;
  const wasFilled = sql`OLD.${identifier(exchange.filled)}`;
  const changed = (side: readonly ExchangedColumn[]) => any(side.map(isChanged));
  const given = (side: readonly ExchangedColumn[]) => any(side.map(isGiven));
  const lacking = exchange.old.filter(({ required }) => required);
  const newVersionAlone = lacking.map(({ name }) => sql`NEW.${identifier(name)} IS NULL`);
  return sql`IF TG_OP = 'UPDATE' AND ${wasFilled} IS NULL AND ${filled} THEN
    RETURN NEW; -- the backfill
  END IF;
  ${filled} := true;
  IF TG_OP = 'INSERT' THEN
    IF ${given(exchange.new)} THEN
      IF ${given(exchange.old)} THEN
        ${conflict(exchange)}
      ELSE
        ${oldFollows}
      END IF;
    ELSIF ${any(newVersionAlone)} THEN
      ${oldFollows}
    ELSE
      ${newFollows}
    END IF;
  ELSIF ${changed(exchange.new)} THEN
    ${fillTheRest(exchange, wasFilled)}IF ${changed(exchange.old)} THEN
      ${conflict(exchange)}
    ELSE
      ${oldFollows}
    END IF;
  ELSIF ${wasFilled} IS NULL OR ${changed(exchange.old)} THEN
    ${newFollows}
  END IF`.text;
}

/** What the new version has not written of a row that is not filled yet. */
function fillTheRest(exchange: Exchange, wasFilled: SqlFragment): SqlFragment {
  if (exchange.new.length === 1) return raw('');
  const each = exchange.new.map(
    (column) => sql`IF NOT (${isChanged(column)}) THEN
        ${computed(exchange, [column])};
      END IF;`,
  );
  return sql`IF ${wasFilled} IS NULL THEN
      ${join(each, '\n      ')}
    END IF;
    `;
}

/** No variables: the row stands under the table's name, as in an UPDATE. */
function computed({ table }: Exchange, side: readonly ExchangedColumn[]): SqlFragment {
  const values = join(side.map(({ expression }) => sql`(${raw(expression)})`));
  const targets = join(side.map(({ name }) => sql`NEW.${identifier(name)}`));
  return sql`SELECT ${values} INTO ${targets} FROM (SELECT NEW.*) AS ${identifier(table.name)}`;
}

function isChanged(column: ExchangedColumn): SqlFragment {
  return differ(column, sql`NEW.${identifier(column.name)}`, sql`OLD.${identifier(column.name)}`);
}

function isGiven(column: ExchangedColumn): SqlFragment {
  const value = sql`NEW.${identifier(column.name)}`;
  if (column.default === null) return sql`${value} IS NOT NULL`;
  return differ(column, value, sql`CAST(${raw(column.default)} AS ${raw(column.type)})`);
}

function any(conditions: readonly SqlFragment[]): SqlFragment {
  return conditions.length === 0
    ? raw('false')
    : join(
        conditions.map((condition) => sql`(${condition})`),
        ' OR ',
      );
}

/** Both sides were written: fails unless one of them follows from the other. */
function conflict(exchange: Exchange): SqlFragment {
  const { table, migration } = exchange;
  const isBehind = (side: readonly ExchangedColumn[]) =>
    any(
      side.map((column) =>
        differ(column, sql`CAST((${raw(column.expression)}) AS ${raw(column.type)})`, identifier(column.name)),
      ),
    );
  const names = (side: readonly ExchangedColumn[]) => side.map(({ name }) => `"${name}"`).join(', ');
  const message = `Columns ${names(exchange.old)} and ${names(exchange.new)} of "${table.name}" were given values that do not fit together, but they are the same data until migration ${migration} is finished.`;
  return sql`IF (SELECT (${isBehind(exchange.new)}) AND (${isBehind(exchange.old)}) FROM (SELECT NEW.*) AS ${identifier(table.name)}) THEN
          RAISE EXCEPTION USING ERRCODE = 'integrity_constraint_violation', MESSAGE = ${literal(message)}, HINT = 'Write either the old columns or the new ones.';
        END IF;`;
}
