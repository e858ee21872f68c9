/**
 * What a person wants of the backfills of a database: pause, resume, cancel, throttle. Each is a change of the job's own
 * row and a notification, from any process and without the lease; the workers look with each batch, and are woken from
 * their pauses by the notification.
 *
 * A wish is written whether or not anybody works on the job: the next runner finds it. To say the same twice is no error.
 */
import { MigrateError } from '../../errors.ts';
import { sqlstate, sqlstateOf } from '../../postgres/sqlstate.ts';
import { sql } from 'kysely';
import { notify } from '../backfill/wake.ts';
import { lookForLedger, mayNotUse } from '../ledger/install.ts';
import { readBackfills, type BackfillRecord } from '../ledger/backfill-records.ts';
import type { BackfillWish, JobKey } from '../ledger/backfill-tables.ts';
import { ledgerFormatVersion } from '../ledger/tables.ts';
import type { Session } from '../session.ts';
import { refuseUnknownNames } from './unknown-names.ts';

/** What `throttle` sets; what is absent stays as it is, and null gives it back to the runner's own setting. */
export type ThrottleWish = {
  /** After each batch a pause of this many times its duration; 0: none. */
  readonly nice?: number;
  /** How long a batch should take. */
  readonly targetMs?: number | null;
  /** At most so many workers at a time, in all processes together. */
  readonly maxWorkers?: number | null;
};

export type Wished = JobKey & {
  /** False when it was so already. */
  readonly changed: boolean;
  readonly status: BackfillRecord['status'];
  readonly desired: BackfillWish;
  readonly nice: number;
  readonly targetMs: number | null;
  readonly maxWorkers: number | null;
};

type Verb = 'pause' | 'resume' | 'cancel' | 'throttle';

const desiredBy: { readonly [V in Verb]: BackfillWish | null } = {
  pause: 'pause',
  resume: 'run',
  cancel: 'cancel',
  throttle: null,
};

/**
 * Of the named migrations, or of every migration. Throws BAD_USAGE for a name that nobody knows, NOTHING_TO_DO when none
 * of them has a backfill for which it could be wished, and PERMISSION_DENIED.
 */
export async function wish(
  session: Session,
  schema: string,
  verb: Verb,
  names: readonly string[] | undefined,
  throttle: ThrottleWish = {},
): Promise<readonly Wished[]> {
  try {
    const jobs = await openJobs(session, schema, verb, names);
    const wished: Wished[] = [];
    for (const job of jobs) wished.push(await write(session, schema, verb, job, throttle));
    await notify(session);
    return wished;
  } catch (error) {
    throw sqlstateOf(error) === sqlstate.insufficientPrivilege ? mayNotUse(session, schema, error) : error;
  }
}

async function openJobs(
  session: Session,
  schema: string,
  verb: Verb,
  names: readonly string[] | undefined,
): Promise<readonly BackfillRecord[]> {
  const ledger = await lookForLedger(session, schema);
  if (ledger.kind === 'missing') throw nothingTo(verb, `Nothing was ever run here: there is no schema "${schema}".`);
  if (ledger.version < ledgerFormatVersion) {
    throw nothingTo(verb, 'The ledger was written by an older onward, whose backfills cannot be told anything.', {
      hint: 'Run: migrate backfill. It brings the ledger up to date and goes on where the backfill stands.',
    });
  }
  const all = await readBackfills(session, schema);
  await refuseUnknownNames(session, schema, names);
  const named = names === undefined ? all : all.filter(({ migration }) => names.includes(migration));
  // Every named one must have something to be wished for; a person who named two must not believe that both are paused.
  for (const name of names ?? []) {
    if (!named.some((job) => job.migration === name)) {
      throw nothingTo(verb, `${name} has no backfill that has begun.`);
    }
    if (!named.some((job) => job.migration === name && isOpen(job, verb))) {
      const last = named.findLast((job) => job.migration === name);
      throw nothingTo(verb, `The backfill of ${name} is ${last?.status ?? 'done'} already.`);
    }
  }
  const open = named.filter((job) => isOpen(job, verb));
  if (open.length === 0) throw nothingTo(verb, 'No backfill is under way.');
  return open;
}

/** Who was cancelled can be resumed: the rows that it has filled are still filled. */
function isOpen(job: BackfillRecord, verb: Verb): boolean {
  if (job.status === 'done') return false;
  return job.status !== 'cancelled' || verb === 'resume';
}

function nothingTo(verb: Verb, why: string, { hint }: { readonly hint?: string } = {}): MigrateError {
  return new MigrateError('NOTHING_TO_DO', `There is nothing to ${verb}. ${why}`, {
    hint: hint ?? 'See what there is: migrate backfill status',
  });
}

async function write(
  session: Session,
  schema: string,
  verb: Verb,
  job: BackfillRecord,
  { nice, targetMs, maxWorkers }: ThrottleWish,
): Promise<Wished> {
  const desired = desiredBy[verb];
  const wanted = {
    ...(desired === null || desired === job.desired ? {} : { desired }),
    ...(nice === undefined || nice === job.nice ? {} : { nice }),
    ...(targetMs === undefined || targetMs === job.targetMs ? {} : { target_ms: targetMs }),
    ...(maxWorkers === undefined || maxWorkers === job.maxWorkers ? {} : { max_workers: maxWorkers }),
    ...(desired === 'cancel' && job.status !== 'cancelled' ? { status: 'cancelled' as const } : {}),
    ...(desired === 'run' && job.status === 'cancelled' ? { status: 'paused' as const } : {}),
    // Whoever asks for it to go on does not want to wait for the next look either.
    ...(desired === 'run' && job.holdUntil !== null ? { hold_until: null } : {}),
  };
  const changed = Object.keys(wanted).length > 0;
  if (changed) {
    await session.transaction(async () => {
      const db = session.kysely.withSchema(schema);
      await db
        .updateTable('backfill')
        .set({ ...wanted, updated_at: sql<Date>`clock_timestamp()` })
        .where('migration', '=', job.migration)
        .where('step', '=', job.step)
        .where('purpose', '=', job.purpose)
        .execute();
      await noteWish(session, schema, verb, job, wanted);
    });
  }
  return {
    migration: job.migration,
    step: job.step,
    purpose: job.purpose,
    changed,
    status: wanted.status ?? job.status,
    desired: desired ?? job.desired,
    nice: nice ?? job.nice,
    targetMs: targetMs === undefined ? job.targetMs : targetMs,
    maxWorkers: maxWorkers === undefined ? job.maxWorkers : maxWorkers,
  };
}

/** For people who look back: who asked for what. */
async function noteWish(
  session: Session,
  schema: string,
  verb: Verb,
  { migration, step, purpose }: JobKey,
  wanted: Readonly<Record<string, unknown>>,
): Promise<void> {
  await session.kysely
    .withSchema(schema)
    .insertInto('backfill_event')
    .values({
      migration,
      step,
      purpose,
      ordinal: null,
      kind: `wished_${verb}`,
      detail: JSON.stringify({ ...wanted, by: session.role }),
    })
    .execute();
}
