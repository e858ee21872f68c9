/**
 * A transaction that adds foreign keys to several tables.
 *
 * Each key locks its table and the one it refers to in SHARE ROW EXCLUSIVE (measured: add_fk.not_valid), and the locks last
 * to the end of the transaction: the first tables are blocked while it waits for the next. Not reported: new tables on
 * either side, and several keys between the same two. A key that is validated at once, or written behind a new column, is
 * reported for that.
 */
import { defineRule, isKind, nameText, script, shortName } from '../../src/rule-sdk.ts';

export const noMultipleForeignKeys = defineRule({
  id: 'no-multiple-foreign-keys',
  severity: 'warning',
  set: 'recommended',
  group: 'locks',
  summary: 'Foreign keys to several tables in one transaction block writes to all of them until it ends.',
  kinds: ['add_foreign_key'],

  check({ change, effects, held, inTransaction, isInline, isNew, written }) {
    if (isInline || isNew(change.table) || effects.scans.length > 0) return null;
    const earlier = held.filter(({ by }) => isKind(by, 'add_foreign_key') && !isNew(by.table));
    const isHeld = (name: string): boolean => earlier.some(({ table }) => shortName(table) === name);
    const wanted = effects.locks.filter(({ table }) => !isNew(table)).map(({ table }) => shortName(table));
    const more = wanted.filter((name) => !isHeld(name));
    const before = earlier.at(-1)?.by;
    if (before === undefined || more.length === 0) return null;
    const tables = [...new Set(earlier.map(({ table }) => shortName(table)))];
    const target = nameText(change.constraint.references?.table ?? change.table);
    return {
      message:
        `The ${inTransaction ? 'transaction' : 'statement'} keeps its SHARE ROW EXCLUSIVE locks on ${tables.join(' and ')} while this key from ` +
        `${nameText(change.table)} to ${target} waits for ${more.join(' and ')}: writes to all of them wait until it ends.`,
      instead: { text: 'Give each key a transaction, or a migration, of its own:', sql: script(before.sql, written) },
    };
  },
});
