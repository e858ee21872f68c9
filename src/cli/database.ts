/** Which database a verb works on: the one that was named, or an embedded server that lives as long as the verb. */
import { MigrateError } from '../errors.ts';
import type { Call } from './call.ts';

export function isEmbedded(call: Call): boolean {
  return call.flags.embedded === true || call.flags.embeddedDir !== undefined;
}

/** Runs `work` with the database's URL; stops an embedded server afterwards, whatever happened. */
export async function withDatabase<T>(call: Call, work: (databaseUrl: string) => Promise<T>): Promise<T> {
  if (!isEmbedded(call)) return work(await neededUrl(call));
  if (call.flags.databaseUrl !== undefined) {
    throw new MigrateError('BAD_USAGE', 'Both --database-url and an embedded server were asked for.', {
      hint: 'Leave one of them out.',
    });
  }
  const { startEmbeddedServer } = await import('../index.ts');
  const { embeddedDir } = call.flags;
  const server = await startEmbeddedServer(
    embeddedDir === undefined ? {} : { dataDirectory: embeddedDir, durable: true },
  );
  try {
    const place = embeddedDir === undefined ? 'gone when this command ends' : `data in ${embeddedDir}`;
    call.say(call.look.paint.dim(`Embedded Postgres ${server.version} on port ${server.port}, ${place}.\n`));
    return await work(server.url);
  } finally {
    await server.stop();
  }
}

/** The URL that was given, with what the PG* variables, a service file and --role add; null: no database was named. */
export async function databaseUrlOf(call: Call): Promise<string | null> {
  const { resolveDatabaseUrl } = await import('../index.ts');
  const { databaseUrl, role } = call.config;
  return resolveDatabaseUrl({ databaseUrl, environment: call.terminal.env, role });
}

async function neededUrl(call: Call): Promise<string> {
  const url = await databaseUrlOf(call);
  if (url !== null) return url;
  throw new MigrateError('NO_DATABASE_URL', 'No database was named.', {
    hint: [
      'Set DATABASE_URL (in the environment or in .env; PGDATABASE and PGSERVICE count, too), or add --database-url. It looks like this:',
      '  postgres://<user>:<password>@host:5432/database',
      'Without a server at hand: --embedded starts a throw-away Postgres for this one command.',
    ].join('\n'),
  });
}
