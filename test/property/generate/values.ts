/** The types of columns, and what is in the rows. */
import type { Draw } from './draw.ts';
import type { TypeFamily, World, WorldType } from './world.ts';

const hour = (n: string, type: string) => `(${type} '2024-01-01 00:00:00' + (${n}) * interval '1 hour')`;

function type(
  sql: string,
  family: TypeFamily,
  distinct: ((n: string) => string) | null,
  repeated: (n: string) => string,
): WorldType {
  return { sql, family, distinct, repeated };
}

const integerValues = [(n: string) => `(${n})`, (n: string) => `(${n}) % 3`] as const;
const textValues = [(n: string) => `'u' || (${n})`, (n: string) => `'k' || (${n}) % 3`] as const;

export const integer = type('integer', 'integer', ...integerValues);
export const bigint = type('bigint', 'integer', ...integerValues);
const smallint = type('smallint', 'integer', ...integerValues);
export const text = type('text', 'text', ...textValues);
export const uuid = type(
  'uuid',
  'uuid',
  (n) => `md5((${n})::text)::uuid`,
  (n) => `md5(((${n}) % 3)::text)::uuid`,
);
export const timestamptz = type(
  'timestamptz',
  'time',
  (n) => hour(n, 'timestamptz'),
  (n) => hour(`(${n}) % 3`, 'timestamptz'),
);
const timestamp = type(
  'timestamp',
  'time',
  (n) => hour(n, 'timestamp'),
  (n) => hour(`(${n}) % 3`, 'timestamp'),
);
export const jsonb = type(
  'jsonb',
  'json',
  (n) => `jsonb_build_object('n', ${n})`,
  () => `'{"a": [1, null]}'`,
);
const json = type('json', 'json', null, () => `'{"a":  [1, null]}'`);
const boolean = type('boolean', 'boolean', null, (n) => `(${n}) % 2 = 0`);

export function varchar(length: number): WorldType {
  return type(`varchar(${length})`, 'text', ...textValues);
}

export function numeric(precision: number, scale: number): WorldType {
  const value = (n: string) => `(${n}) * 1.25`;
  return type(`numeric(${precision},${scale})`, 'number', value, (n) => value(`(${n}) % 3`));
}

export function enumType(name: string, labels: readonly string[]): WorldType {
  const list = labels.map((label) => `'${label}'`).join(', ');
  return type(name, 'enum', null, (n) => `(array[${list}])[1 + (${n}) % ${labels.length}]::${name}`);
}

/** Domains and enums have values of what they are made of. */
export function domainType(name: string, base: WorldType): WorldType {
  const cast = (make: (n: string) => string) => (n: string) => `(${make(n)})::${name}`;
  return type(name, base.family, base.distinct === null ? null : cast(base.distinct), cast(base.repeated));
}

const commonTypes = [
  integer,
  integer,
  bigint,
  smallint,
  text,
  text,
  varchar(20),
  varchar(40),
  numeric(12, 2),
  type(
    'numeric',
    'number',
    (n) => `(${n}) * 1.5`,
    (n) => `(${n}) % 3 * 1.5`,
  ),
  boolean,
  timestamptz,
  timestamp,
  uuid,
  jsonb,
] as const;

const rareTypes = [
  json,
  type('char(8)', 'text', ...textValues),
  type(
    'date',
    'time',
    (n) => `date '2024-01-01' + (${n})`,
    (n) => `date '2024-01-01' + (${n}) % 3`,
  ),
  type(
    'double precision',
    'number',
    (n) => `(${n}) / 8.0`,
    (n) => `(${n}) % 3 / 8.0`,
  ),
  type(
    'text[]',
    'other',
    (n) => `array['a', (${n})::text]`,
    () => `array['a', null]`,
  ),
  type(
    'bytea',
    'other',
    (n) => `decode(md5((${n})::text), 'hex')`,
    () => `'\\x00ff'`,
  ),
  type(
    'interval',
    'other',
    (n) => `(${n}) * interval '1 minute'`,
    () => `interval '1 day'`,
  ),
  type(
    'inet',
    'other',
    (n) => `inet '10.0.0.0' + (${n})`,
    () => `'10.0.0.1'`,
  ),
  type(
    'integer[]',
    'other',
    (n) => `array[1, ${n}]`,
    () => `'{}'`,
  ),
  type('text collate "C"', 'text', ...textValues),
  type(
    'int4range',
    'other',
    (n) => `int4range((${n}) * 10, (${n}) * 10 + 5)`,
    () => `'empty'`,
  ),
] as const;

export function someType(world: World): WorldType {
  const { draw, types } = world;
  const own = draw.percent(15) ? draw.maybe(types) : null;
  return own ?? (draw.percent(20) ? draw.one(rareTypes) : draw.one(commonTypes));
}

/** The type as it stands in a cast. */
export function bareType({ sql }: WorldType): string {
  return sql.replace(/ collate .*/, '');
}

/** A constant of the type, as a default. */
export function constantOf(type: WorldType, draw: Draw): string {
  const bare = bareType(type);
  if (draw.percent(10)) return 'null';
  if (type.family === 'integer') return String(draw.int(0, 9));
  if (type.family === 'text') return draw.one([`'new'`, `''`, `'it''s'`]);
  if (type.family === 'time' && draw.percent(40)) return bare === 'date' ? 'current_date' : 'now()';
  return `(${type.repeated('1')})::${bare}`;
}

/** An expression that is different for each row; null when the type has none. */
export function volatileOf(type: WorldType): string | null {
  if (type.family === 'uuid') return 'gen_random_uuid()';
  if (type.family === 'time') return 'clock_timestamp()';
  if (type.family === 'text' && type.sql.startsWith('text')) return 'gen_random_uuid()::text';
  if (type.family === 'number') return 'random() * 1e9';
  return null;
}
