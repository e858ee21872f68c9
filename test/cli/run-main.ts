/** Runs the command line inside the test's process, with streams that remember what was written to them. */
import * as fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { main } from '../../src/cli/main.ts';
import type { SignalName, Stream, Terminal } from '../../src/cli/terminal.ts';

export type Run = { readonly code: number; readonly out: string; readonly err: string };

export type RunOptions = {
  readonly env?: Readonly<Record<string, string>>;
  /** Given: a person at a terminal who gives these answers. Absent: a pipe. */
  readonly answers?: readonly string[];
  readonly input?: string | Uint8Array;
  /** Called with what was written so far to either stream; may send a signal. */
  readonly onOutput?: (text: string, send: (name: SignalName) => void) => void;
};

export async function runMain(args: readonly string[], options: RunOptions = {}): Promise<Run> {
  const written = { out: '', err: '' };
  const handlers = new Set<(name: SignalName) => void>();
  const answers = [...(options.answers ?? [])];
  const send = (name: SignalName): void => {
    for (const handler of handlers) handler(name);
  };
  const stream = (name: 'out' | 'err'): Stream => ({
    isTty: false,
    columns: 80,
    screen: null,
    gone: new AbortController().signal,
    write(text) {
      written[name] += text;
      options.onOutput?.(written.out + written.err, send);
    },
  });
  const terminal: Terminal = {
    out: stream('out'),
    err: stream('err'),
    inputIsTty: options.answers !== undefined,
    env: options.env ?? {},
    form:
      options.answers === undefined
        ? null
        : {
            text: (_, usual) => Promise.resolve(answers.shift() ?? usual),
            agrees: (_, usual) => Promise.resolve((answers.shift() ?? (usual ? 'y' : 'n')) === 'y'),
          },
    ask: (question) => {
      written.err += question;
      return Promise.resolve(answers.shift() ?? '');
    },
    readInput: () => Promise.resolve(Buffer.from(options.input ?? '')),
    onSignal(handler) {
      handlers.add(handler);
      return () => handlers.delete(handler);
    },
    dieOf: () => undefined,
  };
  const code = await main(args, terminal);
  return { code, ...written };
}

/** Fails when the password of the URL is in what was printed. A server of other people may have a usual word as password. */
export function refusePassword(run: Run, url: string): void {
  const { password } = new URL(url);
  if (password.length > 12 && (run.out + run.err).includes(password)) {
    throw new Error(`The password was printed:\n${run.out}${run.err}`);
  }
}

/** A folder of migrations (or of anything) that lasts as long as `work`. */
export async function withFiles<T>(
  files: Readonly<Record<string, string | Uint8Array>>,
  work: (folder: string) => Promise<T>,
): Promise<T> {
  const folder = await fs.mkdtemp(path.join(os.tmpdir(), 'onward-cli-'));
  try {
    await writeFiles(folder, files);
    return await work(folder);
  } finally {
    await fs.rm(folder, { recursive: true });
  }
}

export async function writeFiles(folder: string, files: Readonly<Record<string, string | Uint8Array>>): Promise<void> {
  for (const [name, content] of Object.entries(files)) {
    await fs.mkdir(path.dirname(path.join(folder, name)), { recursive: true });
    await fs.writeFile(path.join(folder, name), content);
  }
}
