import { beforeAll, expect, test } from 'vitest';
import { emitType } from '../../src/sql/emit.ts';
import { loadParser, parseStatements } from '../../src/sql/parse.ts';
import { parseTypeText, typeText } from '../../src/sql/type-name.ts';
import { withDatabase } from '../support/server.ts';

beforeAll(loadParser);

const written = `
  int; int4; integer; int2; smallint; int8; bigint; pg_catalog.int4; oid; money; bool; boolean; real; float4;
  float8; float; float(24); float(53); double precision; numeric; decimal; dec(5); numeric(10); numeric(10,2);
  numeric(10,0); decimal(12, 4); text; varchar; varchar(20); character varying(20); char; char(3);
  character(3); nchar(3); bpchar; "char"; pg_catalog."char"; name; bit; bit(3); bit varying; bit varying(5);
  varbit(5); bytea; uuid; date; time; time(3); timetz; time(3) with time zone; time without time zone;
  timestamp; timestamp(3); timestamptz; timestamptz(6); timestamp(0) with time zone; interval; interval(3);
  interval year; interval day to second(3); interval year to month; interval hour to minute; json; jsonb;
  jsonpath; xml; inet; cidr; macaddr8; tsvector; tsquery; point; polygon; pg_lsn; xid8; int4range; tstzrange;
  datemultirange; regclass; regrole; int2vector; int[]; integer[3][4]; int array; int array[4]; varchar(20)[];
  numeric(10,2)[]; timestamptz(3)[]; json[]; "Mood"; app.pair; app."Odd (3) name"; app.pair[]; "user";
  "Mood"[]; plain`
  .split(';')
  .map((type) => type.trim());

test('a type is spelled as the server’s format_type spells it, and means the same when it is emitted', async () => {
  await withDatabase(async (database) => {
    const client = await database.connect();
    await client.query(`
      create schema app;
      create type "Mood" as enum ('a');
      create type "user" as enum ('a');
      create type app.pair as (a int);
      create type app."Odd (3) name" as enum ('a');
      create domain plain as int;`);
    const spelled = async (type: string): Promise<string | undefined> => {
      await client.query(`create table t (c ${type})`);
      const { rows } = await client.query<{ type: string }>(
        `select format_type(atttypid, atttypmod) as type from pg_attribute where attrelid = 't'::regclass and attname = 'c'`,
      );
      await client.query('drop table t');
      return rows[0]?.type;
    };
    const wrong: string[] = [];
    for (const type of written) {
      const server = await spelled(type);
      const node = parseStatements(`CREATE FUNCTION f() RETURNS ${type} LANGUAGE sql RETURN 1`)[0]?.node;
      const typeName =
        node !== undefined && 'CreateFunctionStmt' in node ? node.CreateFunctionStmt.returnType : undefined;
      if (typeName === undefined) throw new Error(type);
      if (typeText(typeName) !== server) wrong.push(`${type}: ${typeText(typeName)}, the server says ${server}`);
      const emitted = emitType(typeName);
      if ((await spelled(emitted)) !== server) wrong.push(`${type} is emitted as ${emitted}, which is another type`);
      const { name, modifiers, arrayDimensions } = parseTypeText(server ?? '');
      if (arrayDimensions !== (server?.endsWith('[]') === true ? 1 : 0) || /[)\]]$/.test(name)) {
        wrong.push(`${server} came apart as ${JSON.stringify({ name, modifiers, arrayDimensions })}`);
      }
    }
    expect(wrong).toEqual([]);
  });
});
