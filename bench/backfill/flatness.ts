/** (b) Whether a row costs as much in a large table as in a small one: the time of the batches alone, by rows. */
import type { EmbeddedServer } from '../../src/run/embedded-server.ts';
import { aligned, median, rounded, shuffled } from './figures.ts';
import { makeTable, prepareBackfill, runBackfill } from './made-tables.ts';

export type Flatness = {
  readonly rows: number;
  /** In batches, without what a backfill costs whatever the size. */
  readonly rowsPerSecond: number;
  /** ÷ those of the largest table. */
  readonly ratio: number;
};

export async function flatness(
  server: EmbeddedServer,
  sizes: readonly number[],
  runs: number,
): Promise<readonly Flatness[]> {
  const tables = new Map<number, Awaited<ReturnType<typeof makeTable>>>();
  for (const rows of sizes) tables.set(rows, await makeTable(server, 'narrow', rows));
  const speeds = new Map<number, number[]>(sizes.map((rows) => [rows, []]));
  for (let run = 0; run < runs; run += 1) {
    for (const rows of shuffled(sizes)) {
      const url = await tables.get(rows)?.copy();
      if (url !== undefined) speeds.get(rows)?.push(await speedOf(url));
    }
  }
  for (const table of tables.values()) await table.drop();
  const largest = median(speeds.get(Math.max(...sizes)) ?? []);
  return sizes.map((rows) => {
    const speed = median(speeds.get(rows) ?? []);
    return { rows, rowsPerSecond: Math.round(speed), ratio: rounded(speed / largest) };
  });
}

async function speedOf(url: string): Promise<number> {
  await prepareBackfill(url);
  let rows = 0;
  let ms = 0;
  await runBackfill(url, {
    onEvent: (event) => {
      if (event.kind !== 'backfill_batch') return;
      rows += event.rows;
      ms += event.ms;
    },
  });
  return (rows * 1_000) / ms;
}

export function describeFlatness(all: readonly Flatness[]): readonly string[] {
  return [
    'rows a second in batches, by the size of the table',
    ...aligned([
      ['  rows', 'rows/s', '× the largest'],
      ...all.map(({ rows, rowsPerSecond, ratio }) => [`  ${rows}`, String(rowsPerSecond), ratio.toFixed(2)]),
    ]),
  ];
}
