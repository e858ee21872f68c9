/** `migrate serve`: a page, metrics and an API about one database. */
import { randomBytes } from 'node:crypto';
import * as fs from 'node:fs/promises';
import { exitCodes, MigrateError, type ExitCode } from '../errors.ts';
import { isLoopbackAddress } from '../serve/guard.ts';
import { numberFlag, number, textFlag, wholeNumber, type Call, type Verb } from './call.ts';
import { withDatabase } from './database.ts';

const usualPort = 8_787;
const shortestToken = 16; // letters; a shorter one can be guessed over a network
const variable = 'ONWARD_SERVE_TOKEN';

export const serveVerb: Verb = {
  name: 'serve',
  summary: 'a page, metrics and an API about a database',
  description:
    'Serve a live page about every migration and backfill, with Prometheus metrics, health checks and a JSON API. It ' +
    'runs no migration; what it can change is to pause, resume, cancel and throttle backfills, with the token.',
  options: [
    { flags: '--port <n>', text: 'default: 8787; 0: any that is free', parse: wholeNumber('--port', 0) },
    { flags: '--address <ip>', text: 'default: 127.0.0.1, this machine only' },
    { flags: '--token-file <file>', text: 'the token is in this file (else ONWARD_SERVE_TOKEN)' },
    { flags: '--every <seconds>', text: 'how often to look (default: 2)', parse: number('--every', 0.2) },
  ],
  examples: [
    ['migrate serve', 'on this machine: the page is at http://127.0.0.1:8787/'],
    ['ONWARD_SERVE_TOKEN=… migrate serve --address 0.0.0.0', 'for others too: everything then needs the token'],
    ['curl http://127.0.0.1:8787/metrics', 'what Prometheus reads'],
  ],
  run: runServe,
};

async function runServe(call: Call): Promise<ExitCode> {
  const address = textFlag(call.own, 'address') ?? '127.0.0.1';
  const port = numberFlag(call.own, 'port') ?? usualPort;
  if (port > 65_535)
    throw new MigrateError('BAD_USAGE', `There is no port ${port}.`, { hint: 'The last one is 65535.' });
  const given = await tokenGiven(call);
  if (given === null && !isLoopbackAddress(address)) {
    throw new MigrateError('BAD_USAGE', `Bound to ${address}, others reach the server: it needs a token.`, {
      hint: `Make one, and keep it: export ${variable}=$(openssl rand -hex 24)`,
    });
  }
  const token = given ?? randomBytes(24).toString('hex');
  const { serve } = await import('../serve/server.ts');
  return withDatabase(call, async (databaseUrl) => {
    const everyMs = 1_000 * (numberFlag(call.own, 'every') ?? 2);
    const { schema } = call.config;
    const serving = await serve({ databaseUrl, schema, address, port, token, everyMs, signal: call.signal });
    call.print(
      given === null
        ? `Listening. Open, with the token that lets you pause and resume:\n  ${serving.url}#token=${token}\n`
        : `Listening on ${serving.url}\n`,
    );
    call.result({ url: serving.url, ...(given === null ? { token } : {}) });
    await serving.stopped;
    return exitCodes.done;
  });
}

async function tokenGiven(call: Call): Promise<string | null> {
  const file = textFlag(call.own, 'tokenFile');
  const text = file === undefined ? (call.terminal.env[variable] ?? '') : await readToken(file);
  const token = text.trim();
  if (token === '' && file === undefined) return null;
  if (token.length >= shortestToken && /^[\w.~-]+$/.test(token)) return token;
  throw new MigrateError('BAD_USAGE', `The token is ${token === '' ? 'empty' : 'not a good one'}.`, {
    hint: `It has ${shortestToken} or more letters, digits, ".", "_", "~" and "-". For example: openssl rand -hex 24`,
  });
}

async function readToken(file: string): Promise<string> {
  return fs.readFile(file, 'utf8').catch((cause: unknown) => {
    throw new MigrateError('BAD_USAGE', `The token file ${file} cannot be read.`, {
      hint: 'Correct the path after --token-file.',
      cause,
    });
  });
}
