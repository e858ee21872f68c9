/**
 * The outside world of the command line: streams, environment, signals. Everything a verb does to it goes through one of
 * these, so that the tests run a verb with captured streams, and `main` is the only one that touches `process`.
 */
import { terminalForm, type Form } from './form.ts';

export type SignalName = 'SIGINT' | 'SIGTERM';

export type Stream = {
  write(text: string): void;
  readonly isTty: boolean;
  readonly columns: number;
  /** For what moves the cursor; null where there is none to move. */
  readonly screen: NodeJS.WriteStream | null;
  /** Aborts when nobody reads it any more ("migrate backfill status --watch | head"). */
  readonly gone: AbortSignal;
};

export type Terminal = {
  readonly out: Stream;
  readonly err: Stream;
  readonly inputIsTty: boolean;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Questions with choices. Null where they cannot be drawn. */
  readonly form: Form | null;
  /** One line from the person; the empty string at the end of the input. */
  ask(question: string, signal: AbortSignal): Promise<string>;
  /** All of standard input. */
  readInput(): Promise<Uint8Array>;
  /** Calls `handler` for each signal until the returned function is called. */
  onSignal(handler: (signal: SignalName) => void): () => void;
  /** Ends this process at once, as the signal itself would have. */
  dieOf(signal: SignalName): void;
};

const usualColumns = 80; // of a pipe or a terminal that does not say

export function processTerminal(): Terminal {
  return {
    out: streamOf(process.stdout),
    err: streamOf(process.stderr),
    inputIsTty: process.stdin.isTTY === true,
    env: process.env,
    form: process.stderr.isTTY === true ? terminalForm : null,
    async ask(question, signal) {
      const { createInterface } = await import('node:readline/promises');
      const reader = createInterface({ input: process.stdin, output: process.stderr });
      try {
        return await reader.question(question, { signal });
      } finally {
        reader.close();
      }
    },
    async readInput() {
      const chunks: Buffer[] = [];
      for await (const chunk of process.stdin) chunks.push(Buffer.from(chunk));
      return Buffer.concat(chunks);
    },
    onSignal(handler) {
      const listeners = (['SIGINT', 'SIGTERM'] as const).map((name) => {
        const listener = (): void => handler(name);
        process.on(name, listener);
        return { name, listener };
      });
      return () => {
        for (const { name, listener } of listeners) process.off(name, listener);
      };
    },
    dieOf(signal) {
      process.removeAllListeners(signal);
      process.kill(process.pid, signal);
    },
  };
}

function streamOf(stream: NodeJS.WriteStream): Stream {
  const gone = new AbortController();
  // A reader that went away ("migrate plan | head") is no error: there is nobody left to tell.
  stream.on('error', () => gone.abort());
  return {
    gone: gone.signal,
    write(text) {
      stream.write(text);
    },
    isTty: stream.isTTY === true,
    screen: stream.isTTY === true ? stream : null,
    get columns() {
      return stream.columns ?? usualColumns;
    },
  };
}
