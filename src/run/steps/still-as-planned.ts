/**
 * Whether what a migration has made is still there, and nothing stands in its way that came later. Between the phases of a
 * migration lie hours or days in which anybody may change the schema; the server tells us nothing of it.
 *
 * `expectHelpers`, at the start of each verb and under the lock of the step that ends them: the triggers that keep rows in
 * step exist and fire, and no trigger of the person's own has come to fire after them (it could change the row again).
 *
 * `expectNothingNew`, under the lock of the step that puts one column in another one's place: DROP COLUMN takes indexes,
 * constraints, statistics and the default of the column along without a word. What the step does not give a successor
 * has come since the plan was made, and would be lost.
 */
import type { QualifiedName } from '../../catalog/model.ts';
import { MigrateError } from '../../errors.ts';
import type { Change } from '../../operations/change.ts';
import { decodeStatement } from '../../operations/index.ts';
import type { Step } from '../../plan/plan.ts';
import { qualifiedName } from '../../sql/identifier.ts';
import { loadParser, parseStatements } from '../../sql/parse.ts';
import { identifier, qualified, sql } from '../../sql/template.ts';
import type { MigrationRecord } from '../ledger/records.ts';
import type { Session } from '../session.ts';

type Helper = { readonly table: QualifiedName; readonly name: string };

/** Throws SCHEMA_DRIFT. */
export async function expectHelpers(session: Session, record: MigrationRecord): Promise<void> {
  const helpers = await helpersOf(record);
  for (const table of distinctTables(helpers)) {
    const own = helpers.filter((helper) => qualifiedName(helper.table) === qualifiedName(table));
    const found = await triggersOf(session, table);
    for (const { name } of own) {
      const trigger = found.find((each) => each.name === name && each.on === qualifiedName(table));
      if (trigger === undefined || trigger.enabled === 'D' || trigger.enabled === 'R') {
        throw notFiring(record, table, name, trigger === undefined);
      }
    }
    if (!own.some(({ name }) => name.startsWith(lastSync))) continue;
    const outside = found.find(({ name, before, enabled }) => before && enabled !== 'D' && isOutside(name));
    if (outside !== undefined) throw firesOutside(record, outside);
  }
}

/** Throws SCHEMA_DRIFT. */
export async function expectNothingNew(session: Session, record: MigrationRecord, step: Step): Promise<void> {
  const changes = await changesOf(step);
  if (!changes.some(dropsHelper)) return;
  const mentioned = await namesIn(step);
  for (const change of changes) {
    if (change.kind !== 'drop_column') continue;
    // What the person drops goes with all that it has; a column whose name another one takes must have left nothing.
    const successor = changes.find((other) => other.kind === 'rename_column' && other.to === change.column);
    if (successor?.kind !== 'rename_column') continue;
    // A copy that goes leaves the original its default; a hidden column brings none along.
    const isHidden = successor.from.startsWith('onward_');
    const table = tableOf(change);
    const dependents = await session.query<{ kind: string; name: string }>(dependentsSql, [
      table.schema,
      table.name,
      change.column,
    ]);
    const keepsDefault = changes.some(
      (other) => other.kind === 'set_default' && other.column === change.column && other.default !== null,
    );
    const unknown = dependents.rows.filter(({ kind, name }) =>
      kind === 'default'
        ? isHidden && !keepsDefault && !mentioned.has('nextval')
        : !mentioned.has(name) && !name.startsWith('onward_'),
    );
    if (unknown.length > 0) throw cameLater(record, table, change.column, unknown);
  }
}

/** Our triggers that the steps done so far have made and not removed. */
async function helpersOf(record: MigrationRecord): Promise<readonly Helper[]> {
  const done = new Set(record.steps.filter(({ status }) => status === 'done').map(({ id }) => id));
  const alive = new Map<string, Helper>();
  for (const step of record.plan.steps) {
    if (!done.has(step.id)) continue;
    for (const change of await changesOf(step)) {
      if (change.kind === 'create_trigger' && isOurs(change.name)) {
        const helper = { table: tableOf(change), name: change.name };
        alive.set(keyOf(helper), helper);
      } else if (change.kind === 'drop_object' && change.objectType === 'trigger' && change.table !== null) {
        for (const { name } of change.names) alive.delete(keyOf({ table: tableOf({ table: change.table }), name }));
      }
    }
  }
  return [...alive.values()];
}

const ours = '~onward_'; // also in the middle: the twin of a trigger keeps the beginning of its name
const lastSync = '~onward_sync_';
const first = '!onward_';

function isOurs(name: string): boolean {
  return name.includes(ours) || name.startsWith(first);
}

/** As the planner refuses them: BEFORE triggers fire in the byte order of their names. */
function isOutside(name: string): boolean {
  return !isOurs(name) && (name > ours || name < first);
}

/** Of a step with helpers of ours in it; none of another one. */
export async function changesOf({ run, opaque }: Step): Promise<readonly Change[]> {
  // Only a step of ours holds a trigger of ours; what a person wrote need not even be readable to this version.
  if (run.kind !== 'sql' || opaque || !run.statements.some((text) => text.includes('onward_'))) return [];
  await loadParser();
  return run.statements.flatMap((text) => parseStatements(text).flatMap(decodeStatement));
}

function dropsHelper(change: Change): boolean {
  return (
    change.kind === 'drop_object' && change.objectType === 'trigger' && change.names.some(({ name }) => isOurs(name))
  );
}

/** Every name that the statements mention, and every other text in them. */
async function namesIn({ run }: Step): Promise<ReadonlySet<string>> {
  const names = new Set<string>();
  const collect = (value: unknown): void => {
    if (typeof value === 'string') names.add(value);
    else if (Array.isArray(value)) value.forEach(collect);
    else if (typeof value === 'object' && value !== null) Object.values(value).forEach(collect);
  };
  await loadParser();
  if (run.kind === 'sql') for (const text of run.statements) collect(parseStatements(text).map(({ node }) => node));
  return names;
}

