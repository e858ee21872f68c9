/**
 * Names and texts that try to break out of the SQL around them: quotes, dollar quotes, comment marks, line feeds,
 * backslashes, letters of several bytes, 63 bytes. In every position: schema, tables, columns, constraints, indexes,
 * triggers, values, comments, and the migration's own name. All phases run; the end must be that of the plain SQL.
 */
import fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import { diffCatalogs } from '../../src/catalog/diff.ts';
import { backfill, contract, expand, migrationFileOf, readCatalog, rollback, status } from '../../src/index.ts';
import { quoteIdentifier, quoteLiteral } from '../../src/sql/identifier.ts';
import { loadParser } from '../../src/sql/parse.ts';
import { withDatabase, type TestDatabase } from '../support/server.ts';

beforeAll(loadParser);

const breakOut = 'create table public.out()';
const payloads = [
  `";${breakOut};--`,
  `';${breakOut};--`,
  `$$;${breakOut};--`,
  `$onward$;${breakOut};$$`,
  `*/;${breakOut};/*`,
  `\n;${breakOut};\n--`,
  `\\';${breakOut};--`,
  `%I %s $1 :x \${y}`,
  'naïve 名前 🐘',
  ' select ',
];

const name = fc
  .tuple(fc.constantFrom(...payloads), fc.stringMatching(/^[a-z"'$]{2,40}$/))
  .map(([payload, rest]) => cutTo63Bytes(payload + rest));

/** As the server would, never inside a letter. */
function cutTo63Bytes(text: string): string {
  let cut = '';
  for (const letter of text) {
    if (Buffer.byteLength(cut + letter) > 63) break;
    cut += letter;
  }
  return cut;
}

const roles = [
  'schema',
  'table',
  'parent',
  'key',
  'age',
  'mail',
  'old',
  'new',
  'of',
  'check',
  'foreign',
  'index',
  'partial',
  'trigger',
  'routine',
  'value',
] as const;
type Names = Readonly<Record<(typeof roles)[number], string>>;

/** All different, so that each has a place of its own. */
const names: fc.Arbitrary<Names> = fc
  .uniqueArray(name, { minLength: roles.length, maxLength: roles.length })
  .map((drawn) => Object.fromEntries(roles.map((role, index) => [role, drawn[index] ?? ''])) as Names); // as many as roles

function sqlOf(given: Names) {
  const q = (role: keyof Names): string => quoteIdentifier(given[role]);
  const table = `${q('schema')}.${q('table')}`;
  const parent = `${q('schema')}.${q('parent')}`;
  const value = quoteLiteral(given.value);
  return {
    given: `create schema ${q('schema')}; create table ${parent} (${q('key')} int primary key); insert into ${parent} values (1);
      create table ${table} (${q('key')} bigint primary key, ${q('age')} int, ${q('mail')} text, ${q('old')} text default ${value}, ${q('of')} int);
      insert into ${table} select g, g, nullif('m' || g, 'm7'), ${value} || g, 1 from generate_series(1, 30) g;
      create function ${q('schema')}.${q('routine')}() returns trigger language plpgsql as 'begin return new; end';
      create trigger ${q('trigger')} before update on ${table} for each row execute function ${q('schema')}.${q('routine')}();`,
    change: `alter table ${table} alter column ${q('age')} type bigint;
-- migrate:using ${value.includes('\n') ? `'none'` : value}
alter table ${table} alter column ${q('mail')} set not null;
-- migrate:strategy copy
alter table ${table} rename column ${q('old')} to ${q('new')};
alter table ${table} add constraint ${q('check')} check (${q('mail')} <> ${value} || 'x');
alter table ${table} add constraint ${q('foreign')} foreign key (${q('of')}) references ${parent} (${q('key')});
create unique index ${q('index')} on ${table} (${q('mail')});
create index ${q('partial')} on ${table} (${q('of')}) where ${q('mail')} <> ${value};
comment on column ${table}.${q('mail')} is ${value};`,
    filled: `update ${table} set ${q('mail')} = ${value.includes('\n') ? `'none'` : value} where ${q('mail')} is null;`,
    rows: `select to_jsonb(t) as row from ${table} t order by ${q('key')}`,
    table,
  };
}

async function catalogOf(database: TestDatabase) {
  return readCatalog({ databaseUrl: database.url });
}

test('nothing breaks out, and the end is that of the plain SQL', { timeout: 120_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(names, async (given) =>
      withDatabase(async (database) =>
        withDatabase(async (plain) => {
          const sql = sqlOf(given);
          const client = await database.connect();
          const direct = await plain.connect();
          await client.query(sql.given);
          await direct.query(sql.given);
          const before = await catalogOf(database);
          const input = {
            databaseUrl: database.url,
            migrations: [migrationFileOf(Buffer.from(sql.change), `0001_${given.value.replaceAll('/', '')}.sql`)],
            smallTable: null,
          };
          const succeed = ({ error }: { readonly error: Error | null }): void => {
            if (error !== null) throw error;
          };
          succeed(await expand(input));
          succeed(await rollback(input));
          expect(diffCatalogs(before, await catalogOf(database))).toEqual([]);
          succeed(await expand(input));
          succeed(await backfill(input));
          succeed(await contract(input));
          expect((await status(input)).migrations).toMatchObject([{ status: 'done' }]);

          await direct.query(sql.filled);
          await direct.query(sql.change);
          expect(diffCatalogs(await catalogOf(plain), await catalogOf(database))).toEqual([]);
          expect((await client.query(sql.rows)).rows).toEqual((await direct.query(sql.rows)).rows);
          expect((await client.query(`select to_regclass('public.out') as found`)).rows).toEqual([{ found: null }]);
        }),
      ),
    ),
    { numRuns: Number(process.env['ONWARD_HOSTILE_RUNS'] ?? 2), seed: 20, endOnFailure: true },
  );
});
