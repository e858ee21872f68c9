/**
 * A client of the application, for as long as its process lives: transactions of one UPDATE and one SELECT of random rows,
 * so many a second whatever the server does, over so many connections. Of each it notes when it was due and how long it
 * took from then on, so that a wait is also counted for those that queue behind it. One argument, JSON; at SIGTERM it
 * writes its notes.
 */
import process from 'node:process';
import pg from 'pg';

type Task = { readonly url: string; readonly rows: number; readonly connections: number; readonly perSecond: number };

const { url, rows, connections, perSecond }: Task = JSON.parse(process.argv[2] ?? '');
const notes: [number, number][] = [];
let isOver = false;
process.once('SIGTERM', () => (isOver = true));

async function transactions(): Promise<void> {
  const client = new pg.Client({ connectionString: url, application_name: 'application' });
  await client.connect();
  const everyMs = (1_000 * connections) / perSecond;
  for (let due = Date.now() + Math.random() * everyMs; !isOver; due += everyMs) {
    const early = due - Date.now();
    if (early > 0) await new Promise((resolve) => setTimeout(resolve, early));
    await client.query('begin');
    await client.query('update users set email = email where id = $1', [1 + Math.floor(Math.random() * rows)]);
    await client.query('select email from users where id = $1', [1 + Math.floor(Math.random() * rows)]);
    await client.query('commit');
    notes.push([due, Date.now() - due]);
  }
  await client.end();
}

await Promise.all(Array.from({ length: connections }, transactions));
process.stdout.write(JSON.stringify(notes));
