/**
 * The demo: an online shop's careless migrations run twice beside the same clients, once by the engine and once as plain
 * SQL, and what the clients lived through is put side by side. Nothing in it is told: every number is counted by the
 * clients or read from the two databases.
 */
import pg from 'pg';
import { describeDifference, diffCatalogs } from '../catalog/diff.ts';
import {
  backfill,
  contract,
  expand,
  lint,
  plan,
  readCatalog,
  readMigrationFiles,
  startEmbeddedServer,
  up,
  type MigrationFile,
  type RunEvent,
  type VerbResult,
} from '../index.ts';
import type { Look } from '../report/paint.ts';
import { backfillText } from '../report/event-text.ts';
import { count, cut, duration, wrap } from '../report/wrap.ts';
import { comparisonTable } from './comparison-table.ts';
import { runPlainSql } from './plain-sql.ts';
import {
  countLostRows,
  emptyModel,
  startShopClient,
  type ShopClient,
  type ShopModel,
  type Version,
} from './shop-client.ts';
import { fillShop, type ShopSize } from './shop-data.ts';
import { Measurements } from './measurements.ts';

export type DemoOptions = {
  /** Folder of the shop's migrations, as the package ships it. */
  readonly folder: string;
  readonly size?: ShopSize;
  readonly look: Look;
  /** Shows a line for good. */
  readonly print: (line: string) => void;
  /** Shows a line until the next one; only on a terminal. */
  readonly show: (line: string) => void;
  readonly signal?: AbortSignal;
};

export type RunOutcome = {
  readonly measurements: Measurements;
  readonly lostRows: number;
  /** What was in the way of the plain files, by file. */
  readonly refused: readonly string[];
};

export type DemoOutcome = {
  readonly online: RunOutcome;
  readonly direct: RunOutcome;
  readonly differences: readonly string[];
};

const usualSize: ShopSize = { customers: 150_000, orders: 250_000 };
/** The shop before its careless years. */
const firstMigrations = 3;
const clientsOfEachVersion = 2;
/** How long the clients run before and between: long enough for a few hundred statements of each. */
const calmMs = 1_500;

export async function runDemo(options: DemoOptions): Promise<DemoOutcome> {
  const { print, look, folder } = options;
  const { paint } = look;
  const files = await readMigrationFiles(folder);
  const shop = files.slice(0, firstMigrations);
  const careless = files.slice(firstMigrations);
  print(paint.bold('A shop, its careless migrations, and two versions of its application'));
  print('');
  const server = await startEmbeddedServer({ settings: { max_wal_size: '4GB' } });
  try {
    const onlineUrl = await server.createDatabase('shop');
    const size = options.size ?? usualSize;
    throwIfFailed(await up({ databaseUrl: onlineUrl, migrations: shop }));
    await withClient(onlineUrl, (client) => fillShop(client, size));
    print(`Postgres ${server.version} with ${count(size.customers, 'customer')} and ${count(size.orders, 'order')}.`);
    const directUrl = await copyDatabase(server.url, 'shop', 'shop_direct', onlineUrl);

    await showLint(options, shop, careless);
    const made = await plan({ databaseUrl: onlineUrl, migrations: files, smallTable: null });
    const steps = made.migrations.flatMap((migration) => migration.steps);
    const gates = steps.filter(({ run }) => run.kind === 'gate').length;
    print(
      `migrate plan: ${count(made.migrations.length, 'migration')}, ${count(steps.length, 'step')}, ${gates} of them checks of the data.`,
    );

    const online = await runOnline(options, onlineUrl, files);
    const direct = await runDirectly(options, directUrl, careless);
    const differences = diffCatalogs(
      await readCatalog({ databaseUrl: directUrl }),
      await readCatalog({ databaseUrl: onlineUrl }),
    ).map(describeDifference);
    print('');
    for (const line of comparisonTable({ online, direct, differences }, look)) print(line);
    return { online, direct, differences };
  } finally {
    await server.stop();
  }
}

async function showLint(
  { print }: DemoOptions,
  history: readonly MigrationFile[],
  files: readonly MigrationFile[],
): Promise<void> {
  const asLintFiles = (list: readonly MigrationFile[]) => list.map(({ path, source }) => ({ path, source }));
  const { findings } = await lint({ files: asLintFiles(files), history: asLintFiles(history) });
  const withFindings = new Set(findings.map((finding) => finding.file)).size;
  print(`migrate lint: ${count(findings.length, 'finding')} in ${withFindings} of ${count(files.length, 'file')}.`);
}

