/**
 * ALTER COLUMN … TYPE that writes the table or its indexes anew.
 *
 * Which pairs of types do is told by the effects (measured: type.*): varchar(50) → varchar(100) or text and the like are
 * free and not reported. Between timestamp and timestamptz it depends on the session: under TimeZone UTC the bytes stay
 * (type.timestamp_to_timestamptz_utc). Where the present type is not known, it is reported unless a common type becomes
 * the new one for free (text, which may be a varchar now): then it is a warning.
 */
import {
  defineRule,
  dollarQuote,
  identifier,
  indexUses,
  isPlainCast,
  later,
  makeObjectName,
  nameText,
  qualified,
  raw,
  script,
  sql,
  typeChange,
  typeName,
  whoWaitsFor,
} from '../../src/rule-sdk.ts';
import type { ChangeOf, Column, Report, RuleContext, Suggestion } from '../../src/rule-sdk.ts';

type Context = RuleContext<ChangeOf<'alter_column_type'>>;

export const noColumnTypeRewrite = defineRule({
  id: 'no-column-type-rewrite',
  severity: 'error',
  set: 'recommended',
  group: 'locks',
  summary: 'A type change that writes every row anew blocks all reads and writes until it is done.',
  kinds: ['alter_column_type'],
  severityOnSmallTable: 'info',

  check(context) {
    const { change } = context;
    if (context.isNew(change.table)) return null;
    const column = context.column(change.table, change.column);
    return column === null ? withUnknownType(context) : withKnownType(context, column);
  },
});

function withKnownType(context: Context, column: Column): Report | null {
  const { change, effects } = context;
  const bytesStay = isZoneChange(context, column) && isUtc(context.setting('timezone'));
  const indexed = isIndexed(context);
  const rewrites = effects.rewrites.length > 0 && !bytesStay;
  if (!rewrites && !(bytesStay ? indexed : effects.indexBuilds.length > 0)) return null;
  const table = nameText(change.table);
  const work = rewrites ? `every row of ${table} and all its indexes` : `the indexes of ${table} over it`;
  const what = `Changing ${identifier(change.column).text} from ${typeName(withoutPublic(column.type))} to ${typeName(change.type)}`;
  return {
    message: `${what} writes ${work} anew ${meanwhile(table)}.`,
    instead: isZoneChange(context, column) && !indexed ? underUtc(context) : throughSecondColumn(context),
  };
}

/** A column's type stands with its schema; the one that it gets is as written. */
function withoutPublic(type: string): string {
  return type.replace(/^public\./, '');
}

function meanwhile(table: string): string {
  return `while it holds an ACCESS EXCLUSIVE lock: ${whoWaitsFor('ACCESS EXCLUSIVE', table)} until it is done`;
}

/** Between timestamp and timestamptz of the same precision, where a session under UTC keeps the bytes. */
function isZoneChange({ change, version }: Context, { type }: Column): boolean {
  return (
    change.using === null &&
    isRewritten(type, change.type, version, false) &&
    !isRewritten(type, change.type, version, true)
  );
}

function isRewritten(from: string, to: string, version: number, timezoneIsUtc: boolean): boolean {
  return typeChange({ from, to, using: false, usingIsPlainCast: false, version, timezoneIsUtc }).rewrite;
}

function isUtc(setting: string | null): boolean {
  return setting !== null && /^(etc\/)?(utc|gmt|uct|zulu|universal|greenwich)$/i.test(setting);
}

function isIndexed({ change, table }: Context): boolean {
  const known = table(change.table);
  return known !== null && known.indexes.some((index) => indexUses(index, change.column, known.name));
}

/** Types that people have in tables. What none of them becomes for free is taken to write the table anew. */
const commonTypes = [
  'smallint',
  'integer',
  'bigint',
  'real',
  'double precision',
  'text',
  'character varying',
  'character varying(1)',
  'boolean',
  'uuid',
  'json',
  'jsonb',
  'bytea',
  'date',
  'timestamp without time zone',
  'timestamp(0) without time zone',
  'timestamp with time zone',
  'timestamp(0) with time zone',
  'cidr',
  'inet',
];

function withUnknownType(context: Context): Report {
  const { change, version } = context;
  const table = nameText(change.table);
  const column = identifier(change.column).text;
  const mayBeFree =
    isPlainCast(change, context) &&
    (change.type.startsWith('numeric') ||
      !isKnownType(context) ||
      commonTypes.some((from) => from !== change.type && !isRewritten(from, change.type, version, true)));
  const unless = mayBeFree
    ? `Unless ${column} has a type that turns into ${typeName(change.type)} without a rewrite`
    : `Unless ${column} is ${typeName(change.type)} already`;
  return {
    message: `${unless}, this writes every row of ${table} and all its indexes anew ${meanwhile(table)}.`,
    instead: throughSecondColumn(context),
    ...(mayBeFree ? { severity: 'warning' } : {}),
  };
}

/** A type of the user's may be a domain over the type that the column has. */
function isKnownType({ change, version }: Context): boolean {
  const { type } = change;
  return typeChange({ from: 'text', to: type, using: false, usingIsPlainCast: false, version, timezoneIsUtc: false })
    .known;
}

function underUtc({ written }: Context): Suggestion {
  return {
    text: 'If its values are times in UTC, say so, and no row is written:',
    sql: script("SET timezone = 'UTC'", written),
  };
}

function throughSecondColumn({ change }: Context): Suggestion {
  const table = qualified(change.table);
  const old = identifier(change.column);
  const fresh = identifier(makeObjectName(change.column, null, 'new'));
  const helper = makeObjectName(change.table.name, change.column, 'new');
  const call = sql`${qualified({ schema: change.table.schema, name: helper })}()`;
  const type = raw(typeName(change.type));
  // Assigned, not cast: a cast to varchar(20) would cut a longer text off in silence.
  const value = change.using === null ? old : raw(change.using);
  const assign =
    change.using === null
      ? sql`NEW.${fresh} := NEW.${old}`
      : sql`SELECT ${value} INTO NEW.${fresh} FROM (SELECT NEW.*) AS ${identifier(change.table.name)}`;
  const body = dollarQuote(` BEGIN ${assign.text}; RETURN NEW; END `, '');
  return {
    text: 'Fill a second column of the new type while everybody goes on, and swap the two:',
    sql: script(
      sql`ALTER TABLE ${table} ADD COLUMN ${fresh} ${type}`,
      sql`CREATE FUNCTION ${call} RETURNS trigger LANGUAGE plpgsql AS ${raw(body)}`,
      sql`CREATE TRIGGER ${identifier(helper)} BEFORE INSERT OR UPDATE ON ${table} FOR EACH ROW EXECUTE FUNCTION ${call}`,
      '-- Fill the rows that are there, in batches:',
      ...later(sql`UPDATE ${table} SET ${fresh} = ${value} WHERE ${fresh} IS NULL AND …`),
      '-- In a later migration, in one transaction, when the new column has the indexes and constraints of the old one:',
      ...later(
        sql`DROP TRIGGER ${identifier(helper)} ON ${table}`,
        sql`DROP FUNCTION ${call}`,
        sql`ALTER TABLE ${table} DROP COLUMN ${old}`,
        sql`ALTER TABLE ${table} RENAME COLUMN ${fresh} TO ${old}`,
      ),
    ),
  };
}
