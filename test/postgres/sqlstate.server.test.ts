import { expect, test } from 'vitest';
import { sqlstate } from '../../src/postgres/sqlstate.ts';
import { serverVersion, withDatabase } from '../support/server.ts';

/** Names as PL/pgSQL knows conditions, where they differ from ours. */
const conditionNames: Readonly<Record<string, string>> = {
  connectionDoesNotExist: 'connection_does_not_exist',
  unableToConnect: 'sqlclient_unable_to_establish_sqlconnection',
  connectionRejected: 'sqlserver_rejected_establishment_of_sqlconnection',
  stringTooLong: 'string_data_right_truncation',
  numericOutOfRange: 'numeric_value_out_of_range',
  invalidDatetime: 'invalid_datetime_format',
  datetimeOutOfRange: 'datetime_field_overflow',
  activeTransaction: 'active_sql_transaction',
  readOnlyTransaction: 'read_only_sql_transaction',
  inFailedTransaction: 'in_failed_sql_transaction',
  idleInTransactionTimeout: 'idle_in_transaction_session_timeout',
  invalidAuthorization: 'invalid_authorization_specification',
  databaseDoesNotExist: 'invalid_catalog_name',
  schemaDoesNotExist: 'invalid_schema_name',
  unsafeNewEnumValue: 'unsafe_new_enum_value_usage',
};

const newIn: Readonly<Record<string, number>> = { transactionTimeout: 17 };

test('every code is the one the server has under that name', async () => {
  await withDatabase(async (database) => {
    const client = await database.connect();
    const wrong: string[] = [];
    for (const [name, code] of Object.entries(sqlstate)) {
      if (serverVersion() < (newIn[name] ?? 0)) continue;
      const condition = conditionNames[name] ?? name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
      try {
        await client.query(`do $$ begin raise ${condition}; end $$`);
      } catch (error) {
        const got = error instanceof Error && 'code' in error ? String(error.code) : String(error);
        if (got !== code) wrong.push(`${name}: ${code}, the server says ${got} (${String(error)})`);
      }
    }
    expect(wrong).toEqual([]);
  });
});
