/** (c) What an application notices: its transactions alone, beside the backfill, and beside the one UPDATE instead. */
import { spawn } from 'node:child_process';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import type { EmbeddedServer } from '../../src/run/embedded-server.ts';
import { sqlstate, sqlstateOf } from '../../src/postgres/sqlstate.ts';
import { isInterruption } from '../../src/run/interruption.ts';
import { aligned, median, quantile, rounded, shuffled } from './figures.ts';
import { inDatabase, makeTable, prepareBackfill, runBackfill, statement } from './made-tables.ts';

const ways = ['backfill', 'raw'] as const;
type Way = (typeof ways)[number];

const connections = 4;
const perSecond = 200; // a load that leaves the server room: what is measured is waiting, not a full machine
const aloneMs = 5_000;
const besideMs = 8_000; // then what is beside it is ended, unless it is done already
const rows = 2_000_000; // the rows of a batch are locked as long as it lasts: in a small table, a large share of them
const warmUpMs = 1_000;

type Felt = { readonly p50: number; readonly p99: number; readonly worst: number; readonly perSecond: number };

export type BesideClient = Readonly<Record<'alone' | Way, Felt>> & {
  readonly rows: number;
  /** p99 ÷ that alone. */
  readonly p99Ratio: Readonly<Record<Way, number>>;
};

export async function besideClient(server: EmbeddedServer, runs: number): Promise<BesideClient> {
  const table = await makeTable(server, 'narrow', rows);
  const felt: Record<'alone' | Way, Felt[]> = { alone: [], backfill: [], raw: [] };
  const ratios: Record<Way, number[]> = { backfill: [], raw: [] };
  for (let run = 0; run < runs; run += 1) {
    for (const way of shuffled(ways)) {
      const url = await table.copy();
      const { alone, beside } = await measure(url, way);
      felt.alone.push(alone);
      felt[way].push(beside);
      ratios[way].push(beside.p99 / alone.p99);
    }
  }
  await table.drop();
  const p99Ratio = { backfill: rounded(median(ratios.backfill)), raw: rounded(median(ratios.raw)) };
  return { rows, alone: medians(felt.alone), backfill: medians(felt.backfill), raw: medians(felt.raw), p99Ratio };
}

async function measure(url: string, way: Way): Promise<{ readonly alone: Felt; readonly beside: Felt }> {
  await prepareBackfill(url);
  const client = startClient(url);
  await pause(warmUpMs);
  const began = Date.now();
  await pause(aloneMs);
  const from = Date.now();
  await (way === 'backfill' ? backfillFor(besideMs, url) : statementFor(besideMs, url));
  const until = Date.now();
  const notes = await client.stop();
  return { alone: feltIn(notes, began, from), beside: feltIn(notes, from, until) };
}

async function backfillFor(ms: number, url: string): Promise<void> {
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort('SIGTERM'), ms);
  try {
    await runBackfill(url, { signal: stop.signal });
  } catch (error) {
    if (!isInterruption(error)) throw error;
  } finally {
    clearTimeout(timer);
  }
}

async function statementFor(ms: number, url: string): Promise<void> {
  await inDatabase(url, async (client) => {
    await client.query(`set statement_timeout = ${ms}`);
    await client.query(statement).catch((error: unknown) => {
      if (sqlstateOf(error) !== sqlstate.queryCanceled) throw error;
    });
  });
}

type Note = readonly [due: number, ms: number];

function startClient(url: string): { stop(): Promise<readonly Note[]> } {
  const file = fileURLToPath(new URL('client-process.js', import.meta.url));
  const task = JSON.stringify({ url, rows, connections, perSecond });
  const child = spawn(process.execPath, [file, task], { stdio: ['ignore', 'pipe', 'inherit'] });
  let told = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (told += text));
  const ended = new Promise<void>((resolve, reject) => {
    child.once('close', (code) => (code === 0 ? resolve() : reject(new Error(`The client ended with ${code}.`))));
  });
  return {
    async stop() {
      child.kill('SIGTERM');
      await ended;
      const notes: readonly Note[] = JSON.parse(told);
      return notes;
    },
  };
}

function feltIn(notes: readonly Note[], from: number, until: number): Felt {
  const ms = notes.filter(([due]) => due >= from && due < until).map(([, took]) => took);
  const done = notes.filter(([due, took]) => due + took >= from && due + took < until).length;
  return {
    p50: quantile(ms, 0.5),
    p99: quantile(ms, 0.99),
    worst: quantile(ms, 1),
    perSecond: (done * 1_000) / (until - from),
  };
}

function medians(all: readonly Felt[]): Felt {
  const of = (figure: keyof Felt): number => rounded(median(all.map((felt) => felt[figure])), 1);
  return { p50: of('p50'), p99: of('p99'), worst: of('worst'), perSecond: of('perSecond') };
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

export function describeBesideClient(found: BesideClient): readonly string[] {
  const line = (what: string, { p50, p99, worst, perSecond: done }: Felt, ratio: number | null): readonly string[] => [
    `  ${what}`,
    done.toFixed(0),
    p50.toFixed(0),
    p99.toFixed(0),
    ratio === null ? '' : ratio.toFixed(2),
    worst.toFixed(0),
  ];
  return [
    `a client of ${perSecond} transactions a second over ${connections} connections (${found.rows} rows)`,
    ...aligned([
      ['', 'done/s', 'p50 ms', 'p99 ms', '× alone', 'worst ms'],
      line('alone', found.alone, null),
      line('beside the backfill', found.backfill, found.p99Ratio.backfill),
      line('beside one UPDATE', found.raw, found.p99Ratio.raw),
    ]),
  ];
}
