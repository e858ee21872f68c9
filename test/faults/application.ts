/**
 * A live application beside a run: clients that add 1 to `app` of random rows, one row or two in a transaction, and
 * connect again when their connection is lost. At the end, each addition that was acknowledged must be there, and none
 * that was not sent.
 */
import { expect } from 'vitest';
import pg from 'pg';
import { isConnectionLost, sqlstateOf } from '../../src/postgres/sqlstate.ts';

export type Application = {
  /** SQLSTATEs of statements that failed with the connection intact: none is allowed. */
  readonly errors: readonly string[];
  /** Until the application has done so much more. */
  works(transactions: number): Promise<void>;
  /** Stops its clients, and looks whether every acknowledged addition is in the table. */
  stop(): Promise<void>;
};

export type Writing = {
  readonly url: string;
  readonly table: string;
  readonly rows: number;
  readonly clients?: number;
  readonly pauseMs?: number;
  /** SQLSTATEs that its statements may fail with: it tries others. */
  readonly mayFailWith?: readonly string[];
};

export function startApplication({
  url,
  table,
  rows,
  clients = 3,
  pauseMs = 3,
  mayFailWith = [],
}: Writing): Application {
  const errors: string[] = [];
  const sums = { acknowledged: 0, unknown: 0, transactions: 0 };
  let isStopping = false;

  /** A pair goes against the order in which the engine takes rows; only one client does so, and can meet nobody else. */
  async function write(client: pg.Client, isPair: boolean): Promise<void> {
    const low = 1 + Math.floor(Math.random() * (rows - 1));
    const high = Math.min(rows, low + 1 + Math.floor(Math.random() * 30));
    const ids = isPair ? [high, low] : [low];
    let isSent = false;
    try {
      if (isPair) await client.query('begin');
      for (const id of ids) {
        isSent = !isPair;
        await client.query(`update ${table} set app = app + 1 where id = $1`, [id]);
      }
      if (isPair) {
        isSent = true;
        await client.query('commit');
      }
    } catch (error) {
      if (isSent && isLost(error)) sums.unknown += ids.length;
      throw error;
    }
    sums.acknowledged += ids.length;
    sums.transactions += 1;
  }

  async function live(isPair: boolean): Promise<void> {
    while (!isStopping) {
      const client = new pg.Client({ connectionString: url, application_name: 'application' });
      client.on('error', () => undefined); // the next statement fails
      try {
        await client.connect();
        while (!isStopping) {
          await write(client, isPair);
          await pause(pauseMs);
        }
      } catch (error) {
        if (!isLost(error) && !mayFailWith.includes(sqlstateOf(error) ?? ''))
          errors.push(`${sqlstateOf(error) ?? ''} ${String(error)}`);
        await pause(20);
      } finally {
        await client.end().catch(() => undefined);
      }
    }
  }

  const lives = Array.from({ length: clients }, (_, index) => live(index === 0));
  return {
    errors,
    async works(transactions) {
      const until = sums.transactions + transactions;
      while (sums.transactions < until) await pause(10);
    },
    async stop() {
      isStopping = true;
      await Promise.all(lives);
      expect(errors).toEqual([]);
      const client = new pg.Client({ connectionString: url });
      await client.connect();
      try {
        const { rows: found } = await client.query<{ app: number }>(`select sum(app)::int as app from ${table}`);
        expect(found[0]?.app).toBeGreaterThanOrEqual(sums.acknowledged);
        expect(found[0]?.app).toBeLessThanOrEqual(sums.acknowledged + sums.unknown);
      } finally {
        await client.end();
      }
    },
  };
}

/** Also while the server starts, or when the socket broke, which has no SQLSTATE. */
function isLost(error: unknown): boolean {
  const code = sqlstateOf(error);
  return code === null || isConnectionLost(code);
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}
