/** An address that leads to one server and, from some moment on, to another: what a failover looks like to a client. */
import net from 'node:net';
import { listenFor } from './listen.ts';

export type SwitchingProxy = {
  /** The first server's URL, by way of this proxy. */
  readonly url: string;
  /** Cuts all connections without a word; new ones lead to the other server. */
  switchTo(serverUrl: string): void;
  close(): Promise<void>;
};

export async function startSwitchingProxy(serverUrl: string): Promise<SwitchingProxy> {
  let target = new URL(serverUrl);
  const sockets = new Set<net.Socket>();
  const cut = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  const server = net.createServer((client) => {
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
        other.destroy();
      });
      socket.pipe(other);
    }
  });
  const url = await listenFor(server, serverUrl);
  return {
    url,
    switchTo(other) {
      target = new URL(other);
      cut();
    },
    close: () =>
      new Promise((resolve) => {
        cut();
        server.close(() => resolve());
      }),
  };
}
