/**
 * A way to the server that can be cut. To the server, a connection that ends is a process that died: it rolls back what
 * is open and forgets the session. So a test can kill a runner at a chosen statement without killing a process.
 *
 * `onStatement` sees every statement before the server does. When it answers `cut`, the statement is still sent and
 * carried out, and then every connection is closed without a word, before the client hears of the result. Afterwards
 * nobody gets through any more.
 */
import net from 'node:net';
import { listenFor } from './listen.ts';
import { messageReader, statementIn } from './wire-messages.ts';

export type SeveringProxy = {
  /** The server's URL, by way of this proxy. */
  readonly url: string;
  close(): Promise<void>;
};

export type StatementSeen = {
  readonly text: string;
  /** Process id of the server's backend. */
  readonly backend: number;
  /** Ends all connections at once, also while a statement is running. */
  readonly sever: () => void;
};

export type OnStatement = (statement: StatementSeen) => 'pass' | 'cut' | Promise<'pass' | 'cut'>;

export async function startSeveringProxy(serverUrl: string, onStatement: OnStatement): Promise<SeveringProxy> {
  const target = new URL(serverUrl);
  const sockets = new Set<net.Socket>();
  let severed = false;
  const sever = (): void => {
    severed = true;
    for (const socket of sockets) socket.destroy();
  };
  const server = net.createServer((client) => {
    if (severed) {
      client.destroy();
      return;
    }
    const upstream = net.connect(Number(target.port), target.hostname);
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.setNoDelay(true); // else each small message waits 40 ms for the next one
      socket.on('error', () => undefined); // ended by `close`, which follows
      socket.on('close', () => {
        sockets.delete(socket);
        client.destroy();
        upstream.destroy();
      });
    }
    relay(client, upstream, onStatement, sever);
  });
  const url = await listenFor(server, serverUrl);
  return {
    url,
    close: () =>
      new Promise((resolve) => {
        sever();
        server.close(() => resolve());
      }),
  };
}

function relay(client: net.Socket, upstream: net.Socket, onStatement: OnStatement, sever: () => void): void {
  let backend = 0;
  let cutAtReady = false;
  const fromServer = messageReader('server', ({ type, body, whole }) => {
    if (type === 'K') backend = body.readInt32BE(0);
    if (type === 'Z' && cutAtReady) sever();
    else if (!client.destroyed) client.write(whole);
  });
  // Messages wait for the verdict on those before them.
  let turn: Promise<void> = Promise.resolve();
  const fromClient = messageReader('client', (message) => {
    const text = statementIn(message);
    turn = turn.then(async () => {
      if (text !== null && (await onStatement({ text, backend, sever })) === 'cut') cutAtReady = true;
      if (!upstream.destroyed) upstream.write(message.whole);
    });
  });
  client.on('data', fromClient);
  upstream.on('data', fromServer);
}
