/**
 * The backfill, measured on an embedded server of its own.
 *
 *   npm run bench:backfill [-- --only raw,flat,client,lag,kill] [--rows 300000] [--runs 3]
 *                          [--flat 10000,100000,1000000] [--json]
 *
 *   raw     rows a second, write-ahead log, growth and HOT updates against the one UPDATE that it stands for
 *   flat    rows a second by the size of the table; --flat names the sizes
 *   client  what a client notices that works beside it
 *   lag     from a standby that is too far behind to a pause
 *   kill    from kill -9 to the next batch
 *
 * Every run has a fresh copy of its table; what is compared runs in random order, and a ratio is the median of the ratios
 * of each pair, so that other work on the machine weighs on both. The server writes its log to the disk, and has no
 * autovacuum and no checkpoint meanwhile. The client's table has two million rows whatever --rows says. With --json the
 * last line is one JSON object.
 */
import process from 'node:process';
import { parseArgs } from 'node:util';
import { startEmbeddedServer } from '../src/run/embedded-server.ts';
import { againstRaw, describeAgainstRaw } from './backfill/against-raw.ts';
import { besideClient, describeBesideClient } from './backfill/beside-client.ts';
import { describeFlatness, flatness } from './backfill/flatness.ts';
import { describeKillNine, killNine } from './backfill/kill-nine.ts';
import { describeReplicaLag, replicaLagToPause } from './backfill/replica-lag.ts';

const { values } = parseArgs({
  options: {
    only: { type: 'string', default: 'raw,flat,client,lag,kill' },
    rows: { type: 'string', default: '300000' },
    runs: { type: 'string', default: '3' },
    flat: { type: 'string', default: '10000,100000,1000000' },
    json: { type: 'boolean', default: false },
  },
});
const rows = Number(values.rows);
const runs = Number(values.runs);
const only = values.only.split(',');
const result: Record<string, unknown> = { node: process.version, rows, runs };

const server = await startEmbeddedServer({
  durable: true,
  settings: { autovacuum: 'off', shared_buffers: '512MB', max_wal_size: '32GB', checkpoint_timeout: '1h' },
});
try {
  if (!values.json) print(`Postgres ${server.version}, Node ${process.version}, medians of ${runs} runs`);
  await measure('raw', () => againstRaw(server, rows, runs), describeAgainstRaw);
  await measure('flat', () => flatness(server, values.flat.split(',').map(Number), runs), describeFlatness);
  await measure('client', () => besideClient(server, runs), describeBesideClient);
  await measure('lag', () => replicaLagToPause(runs), describeReplicaLag);
  await measure('kill', () => killNine(server, runs), describeKillNine);
  if (values.json) print(JSON.stringify(result));
} finally {
  await server.stop();
}

async function measure<T>(
  name: string,
  work: () => Promise<T>,
  describe: (found: T) => readonly string[],
): Promise<void> {
  if (!only.includes(name)) return;
  const found = await work();
  result[name] = found;
  if (!values.json) for (const line of ['', ...describe(found)]) print(line);
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
