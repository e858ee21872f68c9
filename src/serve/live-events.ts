/** Server-sent events: the points of the curves first, then every look, for as long as the visitor listens. */
import type { ServerResponse } from 'node:http';
import type { DatabaseLook } from '../index.ts';
import type { Live } from './live.ts';

const mostListeners = 100; // each keeps a socket open
const mostBufferedBytes = 4_000_000; // of a visitor who does not read; he is let go, and connects again

let listeners = 0;

export function sendEvents(live: Live, response: ServerResponse, headers: Readonly<Record<string, string>>): void {
  if (listeners >= mostListeners) {
    response.writeHead(503, { ...headers, 'content-type': 'application/json' });
    response.end(JSON.stringify({ message: 'Too many listen already.' }));
    return;
  }
  listeners += 1;
  response.writeHead(200, { ...headers, 'content-type': 'text/event-stream; charset=utf-8' });
  const write = (event: string, data: unknown): void => {
    if (response.writableLength > mostBufferedBytes) response.destroy();
    else response.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
  };
  const onLook = (look: DatabaseLook): void => {
    if (look.kind === 'seen') write('look', look);
    else write('trouble', { message: look.error.message });
  };
  write('curves', live.curves());
  const report = live.report();
  if (report !== null) write('look', report);
  const trouble = live.trouble();
  if (trouble !== null) write('trouble', { message: trouble });
  const stopListening = live.onLook(onLook);
  response.once('close', () => {
    listeners -= 1;
    stopListening();
  });
  // The watching has ended, and with it what could be told.
  live.ended.then(
    () => response.end(),
    () => response.end(),
  );
}
