/**
 * Who may ask what. Pure.
 *
 * - A page of somebody else must not reach the server through its visitor's browser: bound to this machine, only requests
 *   that name this machine as their host are answered (a name that was pointed at 127.0.0.1 is refused), and a request of
 *   another origin is refused everywhere.
 * - What changes something needs the token, wherever the server is bound, and comes as JSON.
 * - Bound elsewhere, whatever tells something about the database needs the token too. The page itself tells nothing.
 */
import { createHash, timingSafeEqual } from 'node:crypto';

export type Access = {
  readonly isLoopback: boolean;
  readonly token: string;
};

export type Asked = {
  readonly method: string;
  readonly host: string | undefined;
  readonly origin: string | undefined;
  readonly authorization: string | undefined;
  readonly contentType: string | undefined;
  /** `open`: for anybody (health, the page without data); `read`: tells something; `write`: changes something. */
  readonly needs: 'open' | 'read' | 'write';
};

export type Refusal = { readonly status: 401 | 403 | 415; readonly message: string };

const loopbackNames: ReadonlySet<string> = new Set(['localhost', '127.0.0.1', '[::1]']);

export function isLoopbackAddress(address: string): boolean {
  return address === 'localhost' || address === '::1' || /^127(\.\d{1,3}){3}$/.test(address);
}

/** Null when the request may go on. */
export function refusal(access: Access, asked: Asked): Refusal | null {
  if (access.isLoopback && !loopbackNames.has(nameOf(asked.host ?? ''))) {
    return { status: 403, message: 'This server answers to localhost only.' };
  }
  if (asked.origin !== undefined && hostOfOrigin(asked.origin) !== asked.host) {
    return { status: 403, message: 'A page of another origin may not ask this server.' };
  }
  const needsToken = asked.needs === 'write' || (asked.needs === 'read' && !access.isLoopback);
  if (needsToken && !isToken(access.token, asked.authorization)) {
    return { status: 401, message: 'The token is missing or wrong: send it as "Authorization: Bearer <token>".' };
  }
  if (asked.needs === 'write' && !/^application\/json\b/i.test(asked.contentType ?? '')) {
    return { status: 415, message: 'Send JSON, with "Content-Type: application/json".' };
  }
  return null;
}

function nameOf(host: string): string {
  return host.replace(/:\d+$/, '').toLowerCase();
}

function hostOfOrigin(origin: string): string | null {
  return URL.canParse(origin) ? new URL(origin).host : null; // "null" is the origin of a sandboxed page
}

/** In the same time whatever was sent. */
function isToken(token: string, authorization: string | undefined): boolean {
  const sent = /^Bearer (\S+)$/i.exec(authorization ?? '')?.[1] ?? '';
  const hash = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(hash(sent), hash(token));
}
