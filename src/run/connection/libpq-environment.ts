/**
 * What libpq's clients add to a database URL from their surroundings: the PG* variables and a section of a service file.
 * A parameter of the URL wins over the service, and the service over a variable, as in psql. PGPASSWORD, PGPASSFILE and
 * ~/.pgpass are read by the driver itself.
 *
 * The environment is an argument: the command line passes its own.
 */
import * as fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { badUrl, readUrl, urlText, type UrlParts } from './url-parts.ts';

type Environment = Readonly<Record<string, string | undefined>>;

export type UrlSources = {
  readonly databaseUrl: string | null;
  readonly environment: Environment;
  /** The role to work as, in place of the one that logs in (SET ROLE). */
  readonly role?: string | null;
};

/** Variables of libpq and the parameters that they stand for. */
const variables: Readonly<Record<string, string>> = {
  PGHOST: 'host',
  PGPORT: 'port',
  PGDATABASE: 'dbname',
  PGUSER: 'user',
  PGSSLMODE: 'sslmode',
  PGSSLROOTCERT: 'sslrootcert',
  PGSSLCERT: 'sslcert',
  PGSSLKEY: 'sslkey',
  PGSSLCRL: 'sslcrl',
  PGREQUIREAUTH: 'require_auth',
  PGCHANNELBINDING: 'channel_binding',
  PGGSSENCMODE: 'gssencmode',
  PGCONNECT_TIMEOUT: 'connect_timeout',
  PGTARGETSESSIONATTRS: 'target_session_attrs',
  PGOPTIONS: 'options',
};

/** Without a URL these say that a database is meant; PGUSER or PGSSLMODE alone do not. */
const naming = ['PGSERVICE', 'PGDATABASE', 'PGHOST'];

/** The whole URL; null when nothing names a database. Throws BAD_DATABASE_URL. */
export async function urlFromSurroundings({ databaseUrl, environment, role }: UrlSources): Promise<string | null> {
  if (databaseUrl === null && naming.every((name) => (environment[name] ?? '') === '')) return null;
  const given = parametersOf(readUrl(databaseUrl ?? 'postgres://'));
  const service = given.get('service') ?? (databaseUrl === null ? environment['PGSERVICE'] : undefined) ?? '';
  const all = new Map<string, string>();
  for (const [name, parameter] of Object.entries(variables)) {
    const value = environment[name] ?? '';
    if (value !== '') all.set(parameter, value);
  }
  if (service !== '') for (const [name, value] of await sectionOf(service, environment)) all.set(name, value);
  // A host of the URL comes with its own port, or the usual one.
  if (given.has('host')) all.delete('port');
  for (const [name, value] of given) all.set(name, value);
  all.delete('service');
  if (role !== undefined && role !== null) {
    const before = all.get('options');
    all.set('options', `${before === undefined ? '' : `${before} `}-c role=${role.replaceAll(/[\\\s]/g, '\\$&')}`);
  }
  return urlText(partsOf(all));
}

/** Under libpq's names, decoded. */
function parametersOf(parts: UrlParts): Map<string, string> {
  const [user = '', ...password] = parts.credentials?.split(':') ?? [];
  const all = new Map<string, string>();
  if (user !== '') all.set('user', decoded(user));
  if (password.length > 0) all.set('password', decoded(password.join(':')));
  if (parts.hosts.some(({ host }) => host !== '')) all.set('host', parts.hosts.map(({ host }) => host).join(','));
  if (parts.hosts.some(({ port }) => port !== '')) all.set('port', parts.hosts.map(({ port }) => port).join(','));
  if (parts.database !== null) all.set('dbname', decoded(parts.database));
  for (const [name, value] of parts.parameters) all.set(name, value);
  return all;
}

function partsOf(all: ReadonlyMap<string, string>): UrlParts {
  const own = new Set(['host', 'port', 'dbname', 'user', 'password']);
  const text = (name: string): string => encodeURIComponent(all.get(name) ?? '');
  const ports = (all.get('port') ?? '').split(',');
  return {
    credentials: all.has('user') || all.has('password') ? `${text('user')}:${text('password')}` : null,
    hosts: (all.get('host') ?? '')
      .split(',')
      .map((host, index) => ({ host, port: ports[index] ?? (ports.length === 1 ? (ports[0] ?? '') : '') })),
    database: all.has('dbname') ? text('dbname') : null,
    parameters: new URLSearchParams([...all].filter(([name]) => !own.has(name))),
  };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw badUrl('it cannot be read as a URL');
  }
}

/** The user's own file first, then the system's, as libpq looks for them. */
async function sectionOf(service: string, environment: Environment): Promise<readonly (readonly [string, string])[]> {
  const named = environment['PGSERVICEFILE'] ?? '';
  const system = environment['PGSYSCONFDIR'] ?? '';
  const files = [
    named === '' ? path.join(environment['HOME'] ?? os.homedir(), '.pg_service.conf') : named,
    ...(system === '' ? [] : [path.join(system, 'pg_service.conf')]),
  ];
  for (const file of files) {
    const text = await fs.readFile(file, 'utf8').catch(() => null);
    const section = text === null ? null : readSection(text, service, file);
    if (section !== null) return section;
  }
  throw badUrl(`there is no service "${service}"`, `It was looked for in ${files.join(' and ')}.`);
}

/** Null when the file has no such section. */
function readSection(text: string, service: string, file: string): readonly (readonly [string, string])[] | null {
  let found: (readonly [string, string])[] | null = null;
  for (const [index, raw] of text.split(/\r?\n/).entries()) {
    const line = raw.trim();
    if (line === '' || line.startsWith('#')) continue;
    if (line.startsWith('[')) {
      if (found !== null) break;
      if (line === `[${service}]`) found = [];
      continue;
    }
    if (found === null) continue;
    const at = line.indexOf('=');
    // Without the line: it may hold the password.
    if (at <= 0) throw badUrl(`line ${index + 1} of ${file} is not name=value`, 'Correct that line.');
    found.push([line.slice(0, at), line.slice(at + 1)]);
  }
  return found;
}
