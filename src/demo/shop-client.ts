/**
 * A copy of the shop's application: it reads and writes all the time over one connection, and remembers outside the
 * database what it wrote. The old version knows the schema before the migrations, the new version the one after them;
 * both write only columns that they know.
 *
 * Every statement counts: how long it took, and whether it failed. A row that the database shows differently from what
 * was last written to it is lost data.
 */
import pg from 'pg';
import type { Measurements } from './measurements.ts';

export type Version = 'old' | 'new';

/** What one version writes, and under which names. */
const statements = {
  old: {
    addCustomer: 'INSERT INTO customers (email, username, legacy_code) VALUES ($1, $2, $3) RETURNING id',
    renameCustomer: 'UPDATE customers SET username = $2 WHERE id = $1',
    readCustomer: 'SELECT email, username AS name FROM customers WHERE id = $1',
    addOrder:
      'INSERT INTO orders (customer_id, product_id, quantity, total_cents, note) VALUES ($1, $2, 1, $3, $4) RETURNING id',
    changeOrder: 'UPDATE orders SET total_cents = $2, note = $3 WHERE id = $1',
    readOrder: 'SELECT total_cents, note FROM orders WHERE id = $1',
  },
  new: {
    addCustomer: `INSERT INTO customers (email, handle, phone, country) VALUES ($1, $2, $3, 'DE') RETURNING id`,
    renameCustomer: 'UPDATE customers SET handle = $2 WHERE id = $1',
    readCustomer: 'SELECT email, handle AS name FROM customers WHERE id = $1',
    addOrder: `INSERT INTO orders (customer_id, product_id, quantity, total_cents, note, currency) VALUES ($1, $2, 1, $3, $4, 'EUR') RETURNING id`,
    changeOrder: 'UPDATE orders SET total_cents = $2, note = $3 WHERE id = $1',
    readOrder: 'SELECT total_cents, note FROM orders WHERE id = $1',
  },
} as const;

type Customer = { readonly email: string; readonly name: string };
type Order = { readonly total: number; readonly note: string };

/** What the application wrote last, by key: the model that the database is compared with. */
export type ShopModel = { readonly customers: Map<string, Customer>; readonly orders: Map<string, Order> };

export function emptyModel(): ShopModel {
  return { customers: new Map(), orders: new Map() };
}

export type ShopClient = {
  /** Finishes the statement it is at and disconnects. */
  stop(): Promise<void>;
};

/** Pause between two statements: about 500 statements a second and client, so that two cores have room for the rest. */
const pauseMs = 2;

export async function startShopClient(
  url: string,
  version: Version,
  measurements: Measurements,
  model: ShopModel,
): Promise<ShopClient> {
  const client = new pg.Client({ connectionString: url, application_name: `shop ${version}` });
  // Ends with the server, which the demo stops itself.
  client.on('error', () => undefined);
  await client.connect();
  const customers: string[] = [];
  const orders: string[] = [];
  let running = true;
  let turn = 0;

  const ask = async (text: string, values: readonly unknown[]): Promise<readonly Record<string, unknown>[] | null> => {
    const started = performance.now();
    try {
      const { rows } = await client.query<Record<string, unknown>>(text, [...values]);
      measurements.record(version, performance.now() - started, null);
      return rows;
    } catch (error) {
      measurements.record(version, performance.now() - started, error instanceof Error ? error.message : String(error));
      return null;
    }
  };
  const any = (keys: readonly string[]): string | undefined => keys[Math.floor(Math.random() * keys.length)];
  const sql = statements[version];

  const work = async (): Promise<void> => {
    turn += 1;
    const order = any(orders);
    const customer = any(customers);
    switch (turn % 6) {
      case 0: {
        const written = { email: `${version}-${turn}-${Math.random()}@example.com`, name: `${version}${turn}` };
        const rows = await ask(sql.addCustomer, [written.email, written.name, `${version}${turn}`]);
        const id = keyOf(rows);
        if (id === null) return;
        model.customers.set(id, written);
        customers.push(id);
        return;
      }
      case 1: {
        const written = { total: 100 + turn, note: `${version} order ${turn}` };
        const rows = await ask(sql.addOrder, [customer ?? '1', 1 + (turn % 3), written.total, written.note]);
        const id = keyOf(rows);
        if (id === null) return;
        model.orders.set(id, written);
        orders.push(id);
        return;
      }
      case 2: {
        const known = customer === undefined ? undefined : model.customers.get(customer);
        if (customer === undefined || known === undefined) return;
        const name = `${version}${turn}x`;
        if ((await ask(sql.renameCustomer, [customer, name])) !== null)
          model.customers.set(customer, { ...known, name });
        return;
      }
      case 3: {
        if (order === undefined) return;
        const written = { total: 200 + turn, note: `changed ${turn}` };
        if ((await ask(sql.changeOrder, [order, written.total, written.note])) !== null)
          model.orders.set(order, written);
        return;
      }
      case 4:
        if (customer !== undefined) await ask(sql.readCustomer, [customer]);
        return;
      default:
        await ask(sql.readOrder, [order ?? String(1 + Math.floor(Math.random() * 1000))]);
    }
  };

  const loop = (async () => {
    while (running) {
      await work();
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
    await client.end();
  })();
  return {
    async stop() {
      running = false;
      await loop;
    },
  };
}

function keyOf(rows: readonly Record<string, unknown>[] | null): string | null {
  const id = rows?.[0]?.['id'];
  return typeof id === 'string' ? id : null; // pg gives bigint as text
}

/** Rows of the model that the database does not show as they were written. `name` is what the column is called by now. */
export async function countLostRows(
  client: pg.Client,
  model: ShopModel,
  nameColumn: 'username' | 'handle',
): Promise<number> {
  const customers = await client.query<{ id: string; email: string; name: string }>(
    `SELECT id::text, email, ${nameColumn} AS name FROM customers WHERE id = ANY ($1::bigint[])`,
    [[...model.customers.keys()]],
  );
  const orders = await client.query<{ id: string; total: string; note: string }>(
    'SELECT id::text, total_cents::text AS total, note FROM orders WHERE id = ANY ($1::bigint[])',
    [[...model.orders.keys()]],
  );
  const foundCustomers = new Map(customers.rows.map((row) => [row.id, row]));
  const foundOrders = new Map(orders.rows.map((row) => [row.id, row]));
  const lostCustomers = [...model.customers].filter(([id, { email, name }]) => {
    const row = foundCustomers.get(id);
    return row === undefined || row.email !== email || row.name !== name;
  });
  const lostOrders = [...model.orders].filter(([id, { total, note }]) => {
    const row = foundOrders.get(id);
    return row === undefined || row.total !== String(total) || row.note !== note;
  });
  return lostCustomers.length + lostOrders.length;
}
