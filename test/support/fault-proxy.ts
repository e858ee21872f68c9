/**
 * A way to the server on which one thing goes wrong, at one chosen effect of a run. An effect is a connection being made,
 * or one request: a simple query, or Parse to Sync of one with values. Effects are numbered for each application_name,
 * because what a second connection looks at comes when it comes.
 *
 * Nothing is feigned that a server can do itself: its backend is cancelled or terminated by another session, and an error
 * is raised by a statement that is sent in the place of the client's, so that the transaction is in the state in which
 * such an error leaves it. Only what a server says to whom it turns away, and before it shuts down, is written here.
 *
 * To a server a dead process is a connection that ends: `die` ends all of them and lets nobody through any more.
 */
import net from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { listenFor } from './listen.ts';
import {
  fatalMessage,
  flushMessage,
  messageReader,
  queryMessage,
  startupParameters,
  statementIn,
  type WireMessage,
} from './wire-messages.ts';

export type Fault =
  /** `executed`: the statement has run, but its implicit transaction is not yet ended by Sync. */
  | { readonly kind: 'die' | 'cut' | 'reset'; readonly at: 'before' | 'executed' | 'during' | 'after' }
  | { readonly kind: 'terminate' | 'cancel'; readonly at: 'before' | 'during' }
  | { readonly kind: 'delay'; readonly at: 'before' | 'after' }
  | { readonly kind: 'error'; readonly sqlstate: string }
  /** The server says this and closes the connection. */
  | { readonly kind: 'goodbye'; readonly sqlstate: string };

type EffectKey = { readonly session: string; readonly number: number };

export type Effect = EffectKey & {
  readonly kind: 'connect' | 'query' | 'extended';
  /** Empty of a connection being made. */
  readonly text: string;
};

export type Injection = EffectKey & { readonly fault: Fault };

/** What is done to a backend from another session. */
export type Outside = {
  /** Resolves when the backend is gone. */
  terminate(backend: number): Promise<void>;
  cancel(backend: number): Promise<void>;
  isWaiting(backend: number): Promise<boolean>;
  /** Stands in the way of whoever writes to a table or changes one; resolves with what ends that. */
  hold(): Promise<() => Promise<void>>;
};

export type FaultProxyOptions = {
  readonly injection: Injection | null;
  /** The numbers of another run may meet other requests: where the fault cannot happen, nothing does. */
  readonly isPossible: (fault: Fault, effect: Effect) => boolean;
  readonly outside: Outside;
  readonly delayMs: number;
  /** What dies, when it is more than its connections. */
  readonly kill?: () => Promise<void>;
};

export type FaultProxy = {
  /** The server's URL, by way of this proxy. */
  readonly url: string;
  /** In the order in which they came. */
  readonly effects: readonly Effect[];
  /** What the fault was injected at. */
  readonly hit: Effect | null;
  close(): Promise<void>;
};

/** The state of one proxy that its connections share. */
type Shared = FaultProxyOptions & {
  readonly effects: Effect[];
  readonly sever: () => void;
  hit: Effect | null;
};

