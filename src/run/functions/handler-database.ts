/**
 * The database as a person's function sees it: typed queries in the transaction of the batch, and only as long as the
 * batch lasts. Which errors are the server's own is remembered, because only those say something about the rows.
 *
 * A statement that fails ends a transaction for good. A function that goes on all the same (it catches the error and
 * leaves the row out) is called once more with each statement in a savepoint of its own: only then, because each
 * savepoint costs two round trips.
 */
import { Kysely } from 'kysely';
import { MigrateError } from '../../errors.ts';
import { sqlstateOf } from '../../postgres/sqlstate.ts';
import { sessionDialect } from '../connection/kysely-dialect.ts';
import type { Session } from '../session.ts';
import type { AnyDatabase } from './define-backfill.ts';

export type HandlerDatabase = {
  readonly db: Kysely<AnyDatabase>;
  /** From here on every query is refused. */
  close(): void;
  /** Whether the error came from this database, in this batch. */
  isOurs(error: unknown): boolean;
  /** A statement has failed, and no savepoint was there to go back to. */
  hasFailed(): boolean;
};

export function handlerDatabase(session: Session, withSavepoints: boolean): HandlerDatabase {
  const errors = new Set<unknown>();
  let isOpen = true;
  let failed = false;
  let last: Promise<unknown> = Promise.resolve();

  async function send(text: string, values: readonly unknown[]) {
    if (!isOpen) {
      throw new MigrateError('BAD_USAGE', 'A backfill used its db after its batch had ended.', {
        hint: 'Await every query before the handler returns.',
      });
    }
    try {
      if (!withSavepoints) return await session.query(text, values);
      await session.query('savepoint onward_statement');
      try {
        const result = await session.query(text, values);
        await session.query('release savepoint onward_statement');
        return result;
      } catch (error) {
        if (sqlstateOf(error) !== null) await session.query('rollback to savepoint onward_statement');
        throw error;
      }
    } catch (error) {
      errors.add(error);
      failed ||= !withSavepoints;
      throw error;
    }
  }

  return {
    db: new Kysely<AnyDatabase>({
      dialect: sessionDialect((text, values) => {
        // One after the other: two statements at once would share a savepoint.
        const turn = last.then(() => send(text, values));
        last = turn.catch(() => undefined);
        return turn;
      }),
    }),
    close: () => {
      isOpen = false;
    },
    isOurs: (error) => errors.has(error),
    hasFailed: () => failed,
  };
}
