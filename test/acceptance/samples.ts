/**
 * The rows that the acceptance run puts into the tables, and their removal where a migration forbids them: first from the
 * tables that the error names, then from all that hold rows of ours, and only then from every table, because rows that an
 * earlier migration put there may be needed later.
 */
import pg from 'pg';
import { objectKey, type Catalog, type ObjectKey, type Table } from '../../src/catalog/model.ts';
import { putSampleRows } from './sample-rows.ts';

/** For the person who runs it. */
export type Say = (line: string) => void;

/** An error of ours, or the server's with itself as the cause. */
type Failure = { readonly message: string; readonly cause?: unknown };

export class Samples {
  readonly #client: pg.Client;
  readonly #filled = new Set<ObjectKey>();
  readonly #say: Say;

  constructor(client: pg.Client, say: Say) {
    this.#client = client;
    this.#say = say;
  }

  async put(catalog: Catalog): Promise<void> {
    for (const table of await putSampleRows(this.#client, catalog)) this.#filled.add(table);
  }

  /** Removes more with each call for the same migration. */
  async empty(migration: string, error: Failure, catalog: Catalog): Promise<void> {
    const all = [...catalog.tables.values()];
    const ours = all.filter((table) => this.#filled.has(objectKey(table)));
    const named = ours.filter((table) => isNamedBy(error, table));
    const tables = [named, ours].find((some) => some.length > 0) ?? all;
    for (const table of tables) await this.#truncate(table);
    const what = tables === all ? 'all tables' : tables.map(({ name }) => name).join(', ');
    this.#say(`${migration}: emptied ${what} (${error.message.split('\n')[0] ?? ''})`);
  }

  async #truncate({ schema, name }: Table): Promise<void> {
    await this.#client.query(`TRUNCATE ${pg.escapeIdentifier(schema)}.${pg.escapeIdentifier(name)} CASCADE`);
    this.#filled.delete(objectKey({ schema, name }));
  }
}

/** Whether it is a table that the server or a step of ours complains about. */
function isNamedBy({ message, cause }: Failure, { name }: Table): boolean {
  if (cause instanceof pg.DatabaseError && cause.table !== undefined) return cause.table === name;
  return message.split(/[^\w$]+/).includes(name);
}
