/** Every aggregate and every set-returning function that volatility.ts knows is known as such. */
import { expect, test } from 'vitest';
import { isAggregate, isSetReturning } from '../../src/postgres/function-kinds.ts';
import { knownFunctions } from '../../src/postgres/volatility.ts';
import { withDatabase } from '../support/server.ts';

test('aggregates and set-returning functions are those of the server', async () => {
  await withDatabase(async (database) => {
    const client = await database.connect();
    const { rows } = await client.query<{ name: string; aggregate: boolean; set: boolean }>(
      `select proname as name, bool_or(prokind = 'a') as aggregate, bool_or(proretset) as set
         from pg_proc where pronamespace = 'pg_catalog'::regnamespace and prokind in ('f', 'a')
        group by proname having bool_or(prokind = 'a') or bool_or(proretset)`,
    );
    const known = rows.filter(({ name }) => knownFunctions().has(name) && !/^(?:pg|ts)_/.test(name));
    expect(known.filter(({ name, aggregate }) => aggregate !== isAggregate(name)).map(({ name }) => name)).toEqual([]);
    expect(known.filter(({ name, set }) => set && !isSetReturning(name)).map(({ name }) => name)).toEqual([]);
  });
});
