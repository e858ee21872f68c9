/** (a) The backfill against the one UPDATE that it stands for: rows a second, write-ahead log, growth, HOT updates. */
import type { EmbeddedServer } from '../../src/run/embedded-server.ts';
import { aligned, median, rounded, shuffled } from './figures.ts';
import { inDatabase, makeTable, prepareBackfill, runBackfill, shapes, statement, type Shape } from './made-tables.ts';

type Way = 'raw' | 'backfill';

type Run = {
  readonly rowsPerSecond: number;
  readonly walPerRow: number;
  /** Bytes of the table after ÷ before. */
  readonly growth: number;
  readonly hotPercent: number;
};

export type AgainstRaw = {
  readonly shape: Shape;
  readonly rows: number;
  readonly raw: Run;
  readonly backfill: Run;
  /** Backfill ÷ raw. */
  readonly speed: number;
  readonly wal: number;
};

export async function againstRaw(server: EmbeddedServer, rows: number, runs: number): Promise<readonly AgainstRaw[]> {
  const found: AgainstRaw[] = [];
  for (const shape of shapes) {
    const table = await makeTable(server, shape, rows);
    const all: Record<Way, Run[]> = { raw: [], backfill: [] };
    for (let run = 0; run < runs; run += 1) {
      for (const way of shuffled<Way>(['raw', 'backfill'])) all[way].push(await measure(await table.copy(), way, rows));
    }
    await table.drop();
    const [raw, ours] = [medians(all.raw), medians(all.backfill)];
    // Of each pair, so that other work on the machine weighs on both.
    const speed = median(all.backfill.map((run, index) => run.rowsPerSecond / (all.raw[index]?.rowsPerSecond ?? 1)));
    found.push({
      shape,
      rows,
      raw,
      backfill: ours,
      speed: rounded(speed),
      wal: rounded(ours.walPerRow / raw.walPerRow),
    });
  }
  return found;
}

async function measure(url: string, way: Way, rows: number): Promise<Run> {
  if (way === 'backfill') await prepareBackfill(url);
  return inDatabase(url, async (client) => {
    const before = await look(client);
    const startedAt = performance.now();
    if (way === 'raw') await client.query(statement);
    else await runBackfill(url);
    const seconds = (performance.now() - startedAt) / 1_000;
    const after = await look(client);
    const { rows: wrong } = await client.query('select from users where email_lower is distinct from lower(email)');
    if (wrong.length > 0) throw new Error(`${wrong.length} rows are not filled.`);
    return {
      rowsPerSecond: rows / seconds,
      walPerRow: (after.wal - before.wal) / rows,
      growth: after.size / before.size,
      hotPercent: ((after.hot - before.hot) / rows) * 100,
    };
  });
}

type Look = { readonly wal: number; readonly size: number; readonly hot: number };

async function look(client: Parameters<Parameters<typeof inDatabase>[1]>[0]): Promise<Look> {
  await client.query('select pg_stat_force_next_flush()');
  const { rows } = await client.query<Look>(`select (pg_current_wal_insert_lsn() - '0/0')::float8 as wal,
    pg_relation_size('users')::float8 as size, pg_stat_get_tuples_hot_updated('users'::regclass)::float8 as hot`);
  return rows[0] ?? { wal: 0, size: 0, hot: 0 };
}

function medians(runs: readonly Run[]): Run {
  const of = (figure: keyof Run): number => median(runs.map((run) => run[figure]));
  return {
    rowsPerSecond: Math.round(of('rowsPerSecond')),
    walPerRow: Math.round(of('walPerRow')),
    growth: rounded(of('growth')),
    hotPercent: rounded(of('hotPercent'), 1),
  };
}

export function describeAgainstRaw(all: readonly AgainstRaw[]): readonly string[] {
  const line = (what: string, run: Run, speed: string, wal: string): readonly string[] => [
    `  ${what}`,
    String(run.rowsPerSecond),
    speed,
    String(run.walPerRow),
    wal,
    run.growth.toFixed(2),
    run.hotPercent.toFixed(0),
  ];
  return [
    `one UPDATE, and the backfill instead of it (${all[0]?.rows ?? 0} rows)`,
    ...aligned([
      ['', 'rows/s', '× raw', 'WAL/row', '× raw', 'growth', 'HOT %'],
      ...all.flatMap(({ shape, raw, backfill, speed, wal }) => [
        line(`${shape}, raw`, raw, '', ''),
        line(`${shape}, backfill`, backfill, speed.toFixed(2), wal.toFixed(2)),
      ]),
    ]),
  ];
}
