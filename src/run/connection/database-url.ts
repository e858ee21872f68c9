/**
 * Reads a database URL into the driver's options, with libpq's meaning of `sslmode`, `connect_timeout`, several hosts
 * and `target_session_attrs`, which is what psql does with the same URL.
 *
 * What would weaken the connection if it were passed over is refused by name; what only tunes it is left to the driver.
 */
import { badUrl, readUrl, urlText, type Host, type UrlParts } from './url-parts.ts';

export type ConnectionOptions = {
  /** To be tried in this order. */
  readonly hosts: readonly HostOptions[];
  /** Which of them will do; null: the first that answers. */
  readonly wanted: TargetSession | null;
  /** From `connect_timeout`, which libpq counts in seconds. */
  readonly connectTimeoutMs: number | null;
};

export type HostOptions = {
  readonly connectionString: string;
  /** What to try when the server does not offer encryption: null unless `sslmode` is `prefer` or `allow`. */
  readonly unencrypted: string | null;
  /** The role to begin as, from `options`. */
  readonly role: string | null;
};

const targetSessions = ['read-write', 'read-only', 'primary', 'standby', 'prefer-standby'] as const;
export type TargetSession = (typeof targetSessions)[number];

const sslModes: ReadonlySet<string> = new Set(['disable', 'allow', 'prefer', 'require', 'verify-ca', 'verify-full']);

/** What the driver cannot do, with what to do instead. */
const unsupported: Readonly<Record<string, string>> = {
  service: 'the command line reads service files; in the library call resolveDatabaseUrl first',
  passfile: 'name the file in PGPASSFILE',
  sslcrl: 'the driver reads no revocation lists',
  sslcrldir: 'the driver reads no revocation lists',
  sslpassword: 'take the pass phrase off the key, or connect by password',
  hostaddr: 'write the address as the host',
  requirepeer: 'the driver does not check who owns a socket',
  require_auth: 'the driver takes the method that the server asks for',
};

/** `readOnly`: a server that cannot be written to is good enough. */
export function clientConfig(url: string, { readOnly }: { readonly readOnly: boolean }): ConnectionOptions {
  const parts = readUrl(url);
  const { hosts, parameters } = parts;
  for (const [name, instead] of Object.entries(unsupported)) {
    if (parameters.has(name)) throw badUrl(`${name} is not supported`, `Leave it out: ${instead}.`);
  }
  if (parameters.get('gssencmode') === 'require' || parameters.get('channel_binding') === 'require') {
    throw badUrl('encryption by GSSAPI and channel binding are not supported', 'Use sslmode=verify-full instead.');
  }
  const sslmode = parameters.get('sslmode');
  if (sslmode !== null && !sslModes.has(sslmode)) {
    throw badUrl('its sslmode is not known', `Use one of ${[...sslModes].join(', ')}.`);
  }
  const root = parameters.get('sslrootcert');
  if (sslmode === 'verify-ca' && (root === null || root === 'system')) {
    throw badUrl('sslmode=verify-ca needs a certificate to verify with', 'Add sslrootcert=<file>, or use verify-full.');
  }
  const seconds = Number(parameters.get('connect_timeout') ?? '0');
  return {
    hosts: hosts.map((host) => hostOptions(parts, host)),
    wanted: wantedSession(parameters.get('target_session_attrs'), hosts.length > 1 && !readOnly),
    connectTimeoutMs: Number.isFinite(seconds) && seconds > 0 ? seconds * 1_000 : null,
  };
}

/** Of several hosts, migrations need the one that can be written to, said or not. */
function wantedSession(given: string | null, needsWrites: boolean): TargetSession | null {
  if (given === null) return needsWrites ? 'read-write' : null;
  if (given === 'any') return null;
  const known = targetSessions.find((one) => one === given);
  if (known !== undefined) return known;
  throw badUrl('its target_session_attrs is not known', `Use any or one of ${targetSessions.join(', ')}.`);
}

function hostOptions(parts: UrlParts, host: Host): HostOptions {
  const { parameters } = parts;
  const sslmode = parameters.get('sslmode');
  const withMode = (mode: string | null): string => {
    const own = new URLSearchParams(parameters);
    for (const ours of ['target_session_attrs', 'connect_timeout', 'channel_binding', 'gssencmode']) own.delete(ours);
    if (own.get('sslrootcert') === 'system') own.delete('sslrootcert'); // what the driver verifies with anyway
    if (mode !== null) {
      own.set('sslmode', mode);
      // The driver reads `require` as "verify the certificate" and warns on stderr unless told to do as libpq does.
      if (!own.has('uselibpqcompat')) own.set('uselibpqcompat', 'true');
    }
    return urlText({ ...parts, hosts: [host], parameters: own });
  };
  return {
    // To the driver `allow` means nothing; encrypted first is the safer of its two orders.
    connectionString: withMode(sslmode === 'allow' ? 'prefer' : sslmode),
    unencrypted: sslmode === 'prefer' || sslmode === 'allow' ? withMode('disable') : null,
    role: roleIn(parameters.get('options') ?? ''),
  };
}

/** As the server reads options: words apart by blanks, a backslash before what is meant as it is. */
function roleIn(options: string): string | null {
  const role = [...options.matchAll(/(?:^|\s)-c\s*role=((?:\\[\s\S]|[^\s\\])+)/g)].at(-1)?.[1];
  return role === undefined ? null : role.replaceAll(/\\([\s\S])/g, '$1');
}
