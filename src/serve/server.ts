/**
 * `migrate serve`: metrics, health, a JSON API, live events and one page about one database, over plain HTTP.
 *
 * It reads the ledger over one session, and never runs a migration: what it can change is what a person wants of a
 * backfill. Who may ask what is in guard.ts. When it is told to stop it takes no new request, ends the live events, and
 * is gone when the last answer is out.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { MigrateError, type DatabaseOptions } from '../index.ts';
import { answerTo, type Answer, type Site } from './answers.ts';
import { isLoopbackAddress, refusal } from './guard.ts';
import { goLive } from './live.ts';
import { sendEvents } from './live-events.ts';
import { pagePolicy } from './page.ts';
import { routeOf } from './routes.ts';

export type ServeOptions = DatabaseOptions & {
  /** 127.0.0.1 when absent. */
  readonly address?: string;
  /** 0: any that is free. */
  readonly port: number;
  /** Needed for what changes something, and for everything when bound elsewhere than to this machine. */
  readonly token: string;
  /** How often the database is looked at. */
  readonly everyMs?: number;
  /** Stops the server. */
  readonly signal: AbortSignal;
};

export type Serving = {
  /** Without the token. */
  readonly url: string;
  /** Resolves when the server has stopped. */
  readonly stopped: Promise<void>;
};

const usualIntervalMs = 2_000;
const mostBodyBytes = 10_000;

/** Resolves once it answers. Throws what the first look at the database throws, and BAD_USAGE for an address in use. */
export async function serve(options: ServeOptions): Promise<Serving> {
  const address = options.address ?? '127.0.0.1';
  const watching = new AbortController();
  const live = goLive({
    ...options,
    applicationName: options.applicationName ?? 'onward/serve',
    everyMs: options.everyMs ?? usualIntervalMs,
    signal: AbortSignal.any([options.signal, watching.signal]),
  });
  await live.ready;
  const { databaseUrl, schema, token } = options;
  const site: Site = { live, database: { databaseUrl, ...(schema === undefined ? {} : { schema }) } };
  const access = { isLoopback: isLoopbackAddress(address), token };
  const server = createServer((request, response) => {
    respond(site, access, request, response).catch(() => {
      if (!response.headersSent) send(response, { status: 500, json: { message: 'The request failed.' } });
      else response.destroy();
    });
  });
  try {
    await listening(server, address, options.port);
  } catch (error) {
    watching.abort();
    await live.ended.catch(() => undefined);
    throw error;
  }
  return { url: urlOf(server), stopped: stopWith(server, options.signal, live.ended, watching) };
}

async function respond(
  site: Site,
  access: { readonly isLoopback: boolean; readonly token: string },
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { method = 'GET', headers } = request;
  const route = routeOf(method, request.url ?? '/');
  if (route.kind === 'unknown') {
    send(response, { status: route.status, json: { message: route.message } });
    return;
  }
  const refused = refusal(access, {
    method,
    host: headers.host,
    origin: headers.origin,
    authorization: headers.authorization,
    contentType: headers['content-type'],
    needs: route.needs,
  });
  if (refused !== null) {
    send(response, { status: refused.status, json: { message: refused.message } });
    return;
  }
  if (route.kind === 'events') {
    sendEvents(site.live, response, commonHeaders);
    return;
  }
  const body = route.needs === 'write' ? await bodyOf(request) : '';
  if (body === null) send(response, { status: 413, json: { message: 'The request is too long.' } });
  else send(response, await answerTo(site, route, body));
}

const commonHeaders: Readonly<Record<string, string>> = {
  'cache-control': 'no-store',
  'content-security-policy': pagePolicy,
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
};

function send(response: ServerResponse, answer: Answer): void {
  const text = 'json' in answer ? `${JSON.stringify(answer.json)}\n` : answer.text;
  const type = 'json' in answer ? 'application/json' : answer.type;
  response.writeHead(answer.status, {
    ...commonHeaders,
    'content-type': type.includes('charset') || type === 'application/json' ? type : `${type}; charset=utf-8`,
    ...(answer.status === 401 ? { 'www-authenticate': 'Bearer' } : {}),
  });
  response.end(text);
}

/** Null when it is too long. */
async function bodyOf(request: IncomingMessage): Promise<string | null> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request) {
    const part = Buffer.from(chunk);
    length += part.length;
    if (length > mostBodyBytes) return null;
    chunks.push(part);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function listening(server: Server, address: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      const why = cause.code === 'EADDRINUSE' ? 'something else listens there already' : cause.message;
      const hint = 'Choose another one: migrate serve --port 0 takes any that is free.';
      reject(new MigrateError('BAD_USAGE', `Cannot listen on ${address} port ${port}: ${why}.`, { hint, cause }));
    });
    server.listen({ host: address, port }, resolve);
  });
}

function urlOf(server: Server): string {
  // It listens on a port, not on a pipe.
  const { address, port, family } = server.address() as AddressInfo;
  return `http://${family === 'IPv6' ? `[${address}]` : address}:${port}/`;
}

/** Also when the watching ends by itself: a page that is never brought up to date would lie. */
async function stopWith(
  server: Server,
  signal: AbortSignal,
  watched: Promise<void>,
  watching: AbortController,
): Promise<void> {
  const closed = new Promise<void>((resolve) => server.once('close', () => resolve()));
  const close = (): void => {
    server.close();
    server.closeIdleConnections();
  };
  if (signal.aborted) close();
  signal.addEventListener('abort', close, { once: true });
  try {
    await watched;
  } finally {
    watching.abort();
    close();
    await closed;
  }
}
