/** Extensions of which the catalog need not know: they bring nothing that a block of code could ask for by name. */
import { expect, test } from 'vitest';
import { bareExtensions } from '../../src/operations/pieces/guard.ts';
import { createTestDatabase } from '../support/server.ts';

test('they bring neither relations nor types nor constraints', async () => {
  const database = await createTestDatabase();
  const client = await database.connect('extensions');
  try {
    for (const name of bareExtensions) await client.query(`create extension if not exists "${name}"`);
    const { rows } = await client.query(
      `select e.extname, d.classid::regclass::text as kind, d.objid
         from pg_extension e join pg_depend d on d.refclassid = 'pg_extension'::regclass and d.refobjid = e.oid and d.deptype = 'e'
        where d.classid in ('pg_class'::regclass, 'pg_type'::regclass, 'pg_constraint'::regclass, 'pg_trigger'::regclass)`,
    );
    expect(rows).toEqual([]);
  } finally {
    await client.end();
    await database.drop();
  }
});
