/**
 * What the server knows: the last look at the database, the points of the curves, and who wants to be told of the next
 * look. One session reads for all visitors, however many there are.
 */
import { watchDatabase, type DatabaseLook, type DatabaseReport, type WatchOptions } from '../index.ts';

/** A point of the curves of one backfill. */
type Point = {
  /** Milliseconds since 1970, by the database's clock. */
  readonly at: number;
  readonly rowsPerSecond: number;
  readonly batchMs: number | null;
};

/** By migration, step and purpose, as JSON. */
type Curves = Readonly<Record<string, readonly Point[]>>;

export type Live = {
  /** The last one that saw something; null before the first. */
  report(): DatabaseReport | null;
  /** Why the last look failed; null when it did not. */
  trouble(): string | null;
  curves(): Curves;
  /** Called at each look until the returned function is called. */
  onLook(listener: (look: DatabaseLook) => void): () => void;
  /** Ends with the watching; rejects when the first look fails. */
  readonly ended: Promise<void>;
  /** After the first look. */
  readonly ready: Promise<void>;
};

const mostPoints = 300; // ten minutes at the usual two seconds

export function goLive(options: WatchOptions): Live {
  let report: DatabaseReport | null = null;
  let trouble: string | null = null;
  let curves: Curves = {};
  const listeners = new Set<(look: DatabaseLook) => void>();
  let markReady = (): void => undefined;
  const first = new Promise<void>((resolve) => (markReady = resolve));

  async function watch(): Promise<void> {
    for await (const look of watchDatabase(options)) {
      if (look.kind === 'seen') {
        report = look;
        curves = withPoints(curves, look);
        trouble = null;
      } else {
        trouble = look.error.message;
      }
      for (const listener of listeners) listener(look);
      markReady();
    }
  }

  const ended = watch();
  return {
    report: () => report,
    trouble: () => trouble,
    curves: () => curves,
    onLook(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    ended,
    ready: Promise.race([first, ended]),
  };
}

function withPoints(curves: Curves, { at, backfills }: DatabaseReport): Curves {
  const open = backfills.filter(({ status }) => status !== 'done');
  return Object.fromEntries(
    open.map(({ migration, step, purpose, rowsPerSecond, batchMs }) => {
      const key = JSON.stringify([migration, step, purpose]);
      const point: Point = { at: at.getTime(), rowsPerSecond, batchMs };
      return [key, [...(curves[key] ?? []), point].slice(-mostPoints)];
    }),
  );
}
