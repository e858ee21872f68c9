/**
 * Notices a connection that does not answer any more although nobody has closed it: a firewall that has forgotten it, a
 * proxy that hangs, a server whose machine is gone. TCP alone would notice that after a quarter of an hour, when
 * something was sent that nobody acknowledges, or never.
 *
 * Whoever waits long for an answer asks the server over another connection what the session does. If it is not there any
 * more, or idle in the same moment twice, the answer (or the question) is lost, and the connection is given up: what it
 * had committed is known from the ledger. As long as the session works, and as long as it cannot be asked about, the wait
 * goes on, so a statement may take as long as it takes.
 *
 * `state` and `state_change`: https://www.postgresql.org/docs/current/monitoring-stats.html#MONITORING-PG-STAT-ACTIVITY-VIEW
 */
import type { Clock } from '../clock.ts';

const firstLookMs = 10_000; // most statements are through by then, and cost no second connection
const lookEveryMs = 5_000; // an answer that the server has sent so long ago is not under way any more

export type Standing = { readonly state: string | null; readonly since: string | null };

export type Waiting = {
  readonly clock: Clock;
  /** The session as the server sees it; `gone`, or null where it cannot be asked. */
  readonly look: () => Promise<Standing | 'gone' | null>;
  readonly abandon: (reason: string) => void;
};

export async function orSilence<T>({ clock, look, abandon }: Waiting, answer: Promise<T>): Promise<T> {
  const answered = new AbortController();
  async function watch(): Promise<void> {
    let idleSince: string | null = null;
    await clock.sleep(firstLookMs, answered.signal);
    while (!answered.signal.aborted) {
      const seen = await look();
      if (answered.signal.aborted) return;
      if (seen === 'gone') return abandon('The server has no such session any more.');
      const isIdle = seen?.state?.startsWith('idle') === true;
      if (isIdle && idleSince === seen.since) return abandon('The server does not answer although it is idle.');
      idleSince = isIdle ? seen.since : null;
      await clock.sleep(lookEveryMs, answered.signal);
    }
  }

  void watch();
  try {
    return await answer;
  } finally {
    answered.abort();
  }
}

/** For a query that the server itself ends after a moment: without an answer by then, the connection is given up. */
export async function within<T>(ms: number, { clock, abandon }: Omit<Waiting, 'look'>, answer: Promise<T>): Promise<T> {
  const answered = new AbortController();
  void clock.sleep(ms, answered.signal).then(() => {
    if (!answered.signal.aborted) abandon(`There was no answer within ${ms / 1_000} s.`);
  });
  try {
    return await answer;
  } finally {
    answered.abort();
  }
}
