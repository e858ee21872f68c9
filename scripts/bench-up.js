// How long `migrate up` takes on an empty database, against sending the same files one by one over one connection.
//   npm run bench:up [-- <folder of migrations>] [--runs 5] [--json]
// Both are run in turn on one embedded server, each on a fresh database; the figure is the median of the ratios. Without
// a folder, a history of 820 small migrations is made up: tables, columns, indexes, foreign keys, enum labels.
import { rm } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { loadModule, parseSync } from 'libpg-query';
import pg from 'pg';
import { readMigrationFiles, startEmbeddedServer, up } from '../dist/js/index.js';
import { makeFolder } from './made-folder.js';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { runs: { type: 'string', default: '5' }, json: { type: 'boolean', default: false } },
});
const runs = Number(values.runs);
const made = positionals.length === 0 ? await makeFolder(820) : null;
const folder = made ?? positionals[0];
const server = await startEmbeddedServer();
try {
  await loadModule();
  const files = await readMigrationFiles(folder);
  const plain = [];
  const ours = [];
  for (let run = 0; run < runs; run += 1) {
    plain.push(await timed(await server.createDatabase(`plain_${run}`), (url) => sendFiles(url, files)));
    ours.push(await timed(await server.createDatabase(`up_${run}`), (url) => runUp(url, files)));
  }
  const result = {
    migrations: files.length,
    runs,
    plainMs: Math.round(median(plain)),
    upMs: Math.round(median(ours)),
    // Of each pair, so that other work on the machine weighs on both.
    ratio: Number(median(ours.map((ms, run) => ms / plain[run])).toFixed(2)),
  };
  if (!values.json) {
    console.log(`${result.migrations} migrations on an empty database, medians of ${runs} runs`);
    console.log(`  the files, one by one over one connection  ${result.plainMs} ms`);
    console.log(`  migrate up                                 ${result.upMs} ms`);
    console.log(`  ratio                                      ${result.ratio}`);
  } else console.log(JSON.stringify(result));
} finally {
  await server.stop();
  if (made !== null) await rm(made, { recursive: true });
}

async function timed(url, work) {
  const started = performance.now();
  await work(url);
  return performance.now() - started;
}

/** What a plain runner does: a file is one query; statement by statement where Postgres demands it. */
async function sendFiles(url, files) {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    for (const { source } of files) {
      const alone = /\bconcurrently\b|\badd\s+value\b/i.test(source);
      for (const text of alone ? statementsOf(source) : [source]) await client.query(text);
    }
  } finally {
    await client.end();
  }
}

/** The parser counts bytes, and leaves out where the first one starts and an unterminated last one ends. */
function statementsOf(source) {
  const bytes = Buffer.from(source);
  return parseSync(source).stmts.map(({ stmt_location: start = 0, stmt_len: length }) =>
    bytes.subarray(start, length === undefined ? undefined : start + length).toString(),
  );
}

async function runUp(url, files) {
  const { error } = await up({ databaseUrl: url, migrations: files });
  if (error !== null) throw error;
}

function median(values) {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
}
