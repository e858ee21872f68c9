/**
 * A value that is added to an enum without saying where.
 *
 * It goes behind all others, and there it stays: the order of the values is the order in which ORDER BY and < put them, and
 * cannot be changed afterwards. Not reported: a type that the same file makes, and IF NOT EXISTS of a value that is there.
 */
import {
  defineRule,
  isKind,
  isSameName,
  literal,
  nameText,
  raw,
  resolveType,
  script,
  sql,
} from '../../src/rule-sdk.ts';

export const preferEnumOrder = defineRule({
  id: 'prefer-enum-order',
  severity: 'warning',
  set: 'strict',
  group: 'choices',
  summary: 'A new enum value goes behind all others unless one says where, and stays there.',
  kinds: ['add_enum_value'],

  check({ change, catalog, preceding, written }) {
    if (change.before !== null || change.after !== null) return null;
    const isNew = preceding().some(
      (earlier) => isKind(earlier, 'create_object') && isSameName(earlier.name, change.type),
    );
    const labels = resolveType(catalog, change.type)?.labels ?? [];
    if (isNew || labels.includes(change.value)) return null;
    const last = labels.at(-1);
    const order = last === undefined ? sql`BEFORE ${raw("'…'")}` : sql`AFTER ${literal(last)}`;
    return {
      message:
        `Behind all other values of ${nameText(change.type)} is where ${literal(change.value).text} goes: ORDER BY and < ` +
        'follow the order of the values, which cannot be changed later.',
      instead: {
        text: 'Say where it belongs, with BEFORE or AFTER:',
        sql: script(sql`${raw(written)} ${order}`),
      },
    };
  },
});
