/** The databases of a proof: one for the plain SQL, one for the migration. Open while the tests of a file run. */
import { afterAll, beforeAll } from 'vitest';
import { loadParser } from '../../../src/sql/parse.ts';
import { openCaseDatabase, type CaseDatabase } from './case-database.ts';

export type TwoDatabases = { readonly plain: CaseDatabase; readonly migrated: CaseDatabase };

/** To be called at the top of a file; what it gives can be used once the tests have begun. */
export function useTwoDatabases(): TwoDatabases {
  let open: TwoDatabases | null = null;
  const opened = (): TwoDatabases => {
    if (open === null) throw new Error('The databases are open only while tests run.');
    return open;
  };
  beforeAll(async () => {
    await loadParser();
    open = { plain: await openCaseDatabase(), migrated: await openCaseDatabase() };
  });
  afterAll(async () => {
    await open?.plain.drop();
    await open?.migrated.drop();
  });
  return {
    get plain() {
      return opened().plain;
    },
    get migrated() {
      return opened().migrated;
    },
  };
}
