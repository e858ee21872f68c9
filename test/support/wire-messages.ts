/**
 * The messages of Postgres' protocol, as far as a proxy between a client and the server has to know them.
 *
 * https://www.postgresql.org/docs/current/protocol-message-formats.html
 */

export type WireMessage = {
  /** A letter; empty for the first message of a client, which has no type. */
  readonly type: string;
  readonly body: Buffer;
  /** As it is to be passed on. */
  readonly whole: Buffer;
};

/** Cuts a stream into messages. The first one of a client has no type. */
export function messageReader(from: 'client' | 'server', onMessage: (message: WireMessage) => void) {
  let rest: Buffer = Buffer.alloc(0);
  let typeLength = from === 'client' ? 0 : 1;
  return (chunk: Buffer): void => {
    rest = Buffer.concat([rest, chunk]);
    while (rest.length >= typeLength + 4) {
      const end = typeLength + rest.readInt32BE(typeLength);
      if (rest.length < end) return;
      const whole = rest.subarray(0, end);
      rest = rest.subarray(end);
      const type = typeLength === 0 ? '' : String.fromCharCode(whole[0] ?? 0);
      const body = whole.subarray(typeLength + 4);
      typeLength = 1;
      onMessage({ type, body, whole });
    }
  };
}

/** The text of a simple query, or of one that is being prepared. */
export function statementIn({ type, body }: WireMessage): string | null {
  if (type === 'Q') return untilZero(body, 0);
  if (type === 'P') return untilZero(body, body.indexOf(0) + 1);
  return null;
}

/** Of the first message of a client: user, database, application_name, … */
export function startupParameters({ body }: WireMessage): ReadonlyMap<string, string> {
  const words = body.toString('utf8', 4).split('\0'); // after the protocol's number
  const pairs = words.flatMap((word, at): [string, string][] => (at % 2 === 0 ? [[word, words[at + 1] ?? '']] : []));
  return new Map(pairs);
}

/** A simple query. */
export function queryMessage(text: string): Buffer {
  return messageOf('Q', `${text}\0`);
}

/** Asks the server to send what it has to say so far, without ending the implicit transaction as Sync would. */
export const flushMessage: Buffer = messageOf('H', '');

/** What the server says before it closes a connection. */
export function fatalMessage(code: string, text: string): Buffer {
  return messageOf('E', `SFATAL\0VFATAL\0C${code}\0M${text}\0\0`);
}

function messageOf(type: string, body: string): Buffer {
  const length = Buffer.alloc(4);
  length.writeInt32BE(4 + Buffer.byteLength(body));
  return Buffer.concat([Buffer.from(type), length, Buffer.from(body)]);
}

function untilZero(body: Buffer, start: number): string {
  return body.toString('utf8', start, body.indexOf(0, start));
}
