/**
 * Kysely over a session's one connection, so that what it writes joins the transaction that the session has open.
 *
 * Kysely's own transactions are refused: `session.transaction` owns BEGIN and COMMIT.
 */
import {
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  type CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  type QueryResult,
} from 'kysely';
import { MigrateError } from '../../errors.ts';

export type SendQuery = (
  text: string,
  values: readonly unknown[],
) => Promise<{ readonly rows: readonly unknown[]; readonly rowCount: number; readonly command: string }>;

export function sessionDialect(send: SendQuery): Dialect {
  return {
    createAdapter: () => new PostgresAdapter(),
    createDriver: () => sessionDriver(send),
    createIntrospector: (db) => new PostgresIntrospector(db),
    createQueryCompiler: () => new PostgresQueryCompiler(),
  };
}

function sessionDriver(send: SendQuery): Driver {
  const connection: DatabaseConnection = {
    async executeQuery<Row>(query: CompiledQuery): Promise<QueryResult<Row>> {
      const { rows, rowCount, command } = await send(query.sql, query.parameters);
      const changes = command !== 'SELECT';
      return {
        // The compiled query's own type says which rows it selects.
        rows: rows as Row[],
        ...(changes ? { numAffectedRows: BigInt(rowCount) } : {}),
      };
    },
    // eslint-disable-next-line require-yield -- there is nothing to yield: streaming is refused
    async *streamQuery() {
      throw new MigrateError('INTERNAL', "The session's connection does not stream.");
    },
  };
  const refused = async (): Promise<void> => {
    throw new MigrateError('INTERNAL', 'Transactions belong to the session: use session.transaction.');
  };
  return {
    init: async () => undefined,
    acquireConnection: async () => connection,
    releaseConnection: async () => undefined,
    beginTransaction: refused,
    commitTransaction: refused,
    rollbackTransaction: refused,
    destroy: async () => undefined,
  };
}
