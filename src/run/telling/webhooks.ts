/**
 * Webhooks: what happens is posted to the addresses that were named, beside the work and never in its way.
 *
 * Each notice has an id that stays the same in all tries, so that a receiver can leave out what it has had, and a
 * signature over id, time and body (the scheme of https://www.standardwebhooks.com: HMAC-SHA256, base64, `v1,`). Notices to
 * one address go out one after the other. One that is refused is tried again, with longer and longer pauses; then it is
 * given up, and said so. When the work is over, what is still under way gets a few seconds. If the process dies, what was
 * not sent is lost: the truth is in the ledger.
 */
import { createHmac, randomUUID } from 'node:crypto';
import { MigrateError } from '../../errors.ts';
import type { Clock } from '../clock.ts';
import type { RunEvent } from '../run-event.ts';
import { makeNotices, type Notice } from './notices.ts';

export type NotifyOptions = {
  /** http or https. */
  readonly urls: readonly string[];
  /** Text, or `whsec_` and base64. */
  readonly secret: string;
};

export type Webhooks = {
  readonly onEvent: (event: RunEvent) => void;
  /** Waits for what is under way, for a few seconds. Never throws. */
  readonly finish: () => Promise<void>;
};

type Outside = {
  readonly clock: Clock;
  readonly time: () => Date;
  /** Told of a notice that was given up. */
  readonly onFailure: (failure: { readonly host: string; readonly type: string; readonly message: string }) => void;
};

const firstPauseMs = 500;
const mostTries = 6; // with pauses that double, about a quarter of a minute
const timeoutMs = 10_000; // of one try
const graceMs = 5_000; // for what is still under way when the work is over
const mostWaiting = 1_000; // notices to one address; a receiver that is down must not fill the memory
const shortestSecret = 16;

/** Throws BAD_USAGE for an address or a secret that cannot be. */
export function startWebhooks({ urls, secret }: NotifyOptions, outside: Outside): Webhooks {
  const key = keyFrom(secret);
  const targets = urls.map((url) => ({ url: urlFrom(url), waiting: 0, last: Promise.resolve() }));
  const noticeOf = makeNotices();
  const ending = new AbortController();

  async function deliver(url: URL, id: string, at: Date, notice: Notice): Promise<void> {
    const body = JSON.stringify({ id, at: at.toISOString(), ...notice });
    let why = 'it was given up when the work ended';
    for (let attempt = 1; attempt <= mostTries && !ending.signal.aborted; attempt += 1) {
      const answer = await post(url, key, id, outside.time(), body, ending.signal);
      if (answer === null) return;
      why = answer;
      if (attempt < mostTries) await outside.clock.sleep(firstPauseMs * 2 ** (attempt - 1), ending.signal);
    }
    outside.onFailure({ host: url.host, type: notice.type, message: why });
  }

  return {
    onEvent(event) {
      const notice = noticeOf(event);
      if (notice === null) return;
      const id = `msg_${randomUUID()}`;
      const at = outside.time();
      for (const target of targets) {
        if (target.waiting >= mostWaiting) continue;
        target.waiting += 1;
        target.last = target.last
          .then(() => deliver(target.url, id, at, notice))
          .catch(() => undefined)
          .then(() => void (target.waiting -= 1));
      }
    },
    async finish() {
      const all = Promise.all(targets.map(({ last }) => last));
      const over = new AbortController();
      await Promise.race([all, outside.clock.sleep(graceMs, over.signal)]);
      over.abort();
      ending.abort();
      await all;
    },
  };
}

/** Null when it was taken; else why not, without anything of the address but its host. */
async function post(
  url: URL,
  key: Buffer,
  id: string,
  now: Date,
  body: string,
  signal: AbortSignal,
): Promise<string | null> {
  const timestamp = String(Math.floor(now.getTime() / 1_000));
  const signature = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64');
  try {
    const answer = await fetch(url, {
      method: 'POST',
      redirect: 'error', // what was signed for one receiver is not for another
      signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
      headers: {
        'content-type': 'application/json',
        'user-agent': 'onward',
        'webhook-id': id,
        'idempotency-key': id,
        'webhook-timestamp': timestamp,
        'webhook-signature': `v1,${signature}`,
      },
      body,
    });
    await answer.body?.cancel();
    return answer.ok ? null : `it answered ${answer.status}`;
  } catch (error) {
    return error instanceof Error && error.name === 'TimeoutError' ? 'it did not answer in time' : 'it did not answer';
  }
}

function keyFrom(secret: string): Buffer {
  if (secret.length < shortestSecret) {
    throw new MigrateError('BAD_USAGE', 'Webhooks are signed, and the secret for it is missing or too short.', {
      hint: `Set ONWARD_NOTIFY_SECRET to ${shortestSecret} letters or more. For example: openssl rand -hex 24`,
    });
  }
  return secret.startsWith('whsec_') ? Buffer.from(secret.slice(6), 'base64') : Buffer.from(secret);
}

/** The address may hold a secret of its own: only its host is ever shown. */
function urlFrom(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url !== null && (url.protocol === 'https:' || url.protocol === 'http:') && url.username === '') return url;
  throw new MigrateError('BAD_USAGE', 'An address to notify is not one of http or https, or has a user in it.', {
    hint: 'Write it like this: --notify https://example.org/hooks/onward',
  });
}
