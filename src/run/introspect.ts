/**
 * Reads the schema of a live database into a catalog, exactly: every name, definition, privilege and comment.
 *
 * Guarantee: the schema is read by one statement, so it is one snapshot of the catalogs, inside the caller's transaction
 * or without one; the session is afterwards as it was; nothing is written, and an ordinary role is enough. Expressions
 * are the server's own spelling with every name qualified, so that the same schema reads the same in every session.
 *
 * Like any SELECT it takes ACCESS SHARE, on the tables that views read and for a moment on others (spelling an
 * expression opens its table), and gives it back at once, also inside a transaction: half a second for 1,000 tables. So it
 * waits where another session holds ACCESS EXCLUSIVE; the caller's lock_timeout bounds that.
 *
 * The server spells definitions from the catalogs as they are at that moment, not as they were when the statement began.
 * So an object that somebody drops meanwhile makes it fail, or leaves a definition empty: then all is read again. An
 * object that is altered in those milliseconds can come with its old name and its new definition; whoever depends on a
 * quiet schema reads it again under his locks and compares the fingerprints.
 */

import { functionKey, objectKey } from '../catalog/model.ts';
import type { Catalog } from '../catalog/model.ts';
import { MigrateError } from '../errors.ts';
import { majorVersion } from '../postgres/version.ts';
import { functionFrom } from './introspect/functions.ts';
import { publicationFrom, schemaFrom } from './introspect/database-wide.ts';
import { typeFrom } from './introspect/data-types.ts';
import { hasVanished, readSchema } from './introspect/read-schema.ts';
import type { SchemaRows } from './introspect/read-schema.ts';
import { inReadingSession, isRaceWithOtherDdl } from './introspect/reading-session.ts';
import type { QueryClient } from './introspect/reading-session.ts';
import { relationsFrom } from './introspect/relations.ts';
import { sequenceFrom } from './introspect/sequences.ts';
import { usesFrom } from './introspect/uses.ts';

export type { QueryClient } from './introspect/reading-session.ts';

export type IntrospectOptions = {
  /** Schemas to leave out beside the system's; by default our own ledger's. */
  readonly excludeSchemas?: readonly string[];
  /** By default that of the session. */
  readonly searchPath?: readonly string[];
};

const ledgerSchema = 'onward';

// Each try is a fresh snapshot. Only a database in which somebody drops tables all the time needs more than two.
const maxTries = 20;

/**
 * @example
 * ```ts
 * const client = new pg.Client({ connectionString });
 * await client.connect();
 * const catalog = await introspect(client);
 * console.log(catalog.tables.size);
 * ```
 */
export async function introspect(client: QueryClient, options: IntrospectOptions = {}): Promise<Catalog> {
  const { excludeSchemas = [ledgerSchema] } = options;
  const session = await readSession(client);
  const searchPath = options.searchPath ?? session.searchPath;
  for (let tries = 1; ; tries += 1) {
    try {
      const rows = await inReadingSession(client, () => readSchema(client, session.version, excludeSchemas));
      if (!hasVanished(rows)) return catalogFrom(session.version, searchPath, rows);
      if (tries >= maxTries) throw restless();
    } catch (error) {
      if (!isRaceWithOtherDdl(error)) throw error;
      if (tries >= maxTries) throw restless(error);
    }
  }
}

function restless(cause?: unknown): MigrateError {
  return new MigrateError('SCHEMA_DRIFT', `The schema changed each of the ${maxTries} times that it was read.`, {
    hint: 'Something creates and drops objects in this database all the time: stop it, or exclude its schema.',
    ...(cause === undefined ? {} : { cause }),
  });
}

async function readSession(client: QueryClient): Promise<{ version: number; searchPath: readonly string[] }> {
  const { rows } = await client.query(
    `select current_setting('server_version_num')::int as version, to_json(current_schemas(false))::text as path`,
  );
  // The columns and types are those of the statement above.
  const [row] = rows as readonly { readonly version: number; readonly path: string }[];
  if (row === undefined) throw new MigrateError('INTERNAL', 'The server did not say its version.');
  const path = JSON.parse(row.path) as readonly string[]; // an array of names
  return { version: majorVersion(row.version), searchPath: path.filter((schema) => !schema.startsWith('pg_')) };
}

function catalogFrom(version: number, searchPath: readonly string[], rows: SchemaRows): Catalog {
  const uses = usesFrom(rows.uses);
  return {
    version,
    searchPath,
    schemas: new Map(byName(rows.schemas.map(schemaFrom), (schema) => schema.name)),
    ...relationsFrom(rows, uses),
    sequences: new Map(byName(rows.sequences.map(sequenceFrom), objectKey)),
    types: new Map(byName(rows.types.map(typeFrom), objectKey)),
    functions: new Map(
      byName(
        rows.functions.map((row) => functionFrom(row, uses.of(row.id))),
        (f) => functionKey(f, f.argumentTypes),
      ),
    ),
    extensions: new Map(byName(rows.extensions, (extension) => extension.name)),
    publications: new Map(byName(rows.publications.map(publicationFrom), (publication) => publication.name)),
    uncertain: [],
  };
}

/** Entries in the order of their keys, so that what is made from a catalog comes in the same order each time. */
function byName<T>(items: readonly T[], keyOf: (item: T) => string): readonly (readonly [string, T])[] {
  return items.map((item) => [keyOf(item), item] as const).toSorted(([a], [b]) => (a < b ? -1 : 1));
}
