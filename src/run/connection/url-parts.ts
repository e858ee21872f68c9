/**
 * A database URL in its parts, as libpq reads one: `postgres://user:password@host:5432,other:5433/database?name=value`.
 * Node's URL knows no list of hosts, so the parts are cut out here and put together again for the driver, one host at a
 * time.
 *
 * Must never happen: a part of the URL in an error. A malformed one may hold the password anywhere.
 */
import { MigrateError } from '../../errors.ts';

export type UrlParts = {
  /** `user:password`, percent-encoded as it came. */
  readonly credentials: string | null;
  /** In their order; one with an empty host where none is named. */
  readonly hosts: readonly Host[];
  /** Percent-encoded. */
  readonly database: string | null;
  readonly parameters: URLSearchParams;
};

/** Decoded; a path is the folder of a Unix socket. */
export type Host = { readonly host: string; readonly port: string };

const shape = /^postgres(?:ql)?:\/\/(?:([^/?#]*)@)?([^/?#@]*)(?:\/([^?#]*))?(?:\?([^#]*))?$/i;

export function readUrl(url: string): UrlParts {
  const trimmed = url.trim();
  if (!/^postgres(ql)?:\/\//i.test(trimmed)) throw badUrl('it does not begin with postgres://');
  // A password with a bare / or # in it: what is left of it would be taken for a host, and shown as one.
  if (/^[a-z]+:\/\/[^?/#]*[/#][^?]*@/i.test(trimmed)) throw badUrl('there is an @ behind the host');
  const [matched, credentials, authority = '', database, query = ''] = shape.exec(trimmed) ?? [];
  if (matched === undefined || /[\s<>"\\^`{|}]/.test(matched)) throw badUrl('it cannot be read as a URL');
  const parameters = new URLSearchParams(query);
  // In a query the hosts and the ports are two lists; they win, as in libpq.
  const named = parameters.get('host');
  const ports = (parameters.get('port') ?? '').split(',');
  const written = authority.split(',').map(hostOf);
  const hosts =
    named !== null && named !== ''
      ? named
          .split(',')
          .map((host, index) => ({ host, port: ports[index] ?? (ports.length === 1 ? (ports[0] ?? '') : '') }))
      : written.map(({ host, port }, index) => ({ host, port: port === '' ? (ports[index] ?? ports[0] ?? '') : port }));
  if (hosts.some(({ port }) => !/^\d{0,5}$/.test(port))) throw badUrl('a port is not a number');
  parameters.delete('host');
  parameters.delete('port');
  return { credentials: credentials ?? null, hosts, database: database === '' ? null : (database ?? null), parameters };
}

function hostOf(text: string): Host {
  const [matched, bracketed, plain = '', port = ''] = /^(?:\[([^\]]*)\]|([^:[\]]*))(?::(.*))?$/.exec(text) ?? [];
  if (matched === undefined) throw badUrl('it cannot be read as a URL');
  return { host: bracketed ?? decoded(plain), port };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw badUrl('it cannot be read as a URL'); // without `cause`: Node's error may hold the input
  }
}

/** With one host or several, in the form that this file reads and, with one, the driver. */
export function urlText({ credentials, hosts, database, parameters }: UrlParts): string {
  const authority = hosts.map(({ host, port }) => `${authorityOf(host)}${port === '' ? '' : `:${port}`}`).join(',');
  // The driver's parser takes + for itself, not for a blank.
  const query = parameters.toString().replaceAll('+', '%20');
  return `postgres://${credentials === null ? '' : `${credentials}@`}${authority}/${database ?? ''}${query === '' ? '' : `?${query}`}`;
}

function authorityOf(host: string): string {
  return host.includes(':') ? `[${host}]` : encodeURIComponent(host);
}

export function badUrl(problem: string, hint?: string): MigrateError {
  return new MigrateError('BAD_DATABASE_URL', `The database URL is not valid: ${problem}.`, {
    hint:
      hint ??
      [
        'Write it as postgres://<user>:<password>@host:5432/database',
        'A character of the password that means something in a URL (@ : / ? # % or a blank) is written as %40, %3A, …',
      ].join('\n'),
  });
}
