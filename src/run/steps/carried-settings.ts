/**
 * Whether a column's successor has all that the column itself had: privileges, comment, default, statistics. The step
 * that puts it in its place gives it what the plan knew of, and anybody may have changed that since: a privilege would
 * come back that was revoked, or one go that was granted. So what the server says of the column before the step, under
 * its lock, must be what it says behind it, in the same transaction; else nothing of the step is kept.
 *
 * The server's own words are compared with each other, never with the plan's. What the person's migration itself changes
 * in the same step is theirs to change.
 */
import type { QualifiedName } from '../../catalog/model.ts';
import { MigrateError } from '../../errors.ts';
import type { Change, ChangeOf } from '../../operations/change.ts';
import type { Step } from '../../plan/plan.ts';
import { emitExpression } from '../../sql/emit.ts';
import { parseExpression } from '../../sql/parse.ts';
import { withoutCasts } from '../../sql/walk.ts';
import type { MigrationRecord } from '../ledger/records.ts';
import type { Session } from '../session.ts';
import { changesOf, tableOf } from './still-as-planned.ts';

type Place = { readonly table: QualifiedName; readonly column: string; readonly carriesDefault: boolean };

/** The table by its oid: the same step may give it another name. */
export type CarriedSettings = { readonly place: Place; readonly tableOid: string | null; readonly settings: Settings };

type Settings = {
  readonly privileges: string;
  readonly comment: string;
  readonly default: string;
  readonly statistics: string;
};

/** Of each column that the step replaces; read before it. */
export async function settingsBefore(session: Session, step: Step): Promise<readonly CarriedSettings[]> {
  const found: CarriedSettings[] = [];
  for (const place of placesOf(await changesOf(step))) {
    const tableOid = await oidOf(session, place.table);
    found.push({ place, tableOid, settings: await settingsOf(session, tableOid, place) });
  }
  return found;
}

/** Behind the step, before its COMMIT. Throws SCHEMA_DRIFT. */
export async function expectCarried(
  session: Session,
  record: MigrationRecord,
  before: readonly CarriedSettings[],
): Promise<void> {
  for (const { place, tableOid, settings } of before) {
    const now = await settingsOf(session, tableOid, place);
    const lost = settingNames.find((name) => now[name] !== settings[name]);
    if (lost !== undefined) throw changedLater(record, place, lost);
  }
}

const settingNames = ['privileges', 'comment', 'default', 'statistics'] as const;

/** Hidden columns that take another one's place, unless a statement behind that is about the same column. */
function placesOf(changes: readonly Change[]): readonly Place[] {
  return changes.flatMap((change, at): readonly Place[] => {
    if (change.kind !== 'rename_column' || !change.from.startsWith('onward_')) return [];
    const later = changes.slice(at + 1).filter((other) => concerns(other, change));
    const last = later.findIndex((other) => other.kind === 'alter_setting' && other.setting === 'comment');
    if (last !== later.length - 1) return [];
    const carriesDefault = later.some(({ kind }) => kind === 'set_default');
    return [{ table: tableOf(change), column: change.to, carriesDefault }];
  });
}

/** About the column, or, as GRANT does, about the table without saying which. */
function concerns(change: Change, { table, to }: ChangeOf<'rename_column'>): boolean {
  if (!('table' in change) || change.table === null) return false;
  // Our own statements name the schema; the person's need not.
  if (change.table.name !== table.name || (change.table.schema ?? table.schema) !== table.schema) return false;
  return 'column' in change && (change.column === to || (change.kind === 'alter_setting' && change.column === null));
}

async function oidOf(session: Session, { schema, name }: QualifiedName): Promise<string | null> {
  const { rows } = await session.query<{ oid: string }>(
    `select c.oid::text as oid from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
     where n.nspname = $1 and c.relname = $2`,
    [schema, name],
  );
  return rows[0]?.oid ?? null;
}

async function settingsOf(
  session: Session,
  tableOid: string | null,
  { column, carriesDefault }: Place,
): Promise<Settings> {
  const { rows } = await session.query<Settings>(
    `select coalesce((select string_agg(split_part(item::text, '/', 1), ' ' order by item::text)
         from pg_catalog.unnest(a.attacl) as item), '') as privileges,
       coalesce(pg_catalog.col_description(a.attrelid, a.attnum), '') as comment,
       case when a.attgenerated = '' then coalesce(pg_catalog.pg_get_expr(d.adbin, d.adrelid), '') else '' end as default,
       concat_ws(' ', nullif(a.attstattarget, -1),
         (select string_agg(option, ' ' order by option) from pg_catalog.unnest(a.attoptions) as option)) as statistics
     from pg_catalog.pg_attribute a
     left join pg_catalog.pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
     where a.attrelid = $1::oid and a.attname = $2 and not a.attisdropped`,
    [tableOid, column],
  );
  const [found] = rows;
  if (found === undefined) return { privileges: '', comment: '', default: '', statistics: '' };
  // The new type's casts are around it, or in place of the old one's.
  return { ...found, default: carriesDefault && found.default !== '' ? bare(found.default) : '' };
}

function bare(expression: string): string {
  return emitExpression(withoutCasts(parseExpression(expression)));
}

const described: Readonly<Record<keyof Settings, string>> = {
  privileges: 'privileges',
  comment: 'comment',
  default: 'default',
  statistics: 'statistics settings',
};

function changedLater(record: MigrationRecord, { table, column }: Place, what: keyof Settings): MigrateError {
  return new MigrateError(
    'SCHEMA_DRIFT',
    `The ${described[what]} of ${table.name}.${column} ${what === 'statistics' || what === 'privileges' ? 'have' : 'has'} changed since migration ${record.name} was planned. The column that takes its place would have what was there before.`,
    {
      hint: `Nothing was changed. Undo that now and do it again after contract; or take the migration back and expand it again: migrate rollback ${record.name}`,
      details: { migration: record.name, table, column, found: [what] },
    },
  );
}