async function runOnline(options: DemoOptions, url: string, files: readonly MigrationFile[]): Promise<RunOutcome> {
  const { print, look } = options;
  const traffic = new Traffic(url);
  const onEvent = progress(options, traffic.measurements);
  const database = { databaseUrl: url, onEvent, ...(options.signal === undefined ? {} : { signal: options.signal }) };
  const phase = (name: string, text: string) => {
    traffic.measurements.enter(name);
    print('');
    print(look.paint.bold(text));
  };
  try {
    phase('before', 'Online. The old version is running.');
    await traffic.start('old');
    await calm();
    phase('expand', 'migrate expand');
    throwIfFailed(await expand({ ...database, migrations: files, smallTable: null }));
    print('The new version is deployed; both run.');
    await traffic.start('new');
    phase('backfill', 'migrate backfill');
    throwIfFailed(await backfill(database));
    await calm();
    await traffic.stop('old');
    phase('contract', 'The old version is gone. migrate contract');
    throwIfFailed(await contract(database));
    await calm();
  } finally {
    await traffic.stop('old');
    await traffic.stop('new');
  }
  return { measurements: traffic.measurements, lostRows: await lost(url, traffic.model), refused: [] };
}

async function runDirectly(
  { print, look }: DemoOptions,
  url: string,
  files: readonly MigrationFile[],
): Promise<RunOutcome> {
  const traffic = new Traffic(url);
  const refused: string[] = [];
  try {
    print('');
    print(look.paint.bold('The same files run directly, beside the same clients'));
    traffic.measurements.enter('before');
    await traffic.start('old');
    await calm();
    traffic.measurements.enter('direct');
    const started = performance.now();
    await runPlainSql(url, files, (file, reason) => {
      refused.push(`${file}: ${reason}`);
      for (const line of wrap(
        `${file} fails: ${reason}. Run as add, fill and require in one transaction instead.`,
        look.width,
        '  ',
      ))
        print(line);
    });
    print(`The SQL took ${duration(performance.now() - started)}.`);
    await traffic.start('new');
    await calm();
    await traffic.stop('old');
    await calm();
  } finally {
    await traffic.stop('old');
    await traffic.stop('new');
  }
  for (const [message, times] of traffic.measurements.failures.slice(0, 3))
    print(`  ${cut(`${times} × ${message}`, look.width - 2)}`);
  return { measurements: traffic.measurements, lostRows: await lost(url, traffic.model), refused };
}

/** The clients of both versions on one database, with one model of what they wrote. */
class Traffic {
  readonly measurements = new Measurements();
  readonly model: ShopModel = emptyModel();
  readonly #url: string;
  readonly #clients = new Map<Version, readonly ShopClient[]>();

  constructor(url: string) {
    this.#url = url;
  }

  async start(version: Version): Promise<void> {
    const clients: ShopClient[] = [];
    for (let number = 0; number < clientsOfEachVersion; number += 1) {
      clients.push(await startShopClient(this.#url, version, this.measurements, this.model));
    }
    this.#clients.set(version, clients);
  }

  async stop(version: Version): Promise<void> {
    const clients = this.#clients.get(version) ?? [];
    this.#clients.delete(version);
    await Promise.all(clients.map((client) => client.stop()));
  }
}

/** Finished steps as lines, batches in place. */
function progress({ print, show, look }: DemoOptions, measurements: Measurements): (event: RunEvent) => void {
  return (event) => {
    if (event.kind === 'backfill_progress') show(`  ${backfillText(event)}`);
    if (event.kind !== 'step_finished') return;
    const failed = measurements.of('old').failed + measurements.of('new').failed;
    const took = duration(event.durationMs);
    const tail = `${took}${failed === 0 ? '' : `, ${failed} statements failed`}`;
    print(`  ${look.paint.green('✓')} ${cut(event.title, look.width - tail.length - 6)}  ${look.paint.dim(tail)}`);
  };
}

async function copyDatabase(adminUrl: string, from: string, to: string, url: string): Promise<string> {
  await withClient(adminUrl, (client) => client.query(`CREATE DATABASE ${to} TEMPLATE ${from}`));
  const copied = new URL(url);
  copied.pathname = `/${to}`;
  return copied.href;
}

async function lost(url: string, model: ShopModel): Promise<number> {
  return withClient(url, (client) => countLostRows(client, model, 'handle'));
}

async function withClient<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

function calm(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, calmMs));
}

function throwIfFailed({ error }: VerbResult): void {
  if (error !== null) throw error;
}
