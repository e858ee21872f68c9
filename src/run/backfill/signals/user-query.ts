/**
 * A query of the user's own: one row with the columns `value` and `limit`, for what only the application can know, such
 * as the length of a queue. It runs on a connection of its own, read-only and for a second at most.
 */
import type { Connection } from '../../connection/connection.ts';
import { measured, type CommonSettings, type Reading } from './signal.ts';

export type UserQuery = CommonSettings & {
  readonly sql: string;
  readonly everyMs?: number;
};

export const userIntervalMs = 1_000; // for somebody else's query or server, four times a second would be rude

export async function readUserQuery(connection: Connection, { sql }: UserQuery): Promise<Reading> {
  const { rows } = await connection.query<Readonly<Record<string, unknown>>>(sql);
  const row = rows[0];
  if (row === undefined) throw new Error('it gave no row');
  const value = numberIn(row, 'value');
  if (value === null) throw new Error('its first row has no number in the column "value"');
  return measured({ value, limit: numberIn(row, 'limit'), unit: '', about: null });
}

/** The driver gives bigint and numeric as text. */
function numberIn(row: Readonly<Record<string, unknown>>, column: string): number | null {
  const given = row[column];
  if (typeof given !== 'number' && (typeof given !== 'string' || given.trim() === '')) return null;
  const value = Number(given);
  return Number.isNaN(value) ? null : value;
}