/** The steps name their tables with their schemas. */
export function tableOf({ table }: { readonly table: { readonly schema: string | null; readonly name: string } }) {
  return { schema: table.schema ?? 'public', name: table.name };
}

function keyOf({ table, name }: Helper): string {
  return JSON.stringify([table.schema, table.name, name]);
}

function distinctTables(helpers: readonly Helper[]): readonly QualifiedName[] {
  return [...new Map(helpers.map(({ table }) => [qualifiedName(table), table])).values()];
}

type FoundTrigger = { readonly on: string; readonly name: string; readonly enabled: string; readonly before: boolean };

/** Of the table and of its partitions. 1 + 2 + (4 | 16): a BEFORE trigger for each row on INSERT or UPDATE. */
async function triggersOf(session: Session, table: QualifiedName): Promise<readonly FoundTrigger[]> {
  const { rows } = await session.query<FoundTrigger & { readonly schema: string; readonly table: string }>(
    `with recursive family (oid) as (
       select c.oid from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
        where n.nspname = $1 and c.relname = $2
       union select i.inhrelid from pg_catalog.pg_inherits i join family on family.oid = i.inhparent
     )
     select n.nspname as schema, c.relname as table, tg.tgname as name, tg.tgenabled::text as enabled,
            tg.tgtype & 3 = 3 and tg.tgtype & 20 <> 0 as before
       from family join pg_catalog.pg_trigger tg on tg.tgrelid = family.oid
       join pg_catalog.pg_class c on c.oid = family.oid join pg_catalog.pg_namespace n on n.oid = c.relnamespace
      where tg.tgconstraint = 0`,
    [table.schema, table.name],
  );
  return rows.map(({ schema, table: name, ...trigger }) => ({ ...trigger, on: qualifiedName({ schema, name }) }));
}

/**
 * What DROP COLUMN takes along: `a`, automatic dependencies (https://www.postgresql.org/docs/current/catalog-pg-depend.html).
 * A foreign key to a partitioned table has one more entry for each of its partitions, under the key itself (conparentid).
 */
const dependentsSql = `
  select distinct case when d.classid = 'pg_class'::regclass then 'index'
      when d.classid = 'pg_constraint'::regclass then 'constraint'
      when d.classid = 'pg_statistic_ext'::regclass then 'statistics' else 'default' end as kind,
    coalesce(i.relname, co.conname, st.stxname, 'default')::text as name
  from pg_catalog.pg_namespace n join pg_catalog.pg_class c on c.relnamespace = n.oid
  join pg_catalog.pg_attribute a on a.attrelid = c.oid
  join pg_catalog.pg_depend d on d.refclassid = 'pg_class'::regclass and d.refobjid = c.oid and d.refobjsubid = a.attnum
  left join pg_catalog.pg_class i on d.classid = 'pg_class'::regclass and i.oid = d.objid and i.relkind in ('i', 'I')
  left join pg_catalog.pg_constraint co on d.classid = 'pg_constraint'::regclass and co.oid = d.objid and co.conrelid = c.oid
    and co.conparentid = 0
  left join pg_catalog.pg_statistic_ext st on d.classid = 'pg_statistic_ext'::regclass and st.oid = d.objid
  where n.nspname = $1 and c.relname = $2 and a.attname = $3 and d.deptype = 'a'
    and (i.oid is not null or co.oid is not null or st.oid is not null or d.classid = 'pg_attrdef'::regclass)
  order by 1, 2`;

function notFiring(record: MigrationRecord, table: QualifiedName, name: string, missing: boolean): MigrateError {
  const trigger = identifier(name).text;
  return new MigrateError(
    'SCHEMA_DRIFT',
    `The trigger ${trigger} on ${qualifiedName(table)}, which keeps its rows in step for migration ${record.name}, ${missing ? 'is gone' : 'is disabled'}.`,
    {
      hint: missing
        ? `Rows written since then are not in step. Take the migration back and expand it again: migrate rollback ${record.name}`
        : `Rows written since then are not in step: contract counts them before it changes anything. Write: ${sql`ALTER TABLE ${qualified(table)} ENABLE ALWAYS TRIGGER ${identifier(name)}`.text};`,
      details: { migration: record.name, table, trigger: name },
    },
  );
}

function firesOutside(record: MigrationRecord, { name, on }: FoundTrigger): MigrateError {
  const trigger = identifier(name).text;
  return new MigrateError(
    'SCHEMA_DRIFT',
    `The trigger ${trigger} on ${on} has come since migration ${record.name} was expanded, and fires outside of those that keep its rows in step: BEFORE triggers fire in the order of their names.`,
    {
      hint: `Rename it: ALTER TRIGGER ${trigger} ON ${on} RENAME TO <a name that begins with a letter>;`,
      details: { migration: record.name, table: on, trigger: name },
    },
  );
}

function cameLater(
  record: MigrationRecord,
  table: QualifiedName,
  column: string,
  unknown: readonly { readonly kind: string; readonly name: string }[],
): MigrateError {
  const names = unknown.map(({ kind, name }) => (kind === 'default' ? 'a default' : `${kind} ${name}`)).join(', ');
  return new MigrateError(
    'SCHEMA_DRIFT',
    `${table.name}.${column} has got ${names} since migration ${record.name} was planned. It would be lost without a word when another column takes its place.`,
    {
      hint: 'Drop it now and create it again after contract; nothing was changed.',
      details: { migration: record.name, table, column, found: unknown.map(({ name }) => name) },
    },
  );
}