export async function startFaultProxy(serverUrl: string, options: FaultProxyOptions): Promise<FaultProxy> {
  const target = new URL(serverUrl);
  const sockets = new Set<net.Socket>();
  let severed = false;
  const shared: Shared = {
    ...options,
    effects: [],
    hit: null,
    sever: () => {
      severed = true;
      for (const socket of sockets) socket.destroy();
    },
  };
  const server = net.createServer((client) => {
    if (severed) {
      client.destroy();
      return;
    }
    const upstream = net.connect(Number(target.port), target.hostname);
    for (const [socket, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(socket);
      socket.setNoDelay(true); // else each small message waits 40 ms for the next one
      socket.on('error', () => undefined); // ended by `close`, which follows
      socket.on('close', () => {
        sockets.delete(socket);
        other.end(); // what was written to it before still arrives
      });
    }
    relay(client, upstream, shared);
  });
  const url = await listenFor(server, serverUrl);
  return {
    url,
    effects: shared.effects,
    get hit() {
      return shared.hit;
    },
    close: () =>
      new Promise((resolve) => {
        shared.sever();
        server.close(() => resolve());
      }),
  };
}

/** One connection. */
function relay(client: net.Socket, upstream: net.Socket, shared: Shared): void {
  let session = '';
  let backend = 0;
  let hasBegun = false;
  let kept: WireMessage[] | null = null; // answers that the client does not get to see as yet
  let awaited: { readonly types: string; readonly resolve: () => void } | null = null;

  upstream.on(
    'data',
    messageReader('server', (message) => {
      if (message.type === 'K') backend = message.body.readInt32BE(0);
      if (message.type === 'Z') hasBegun = true;
      if (kept !== null) kept.push(message);
      else if (!client.destroyed) client.write(message.whole);
      if (awaited?.types.includes(message.type) === true) awaited.resolve();
    }),
  );

  const send = (...messages: readonly Buffer[]): void => {
    if (!upstream.destroyed) upstream.write(Buffer.concat(messages));
  };
  /** Sends, and waits for an answer of one of the types, or for the end. */
  const sendAndAwait = async (types: string, ...messages: readonly Buffer[]): Promise<void> => {
    if (upstream.destroyed) return;
    await new Promise<void>((resolve) => {
      awaited = { types, resolve };
      upstream.once('close', resolve);
      send(...messages);
    });
    awaited = null;
  };
  const handOver = (isWanted: (message: WireMessage) => boolean = () => true): void => {
    const answers = kept ?? [];
    kept = null;
    if (!client.destroyed) client.write(Buffer.concat(answers.filter(isWanted).map(({ whole }) => whole)));
  };

  async function stop(kind: 'die' | 'cut' | 'reset'): Promise<void> {
    if (kind === 'die') {
      await shared.kill?.();
      shared.sever();
    }
    for (const socket of [client, upstream]) {
      if (kind === 'reset') socket.resetAndDestroy();
      else socket.destroy();
    }
  }

  /** Sends, acts as soon as the statement waits for a lock, or else when it has run. */
  async function during(whole: Buffer, act: () => Promise<void>): Promise<void> {
    const release = await shared.outside.hold();
    try {
      let hasRun = false;
      const running = sendAndAwait('Z', whole).then(() => (hasRun = true));
      while (!hasRun && !(await shared.outside.isWaiting(backend)));
      await act();
      await release();
      await running;
    } finally {
      await release();
    }
  }

  async function inject(fault: Fault, request: Request): Promise<void> {
    const { whole, text } = request;
    switch (fault.kind) {
      case 'die':
      case 'cut':
      case 'reset':
        kept = [];
        if (fault.at === 'executed') await sendAndAwait('CEIs', request.withoutSync, flushMessage);
        if (fault.at === 'after') await sendAndAwait('Z', whole);
        if (fault.at === 'during') await during(whole, () => stop(fault.kind));
        return stop(fault.kind);
      case 'terminate':
        if (fault.at === 'during') return during(whole, () => shared.outside.terminate(backend));
        await shared.outside.terminate(backend);
        return send(whole);
      case 'cancel':
        if (fault.at === 'during') return during(whole, () => shared.outside.cancel(backend));
        return send(queryMessage(cancelsItself));
      case 'delay':
        if (fault.at === 'before') await pause(shared.delayMs);
        else kept = [];
        await sendAndAwait('Z', whole);
        if (fault.at === 'before') return;
        await pause(shared.delayMs);
        return handOver();
      case 'error':
        if (!endsTransaction(text)) return send(queryMessage(raise(fault.sqlstate)));
        // A COMMIT that fails has ended the transaction. The client asked for one statement, and is answered for one.
        kept = [];
        await sendAndAwait('Z', queryMessage(`rollback; ${raise(fault.sqlstate)}`));
        return handOver(({ type }) => type === 'E' || type === 'Z');
      case 'goodbye':
        client.write(fatalMessage(fault.sqlstate, 'injected by a test'));
        client.end();
        upstream.destroy();
        return;
      default:
        return fault satisfies never;
    }
  }

  async function handle(request: Request): Promise<void> {
    const { injection, effects, isPossible } = shared;
    const number = effects.filter((effect) => effect.session === session).length + 1;
    const effect: Effect = { session, number, kind: request.kind, text: request.text };
    effects.push(effect);
    const isMeant = injection?.session === session && injection.number === number && shared.hit === null;
    if (!isMeant || !isPossible(injection.fault, effect)) return send(request.whole);
    shared.hit = effect;
    await inject(injection.fault, request);
  }

  let parts: WireMessage[] = [];
  // Requests wait for what becomes of those before them.
  let turn: Promise<void> = Promise.resolve();
  const fromClient = messageReader('client', (message) => {
    if (message.type === '') session = startupParameters(message).get('application_name') ?? '';
    parts.push(message);
    // Until it is let in, a client sends passwords and the like, one by one.
    const isWhole = !hasBegun || message.type === 'Q' || message.type === 'S' || message.type === 'X';
    if (!isWhole) return;
    const request = requestOf(parts);
    parts = [];
    turn = turn.then(() => (request.isEffect ? handle(request) : send(request.whole)));
  });
  client.on('data', fromClient);
}

type Request = {
  readonly isEffect: boolean;
  readonly kind: Effect['kind'];
  readonly text: string;
  readonly whole: Buffer;
  readonly withoutSync: Buffer;
};

function requestOf(parts: readonly WireMessage[]): Request {
  const last = parts.at(-1)?.type;
  return {
    isEffect: last === 'Q' || last === 'S' || last === '',
    kind: last === '' ? 'connect' : last === 'Q' ? 'query' : 'extended',
    text: parts.map(statementIn).find((text) => text !== null) ?? '',
    whole: Buffer.concat(parts.map(({ whole }) => whole)),
    withoutSync: Buffer.concat(parts.slice(0, -1).map(({ whole }) => whole)),
  };
}

function endsTransaction(text: string): boolean {
  return /^\s*commit\b/i.test(text);
}

/** By the server's own means: https://www.postgresql.org/docs/current/plpgsql-errors-and-messages.html */
function raise(code: string): string {
  return `do $fault$ begin raise exception using errcode = '${code}', message = 'injected by a test'; end $fault$`;
}

/** The backend hears of it in the middle of its own statement. */
const cancelsItself = `do $fault$ begin perform pg_cancel_backend(pg_backend_pid()); perform pg_sleep(60); end $fault$`;
