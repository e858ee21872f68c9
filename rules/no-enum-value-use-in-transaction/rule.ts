/**
 * A value added to an enum and used in the same transaction.
 *
 * Adding it in a transaction is allowed, using it before the commit is not (55P04; measured:
 * alter_type_add_value_then_use_in_tx), unless the same transaction made the type. Whether a later statement uses it is
 * told from the label as a constant in its text.
 */
import { defineRule, isKind, literal, nameText, script, type Change } from '../../src/rule-sdk.ts';

export const noEnumValueUseInTransaction = defineRule({
  id: 'no-enum-value-use-in-transaction',
  severity: 'error',
  set: 'recommended',
  group: 'correctness',
  summary: 'A new enum value cannot be used before the transaction that adds it is committed.',
  kinds: ['add_enum_value'],

  check({ change, inTransaction, following, preceding, written }) {
    if (!inTransaction) return null;
    const isNewType = preceding().some(
      (earlier) =>
        isKind(earlier, 'create_object') && earlier.objectType === 'enum' && earlier.name.name === change.type.name,
    );
    const label = literal(change.value).text;
    if (isNewType || !untilCommit(following()).some(({ sql }) => sql.includes(label))) return null;
    return {
      message:
        `A statement below uses ${label} of ${nameText(change.type)} in the transaction that adds it: Postgres refuses ` +
        'that, and the migration fails.',
      instead: { text: 'Add it in a migration of its own, before the one that uses it:', sql: script(written) },
    };
  },
});

function untilCommit(changes: readonly Change[]): readonly Change[] {
  const end = changes.findIndex((change) => isKind(change, 'transaction_control') && change.command === 'commit');
  return end === -1 ? changes : changes.slice(0, end);
}
