/**
 * Brings a ledger of an older format to the present one, under the lease, in one transaction: nobody ever sees half of
 * it, and a backfill that was under way goes on where it stood.
 *
 * Format 1 had one row a backfill, with its ranges (one a table) as JSON, and one cursor. Each range becomes a chunk.
 * Format 2 knew no backfills but those of a plan's steps, and did not say what makes a worker wait.
 */
import { sqlstate, sqlstateOf } from '../../postgres/sqlstate.ts';
import { identifier, join, qualified, raw, sql, type SqlFragment } from '../../sql/template.ts';
import type { QualifiedName } from '../../catalog/model.ts';
import type { Clock } from '../clock.ts';
import { onwardVersion } from '../../onward-version.ts';
import type { Session } from '../session.ts';
import type { BackfillStatus, FrozenValue } from './backfill-tables.ts';
import { fenced, tables, type Ledger } from './ledger.ts';
import type { BackfillRecord } from './backfill-records.ts';
import { backfillStatements, statementsFromFormat2 } from './statements.ts';
import { ledgerFormatVersion, type RecordedError } from './tables.ts';

const attempts = 20; // somebody may be reading the table that has to make way
const longestPauseMs = 500;

type RangeOfFormat1 = { readonly table: QualifiedName } & (
  | {
      readonly kind: 'key';
      readonly columns: readonly string[];
      readonly types: readonly string[];
      readonly upper: readonly string[] | null;
      readonly once?: readonly FrozenValue[];
    }
  | { readonly kind: 'block'; readonly blocks: number; readonly fileNode: string }
);

type JobOfFormat1 = {
  readonly migration: string;
  readonly step: string;
  readonly purpose: string;
  readonly status: BackfillStatus;
  readonly ranges: readonly RangeOfFormat1[];
  readonly range: number;
  readonly cursor: readonly string[] | null;
  readonly sweep: number;
  readonly rows_done: string;
  readonly rows_scanned: string;
  readonly estimate: string;
  readonly batch_size: number;
  readonly started_at: Date;
  readonly updated_at: Date;
  readonly finished_at: Date | null;
  readonly last_error: RecordedError | null;
};

export async function upgradeLedger(ledger: Ledger, clock: Clock): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await fenced(ledger, () => upgradeInTransaction(ledger));
    } catch (error) {
      if (sqlstateOf(error) !== sqlstate.lockNotAvailable || attempt === attempts) throw error;
      await clock.sleep(clock.random() * longestPauseMs);
    }
  }
}

async function upgradeInTransaction(ledger: Ledger): Promise<void> {
  const db = tables(ledger);
  const format = await db
    .selectFrom('format')
    .select((builder) => builder.fn.max('version').as('version'))
    .executeTakeFirst();
  if (format?.version === 1) await upgradeFormat1(ledger);
  else if (format?.version === 2) await upgradeFormat2(ledger);
  else return;
  await db.insertInto('format').values({ version: ledgerFormatVersion, onward_version: onwardVersion }).execute();
}

/** What waited for the job's rows sees them with their new columns. */
async function upgradeFormat2({ session, schema }: Ledger): Promise<void> {
  for (const statement of statementsFromFormat2(schema)) await session.query(statement);
}

async function upgradeFormat1(ledger: Ledger): Promise<void> {
  const { session, schema } = ledger;
  const jobs = await jobsOfFormat1(session, schema);
  const rights = await rightsOn(session, schema);
  await session.query(sql`drop table ${identifier(schema)}.backfill`.text);
  for (const statement of backfillStatements(schema)) await session.query(statement);
  for (const job of jobs) await enterJob(ledger, job);
  const names = ['backfill', 'backfill_chunk', 'backfill_event', 'backfill_quarantine', 'backfill_worker'];
  await grant(
    session,
    rights,
    names.map((name) => qualified({ schema, name })),
  );
}

type Right = { readonly grantee: string; readonly privilege: string };

async function grant(session: Session, rights: readonly Right[], on: readonly SqlFragment[]): Promise<void> {
  for (const { grantee, privilege } of rights) {
    // Both come from the server: a keyword of GRANT and a name that it quoted.
    await session.query(sql`grant ${raw(privilege)} on ${join(on)} to ${raw(grantee)}`.text);
  }
}

