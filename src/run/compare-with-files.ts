/**
 * A live schema against what the files make: they are really run, on a stand-in, and both schemas are read by the server.
 * So the comparison is exact: no spelling of ours is compared with one of the server's. The live database is only read.
 *
 * Not compared: who owns what and who may what, which differ between any two servers; our own ledger; and what other
 * migration tools keep for themselves.
 */
import { diffCatalogs, type Difference } from '../catalog/diff.ts';
import { MigrateError } from '../errors.ts';
import type { MigrationFile } from '../plan/migration-file.ts';
import { toolSchemas, toolTables } from './import/history-tools.ts';
import { introspect } from './introspect.ts';
import { defaultLedgerSchema } from './ledger/tables.ts';
import { reading, type DatabaseOptions } from './reading.ts';
import { withRunner, type RunnerOptions } from './runner.ts';
import { applyEverything } from './up.ts';

export type CompareOptions = {
  readonly live: DatabaseOptions;
  /** An empty database, best of the same major version, on which the files are run. */
  readonly standInUrl: string;
  readonly signal?: RunnerOptions['signal'];
};

/** `expected` is what the files make, `actual` what the live database has. */
export async function compareWithFiles(
  files: readonly MigrationFile[],
  { live, standInUrl, signal }: CompareOptions,
): Promise<readonly Difference[]> {
  await refuseUsed(standInUrl);
  const { error } = await withRunner({ url: standInUrl, ...(signal === undefined ? {} : { signal }) }, (runner) =>
    applyEverything(runner, { files, smallTable: null }),
  );
  if (error !== null) throw error;
  const expected = await reading({ databaseUrl: standInUrl }, (session) =>
    introspect(session, { excludeSchemas: [defaultLedgerSchema] }),
  );
  const actual = await reading(live, (session, schema) => introspect(session, { excludeSchemas: [schema] }));
  return diffCatalogs(expected, actual, { except: isNobodysSchema });
}

async function refuseUsed(standInUrl: string): Promise<void> {
  const [first] = await reading({ databaseUrl: standInUrl }, async (session) => {
    const catalog = await introspect(session, { excludeSchemas: [] });
    return [...catalog.tables.values()];
  });
  if (first === undefined) return;
  throw new MigrateError('BAD_USAGE', `The stand-in is not empty: it has a table ${first.schema}.${first.name}.`, {
    hint: 'All files are run on it from the first one on, so it must be an empty database. Without a flag, an embedded server is started for it.',
  });
}

const tools = new RegExp(
  `^(?:schema (?:${toolSchemas.join('|')})\\b|\\S+ (?:${toolSchemas.join('|')})\\.|(?:table|sequence) \\S+\\.(?:${toolTables.join('|')})(?:_\\w+_seq)?\\b)`,
);

function isNobodysSchema({ path }: Difference): boolean {
  return (
    / (?:owner|grants)$/.test(path) ||
    path === 'schema public comment' ||
    path.startsWith('extension plpgsql') ||
    tools.test(path)
  );
}
