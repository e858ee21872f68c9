/**
 * The shop of the demo as its first migrations leave it, filled with rows. Loaded once; the database of the second run
 * is a copy of it, so that both runs start from the same pages.
 */
import type pg from 'pg';

export type ShopSize = { readonly customers: number; readonly orders: number };

export async function fillShop(client: pg.Client, { customers, orders }: ShopSize): Promise<void> {
  await client.query(
    `INSERT INTO customers (email, username, legacy_code)
     SELECT CASE WHEN n % 3 = 0 THEN 'Person' ELSE 'person' END || n || '@example.com', 'user' || n, 'L' || n
     FROM generate_series(1, $1::int) AS n`,
    [customers],
  );
  await client.query(
    `INSERT INTO orders (customer_id, product_id, status, quantity, total_cents, note)
     SELECT 1 + n % $2::int, 1 + n % 3, 'paid', 1 + n % 4, 100 + n % 9000, 'order ' || n
     FROM generate_series(1, $1::int) AS n`,
    [orders, customers],
  );
  await client.query('ANALYZE');
  await client.query('CHECKPOINT');
}
