/**
 * Whether there is a table or a view in a database. Reading a whole schema takes the server some fifty milliseconds, most
 * of them to plan the statement; this takes one.
 */
import type { Session } from '../session.ts';
import { scope } from './scope.ts';

/** Tables and views of people; what an extension brings does not count. */
export async function hasRelations(session: Session, excludeSchemas: readonly string[]): Promise<boolean> {
  const { rows } = await session.query<{ found: boolean }>(
    `with ${scope} select exists (select from rel where relkind <> 'S') as found`,
    [excludeSchemas],
  );
  return rows[0]?.found === true;
}
