/**
 * The settings under "backfill": how much it rests between its batches, and the limits of what slows it down. One line a
 * signal; the type is made of them, and the command line's hand-over to the engine holds it against the engine's own.
 */
import { isObject, notExpected, notKnown, text, wholeNumber, type Complaint, type Reader } from './config-values.ts';

function limit(unit: string): Reader<number | null> {
  return {
    expected: `a number of ${unit}, or null for no limit`,
    read: (value) =>
      value === null || (typeof value === 'number' && Number.isFinite(value) && value >= 0) ? value : undefined,
  };
}

const optional: Reader<boolean> = {
  expected: 'true or false',
  read: (value) => (typeof value === 'boolean' ? value : undefined),
};

const standbys: Reader<readonly string[]> = {
  expected: 'a list of names, each the application_name of a standby',
  read: (value) => {
    if (!Array.isArray(value)) return undefined;
    const names = value.filter((name) => typeof name === 'string' && name !== '');
    return names.length === value.length ? names : undefined;
  },
};

const signals = {
  replicaLag: { limitMs: limit('milliseconds'), limitBytes: limit('bytes'), standbys, optional },
  replicationSlots: { limitBytes: limit('bytes'), optional },
  unarchivedWal: { limitSegments: limit('segments'), optional },
  walRate: { limitBytesPerSecond: limit('bytes a second'), optional },
  forcedCheckpoints: { limit: limit('checkpoints in five minutes'), optional },
  blockedSessions: { limitMs: limit('milliseconds'), cancelAfterMs: limit('milliseconds'), optional },
  connections: { limitPercent: limit('per cent'), optional },
  activeBackends: { limit: limit('sessions'), optional },
  oldestTransaction: { limitMs: limit('milliseconds'), limitTransactions: limit('transactions'), optional },
  deadRows: { limitPercent: limit('per cent'), optional },
  tableSize: { limitBytes: limit('bytes'), optional },
} as const;

const everyMs = wholeNumber('a number of milliseconds', 100);

const query = { sql: text('a query that gives value and limit'), everyMs, optional };

const httpCheck = {
  url: {
    expected: 'an address like https://status.example.com/may-backfill',
    read: (value: unknown) =>
      typeof value === 'string' && /^https?:\/\//i.test(value) && URL.canParse(value) ? value : undefined,
  },
  everyMs,
  optional,
};

type Fields = Readonly<Record<string, Reader<unknown>>>;
type Values<F extends Fields> = { readonly [K in keyof F]?: F[K] extends Reader<infer T> ? T : never };
type Named = Readonly<Record<string, { readonly everyMs?: number; readonly optional?: boolean }>>;

export type BackfillConfig = {
  /** Pause after each batch, as a multiple of its time. */
  readonly nice?: number;
  readonly signals?: { readonly [S in keyof typeof signals]?: Values<(typeof signals)[S]> | false } & {
    readonly queries?: Named & Readonly<Record<string, { readonly sql: string }>>;
    readonly httpChecks?: Named & Readonly<Record<string, { readonly url: string }>>;
  };
};

export const backfillReader: Reader<BackfillConfig> = {
  expected: 'an object like { "nice": 0.5, "signals": { "replicaLag": { "limitMs": 5000 } } }',
  complaint: (value) => (isObject(value) ? complaintAboutBackfill(value) : null),
  // Each value was looked at by the reader of its own key: `complaint` comes first.
  read: (value) => (isObject(value) ? (value as BackfillConfig) : undefined),
};

const nice: Reader<number> = {
  expected: 'a number from 0 to 100',
  read: (value) => (typeof value === 'number' && value >= 0 && value <= 100 ? value : undefined),
};

function complaintAboutBackfill(value: Readonly<Record<string, unknown>>): Complaint | null {
  return first(value, (key, inner) => {
    if (key === 'nice') return nice.read(inner) === undefined ? notExpected(key, inner, nice.expected) : null;
    if (key !== 'signals') return notKnown('setting', key, ['nice', 'signals']);
    if (!isObject(inner)) return notExpected(key, inner, 'an object like { "replicaLag": { "limitMs": 5000 } }');
    return under(key, first(inner, complaintAboutSignal));
  });
}

function complaintAboutSignal(key: string, value: unknown): Complaint | null {
  if (key === 'queries') return complaintAboutNamed(key, value, query, 'sql');
  if (key === 'httpChecks') return complaintAboutNamed(key, value, httpCheck, 'url');
  const fields: Fields | undefined = Object.entries(signals).find(([name]) => name === key)?.[1];
  if (fields === undefined) return notKnown('signal', key, [...Object.keys(signals), 'queries', 'httpChecks']);
  if (value === false) return null;
  if (!isObject(value)) return notExpected(key, value, `false, or an object like { "${Object.keys(fields)[0]}": … }`);
  return under(key, complaintAboutFields(value, fields));
}

function complaintAboutNamed(key: string, value: unknown, fields: Fields, needed: string): Complaint | null {
  if (!isObject(value)) return notExpected(key, value, `an object of named ones, each with "${needed}"`);
  return under(
    key,
    first(value, (name, one) => {
      if (Object.hasOwn(signals, name)) {
        return {
          keys: [name],
          message: `"${name}" is the name of another signal.`,
          hint: 'Give it a name of its own.',
        };
      }
      if (!isObject(one) || one[needed] === undefined) return notExpected(name, one, `an object with "${needed}"`);
      return under(name, complaintAboutFields(one, fields));
    }),
  );
}

function complaintAboutFields(value: Readonly<Record<string, unknown>>, fields: Fields): Complaint | null {
  return first(value, (key, inner) => {
    const field = Object.hasOwn(fields, key) ? fields[key] : undefined;
    if (field === undefined) return notKnown('setting', key, Object.keys(fields));
    return field.read(inner) === undefined ? notExpected(key, inner, field.expected) : null;
  });
}

function first(
  value: Readonly<Record<string, unknown>>,
  complain: (key: string, inner: unknown) => Complaint | null,
): Complaint | null {
  for (const [key, inner] of Object.entries(value)) {
    const found = complain(key, inner);
    if (found !== null) return found;
  }
  return null;
}

function under(key: string, complaint: Complaint | null): Complaint | null {
  return complaint === null ? null : { ...complaint, keys: [key, ...complaint.keys] };
}
