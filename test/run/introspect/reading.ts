/** What the tests of introspection share: a database with a schema, read, and ways to look at what was read. */
import type pg from 'pg';
import { describeDifference, diffCatalogs, fingerprint } from '../../../src/catalog/diff.ts';
import { tableNamed } from '../../../src/catalog/lookup.ts';
import { objectKey } from '../../../src/catalog/model.ts';
import type { Catalog, Table, View } from '../../../src/catalog/model.ts';
import { introspect } from '../../../src/run/introspect.ts';
import { serverVersion, withDatabase } from '../../support/server.ts';
import { richSchema } from './rich-schema.ts';

export const version = serverVersion();

export async function withRichSchema<T>(work: (client: pg.Client, catalog: Catalog) => Promise<T>): Promise<T> {
  return withDatabase(async (database) => {
    const client = await database.connect();
    await client.query(richSchema(version));
    return work(client, await introspect(client));
  });
}

export async function withSchema<T>(
  sql: string,
  work: (catalog: Catalog, client: pg.Client) => Promise<T>,
): Promise<T> {
  return withDatabase(async (database) => {
    const client = await database.connect();
    await client.query(sql);
    return work(await introspect(client), client);
  });
}

export function tableOf(catalog: Catalog, name: string, schema = 'shop'): Table {
  const table = tableNamed(catalog, { schema, name });
  if (table === null) throw new Error(`There is no table ${schema}.${name}.`);
  return table;
}

export function viewOf(catalog: Catalog, name: string): View {
  const view = catalog.views.get(objectKey({ schema: 'shop', name }));
  if (view === undefined) throw new Error(`There is no view ${name}.`);
  return view;
}

export function named<T extends { readonly name: string }>(items: readonly T[], name: string): T {
  const item = items.find((candidate) => candidate.name === name);
  if (item === undefined) throw new Error(`There is no ${name} among ${items.map((i) => i.name).join(', ')}.`);
  return item;
}

/** Empty when the two are the same schema. */
export function differences(expected: Catalog, actual: Catalog): readonly string[] {
  const found = diffCatalogs(expected, actual).map(describeDifference);
  const sameFingerprint = fingerprint(expected) === fingerprint(actual);
  return sameFingerprint === (found.length === 0) ? found : [...found, 'the fingerprints say otherwise'];
}
