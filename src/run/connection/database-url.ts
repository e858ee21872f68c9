/**
 * Reads a database URL into the driver's options, with libpq's meaning of `sslmode` and `connect_timeout`, which is
 * what psql does with the same URL.
 *
 * Must never happen: a part of the URL in an error. A malformed one may hold the password anywhere.
 */
import { MigrateError } from '../../errors.ts';

export type ConnectionOptions = {
  readonly connectionString: string;
  /** What to try when the server does not offer encryption: null unless `sslmode` is `prefer` or `allow`. */
  readonly unencrypted: string | null;
  /** From `connect_timeout`, which libpq counts in seconds. */
  readonly connectTimeoutMs: number | null;
};

export function clientConfig(url: string): ConnectionOptions {
  const trimmed = url.trim();
  if (!/^postgres(ql)?:\/\//i.test(trimmed)) throw badUrl('It does not begin with postgres://');
  // A password with a bare / or # in it: what is left of it would be taken for a host, and shown as one.
  if (/^[a-z]+:\/\/[^?/#]*[/#][^?]*@/i.test(trimmed)) throw badUrl('There is an @ behind the host');
  let parsed: URL;
  try {
    // An empty host (a socket, or localhost) is allowed in a database URL but not in a web one.
    parsed = new URL(trimmed.replace(/^(postgres(?:ql)?:\/\/(?:[^/?#]*@)?)(?=[/?#]|$)/i, '$1localhost'));
  } catch {
    throw badUrl('It cannot be read as a URL'); // without `cause`: Node's error holds the whole input
  }
  if (parsed.hostname.includes(','))
    throw badUrl('It names several hosts; migrations need the one that can be written to');
  const seconds = Number(parsed.searchParams.get('connect_timeout') ?? '0');
  return {
    connectionString: withLibpqMeaning(trimmed, parsed),
    unencrypted: /^(prefer|allow)$/.test(parsed.searchParams.get('sslmode') ?? '')
      ? withSslMode(trimmed, 'disable')
      : null,
    connectTimeoutMs: Number.isFinite(seconds) && seconds > 0 ? seconds * 1_000 : null,
  };
}

/** The driver reads `sslmode=require` as "verify the certificate" and warns on stderr unless told to do as libpq does. */
function withLibpqMeaning(url: string, parsed: URL): string {
  if (!parsed.searchParams.has('sslmode') || parsed.searchParams.has('uselibpqcompat')) return url;
  // To the driver `allow` means nothing; encrypted first is the safer of its two orders.
  const known = parsed.searchParams.get('sslmode') === 'allow' ? withSslMode(url, 'prefer') : url;
  return `${known}&uselibpqcompat=true`;
}

function withSslMode(url: string, mode: 'prefer' | 'disable'): string {
  return url.replace(/([?&]sslmode=)[^&#]*/, `$1${mode}`);
}

function badUrl(problem: string): MigrateError {
  return new MigrateError('BAD_DATABASE_URL', `The database URL is not valid: ${problem}.`, {
    hint: [
      'Write it as postgres://<user>:<password>@host:5432/database',
      'A character of the password that means something in a URL (@ : / ? # % or a blank) is written as %40, %3A, …',
    ].join('\n'),
  });
}
