import { expect, test } from 'vitest';
import { knownFunctions } from '../../src/postgres/volatility.ts';
import { withDatabase } from '../support/server.ts';

const order = ['immutable', 'stable', 'volatile'];

test('no function is said to be more constant than any of its overloads on the server', async () => {
  await withDatabase(async (database) => {
    const client = await database.connect();
    const { rows } = await client.query<{ name: string; worst: number }>(
      `select proname as name, max(array_position('{i,s,v}', provolatile)) - 1 as worst
         from pg_proc
        where pronamespace = 'pg_catalog'::regnamespace
          and oid <> 'timezone(text, timetz)'::regprocedure -- volatile in 14: see the comment in volatility.ts
        group by proname`,
    );
    const worst = new Map(rows.map((row) => [row.name, row.worst]));
    const wrong = [...knownFunctions()].filter(([name, kind]) => (worst.get(name) ?? 0) > order.indexOf(kind));
    expect(wrong).toEqual([]);
    expect([...knownFunctions().keys()].filter((name) => worst.has(name)).length).toBeGreaterThan(600);
  });
});

test('no operator, cast or type input of the server is volatile', async () => {
  await withDatabase(async (database) => {
    const client = await database.connect();
    const { rows } = await client.query(
      `select 'operator', o.oprname::text from pg_operator o join pg_proc p on p.oid = o.oprcode where p.provolatile = 'v'
       union all
       select 'cast', p.proname from pg_cast c join pg_proc p on p.oid = c.castfunc where p.provolatile = 'v'
       union all
       select 'type', t.typname from pg_type t join pg_proc p on p.oid in (t.typinput, t.typoutput) where p.provolatile = 'v'`,
    );
    expect(rows).toEqual([]);
  });
});
