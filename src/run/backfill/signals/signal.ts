/**
 * What a signal is: something about the server, or about the world around it, that says how much a backfill presses.
 *
 * A signal is measured as one value or a few, each beside its limit; the worst counts. What it is called here is what the
 * config, the events and the status call it.
 */
import type { QualifiedName } from '../../../catalog/model.ts';
import { literal, raw, sql, type SqlFragment } from '../../../sql/template.ts';
import { qualifiedName } from '../../../sql/identifier.ts';

export type Unit = 'ms' | 'bytes' | 'bytes/s' | 'segments' | 'sessions' | 'transactions' | 'checkpoints' | '%' | '';

export type Measure = {
  /** Infinity for what is beyond any limit, such as a required standby that is not there. */
  readonly value: number;
  /** Null: shown, and never slows anything down. */
  readonly limit: number | null;
  readonly unit: Unit;
  /** Which standby, slot or session it is about. */
  readonly about: string | null;
};

export type Reading =
  /** Without measures there is nothing to see: no standby, no slot. */
  | { readonly kind: 'measured'; readonly measures: readonly Measure[] }
  /** Our role may not see it; `needs` is the role that may. */
  | { readonly kind: 'unavailable'; readonly needs: string };

/** What every signal can be told. */
export type CommonSettings = {
  /** When it cannot be measured, the work goes on. Without it a signal that fails counts as one at its limit. */
  readonly optional?: boolean;
};

/** How a signal is watched, and what it means when it cannot be. */
export type Watch = {
  readonly name: string;
  readonly everyMs: number;
  readonly optional: boolean;
  /** Somebody asked for it by name: that our role may not see it does not excuse it. */
  readonly wanted: boolean;
};

/** What the statements of the signals are about. */
export type SignalTarget = {
  readonly table: QualifiedName;
  /** Backends that do the backfill's work. */
  readonly backends: readonly number[];
  /** Major version, for instance 18. */
  readonly serverVersion: number;
};

/** A signal of the Postgres server, measured by a part of one statement that is sent for all of them. */
export type ServerSignal = {
  readonly everyMs: number;
  /** A query of one row and one column, which is JSON. */
  sql(target: SignalTarget): SqlFragment;
  /** What the JSON says; may remember what it was told before. */
  read(answer: unknown, now: number): Reading;
};

export const usualIntervalMs = 250;

/** For what is in the server's statistics: Postgres 14 writes them to a file whenever somebody looks. */
export const statisticsIntervalMs = 1_000;

/** `Answer` is what `sql` builds: the two stand side by side in one file. */
export function serverSignal<Answer>(signal: {
  readonly everyMs?: number;
  readonly sql: (target: SignalTarget) => SqlFragment;
  readonly read: (answer: Answer, now: number) => Reading;
}): ServerSignal {
  return {
    everyMs: signal.everyMs ?? usualIntervalMs,
    sql: signal.sql,
    // The signal's own SQL built it: `Answer` describes that JSON.
    read: (answer, now) => signal.read(answer as Answer, now),
  };
}

export function measured(...measures: readonly Measure[]): Reading {
  return { kind: 'measured', measures };
}

export const statisticsRole = 'pg_read_all_stats';

/** Whether we see what other sessions do; without it their rows are there and hold NULLs. */
export const seesAllSessions: SqlFragment = sql`pg_has_role(${literal(statisticsRole)}, 'usage')`;

/** The table and, where it has some, its partitions; takes no lock on them. */
export function tableAndPartitions(table: QualifiedName): SqlFragment {
  return sql`with recursive part (oid) as (
      select to_regclass(${literal(qualifiedName(table))})::oid
      union select i.inhrelid from part join pg_inherits i on i.inhparent = part.oid
    ) select oid from part`;
}

export function numbers(values: readonly number[]): SqlFragment {
  return raw(`array[${values.map((value) => String(Math.trunc(value))).join(', ')}]::integer[]`);
}

/** The worst of its measures as value ÷ limit. */
export function pressureOf({ value, limit }: Measure): number {
  if (limit === null) return 0;
  if (limit > 0) return value / limit;
  return value > 0 ? Number.POSITIVE_INFINITY : 0;
}