/** The rights that other roles have on the ledger: the new tables are theirs as the old one was. */
async function rightsOn(session: Session, schema: string): Promise<readonly Right[]> {
  const { rows } = await session.query<Right>(
    `select case when acl.grantee = 0 then 'public' else quote_ident(r.rolname) end as grantee, acl.privilege_type as privilege
       from pg_class c join pg_namespace n on n.oid = c.relnamespace
       cross join lateral aclexplode(c.relacl) as acl left join pg_roles r on r.oid = acl.grantee
      where n.nspname = $1 and c.relname = 'backfill' and acl.grantee <> c.relowner
        and acl.privilege_type in ('SELECT', 'INSERT', 'UPDATE', 'DELETE')`,
    [schema],
  );
  return rows;
}

async function jobsOfFormat1(session: Session, schema: string): Promise<readonly JobOfFormat1[]> {
  const { rows } = await session.query<JobOfFormat1>(
    sql`select * from ${identifier(schema)}.backfill order by started_at`.text,
  );
  return rows;
}

/** What `status` tells of the backfills in a ledger that no runner has upgraded yet. */
export async function readBackfillsOfFormat1(session: Session, schema: string): Promise<readonly BackfillRecord[]> {
  return (await jobsOfFormat1(session, schema)).map((job) => ({
    ...job,
    desired: 'run',
    rowsDone: Number(job.rows_done),
    rowsScanned: Number(job.rows_scanned),
    estimate: Number(job.estimate),
    batchSize: job.batch_size,
    holdReason: null,
    holdUntil: null,
    isHeld: false,
    once: [],
    work: null,
    options: {},
    maxWorkers: null,
    targetMs: null,
    nice: 0,
    lastError: job.last_error,
    startedAt: job.started_at,
    updatedAt: job.updated_at,
    finishedAt: job.finished_at,
  }));
}

async function enterJob(ledger: Ledger, job: JobOfFormat1): Promise<void> {
  const { migration, step, purpose, status, sweep } = job;
  const once = job.ranges.flatMap((range) => (range.kind === 'key' ? (range.once ?? []) : []));
  const db = tables(ledger);
  await db
    .insertInto('backfill')
    .values({
      migration,
      step,
      purpose,
      status,
      sweep,
      // The same ones stood in each range.
      once: JSON.stringify(once.filter((one, index) => once.findIndex((o) => o.column === one.column) === index)),
      estimate: job.estimate,
      started_at: job.started_at,
      updated_at: job.updated_at,
      finished_at: job.finished_at,
      last_error: job.last_error === null ? null : JSON.stringify(job.last_error),
    })
    .execute();
  const last = status === 'done' ? job.ranges.length : job.range;
  const isEmpty = (range: RangeOfFormat1): boolean => range.kind === 'key' && range.upper === null;
  const counted = job.ranges.findIndex((range) => !isEmpty(range));
  for (const [index, range] of job.ranges.entries()) {
    if (isEmpty(range)) continue;
    await db
      .insertInto('backfill_chunk')
      .values({
        migration,
        step,
        purpose,
        sweep,
        ordinal: index + 1,
        table_schema: range.table.schema,
        table_name: range.table.name,
        kind: range.kind,
        columns: range.kind === 'key' ? range.columns : [],
        types: range.kind === 'key' ? range.types : [],
        lower: range.kind === 'key' ? null : ['0'],
        upper: range.kind === 'key' ? (range.upper ?? []) : [String(range.blocks)],
        file_node: range.kind === 'key' ? null : range.fileNode,
        cursor: index === job.range ? job.cursor : null,
        status: index < last ? 'done' : 'pending',
        estimate: Math.round(Number(job.estimate) / job.ranges.length),
        // The old row counted over all ranges.
        rows_done: index === counted ? job.rows_done : 0,
        rows_scanned: index === counted ? job.rows_scanned : 0,
        batch_size: job.batch_size,
        updated_at: job.updated_at,
      })
      .execute();
  }
}
