/**
 * A way to the server on which connections have mishaps: each new connection gets a fate, and meets it once so many
 * bytes have passed, wherever in a message that is.
 *
 * - `cut`: both ends are closed without a word.
 * - `silence`: nothing passes any more, in either direction, and nothing is closed: what a firewall that has forgotten a
 *   connection does. Neither end is told when the other one gives up.
 * - `answer_lost`: the first statement that `statement` occurs in goes to the server whole and is carried out; its answer
 *   is dropped, and then both ends are closed. Whether it was committed, the client cannot know.
 */
import net from 'node:net';
import { listenFor } from './listen.ts';

export type Fate =
  | { readonly kind: 'cut' | 'silence'; readonly of: 'client' | 'server'; readonly afterBytes: number }
  | { readonly kind: 'answer_lost'; readonly statement: string };

export type UnreliableProxy = {
  /** The server's URL, by way of this proxy. */
  readonly url: string;
  /** Fates that connections have met, by kind. */
  met(kind: Fate['kind']): number;
  close(): Promise<void>;
};

/** `fateOf` is asked for each new connection; null: nothing ever happens to it. */
export async function startUnreliableProxy(serverUrl: string, fateOf: () => Fate | null): Promise<UnreliableProxy> {
  const target = new URL(serverUrl);
  const sockets = new Set<net.Socket>();
  const met: Record<Fate['kind'], number> = { cut: 0, silence: 0, answer_lost: 0 };
  const server = net.createServer((client) => {
    const upstream = net.connect(Number(target.port), target.hostname);
    const fate = fateOf();
    let isSilent = false;
    const end = (): void => {
      client.destroy();
      upstream.destroy();
    };
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.setNoDelay(true); // else each small message waits 40 ms for the next one
      socket.on('error', () => undefined); // ended by `close`, which follows
      socket.on('close', () => {
        sockets.delete(socket);
        if (!isSilent) end();
      });
    }
    relay(client, upstream, fate, {
      cut: (kind) => {
        met[kind] += 1;
        end();
      },
      fallSilent: () => {
        met.silence += 1;
        isSilent = true;
      },
      isSilent: () => isSilent,
    });
  });
  const url = await listenFor(server, serverUrl);
  return {
    url,
    met: (kind) => met[kind],
    close: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy();
        server.close(() => resolve());
      }),
  };
}

type Happening = {
  readonly cut: (kind: 'cut' | 'answer_lost') => void;
  readonly fallSilent: () => void;
  readonly isSilent: () => boolean;
};

function relay(client: net.Socket, upstream: net.Socket, fate: Fate | null, happening: Happening): void {
  const passed = { client: 0, server: 0 };
  let isAnswerLost = false;
  function pass(of: 'client' | 'server', to: net.Socket, chunk: Buffer): void {
    if (happening.isSilent()) return;
    if (fate !== null && fate.kind !== 'answer_lost' && fate.of === of) {
      const left = fate.afterBytes - passed[of];
      if (chunk.length > left) {
        if (fate.kind === 'silence') happening.fallSilent();
        // What came before the cut still arrives.
        if (left > 0) to.write(chunk.subarray(0, left), () => fate.kind === 'cut' && happening.cut('cut'));
        else if (fate.kind === 'cut') happening.cut('cut');
        passed[of] = fate.afterBytes;
        return;
      }
    }
    passed[of] += chunk.length;
    if (of === 'client' && fate?.kind === 'answer_lost') isAnswerLost ||= chunk.includes(fate.statement);
    if (of === 'server' && isAnswerLost) {
      if (endsReady(chunk)) happening.cut('answer_lost');
      return;
    }
    to.write(chunk);
  }
  client.on('data', (chunk: Buffer) => pass('client', upstream, chunk));
  upstream.on('data', (chunk: Buffer) => pass('server', client, chunk));
}

/** ReadyForQuery is the last message of an answer: `Z`, its length of 5 in four bytes, and the transaction's state. */
function endsReady(chunk: Buffer): boolean {
  return chunk.length >= 6 && chunk.subarray(-6, -1).equals(Buffer.from([0x5a, 0, 0, 0, 5]));
}
