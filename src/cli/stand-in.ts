/** An empty database on which files are run, to know exactly what schema they make: the one that was named, or an embedded one. */
import { MigrateError } from '../errors.ts';
import { textFlag, type Call, type VerbOption } from './call.ts';

export const standInOption: VerbOption = {
  flags: '--stand-in-url <url>',
  text: 'an empty database to run the files on (default: an embedded server)',
};

export async function withStandIn<T>(call: Call, work: (standInUrl: string) => Promise<T>): Promise<T> {
  const given = textFlag(call.own, 'standInUrl');
  if (given !== undefined) return work(given);
  const { startEmbeddedServer } = await import('../index.ts');
  const server = await startEmbeddedServer().catch((cause: unknown) => {
    throw new MigrateError(
      'SERVER_START_FAILED',
      'The files have to be run somewhere, and no embedded server starts.',
      {
        hint: 'Name an empty database of the same major version: --stand-in-url <url>',
        cause,
      },
    );
  });
  try {
    call.say(call.look.paint.dim(`The files are run on an embedded Postgres ${server.version}.\n`));
    return await work(server.url);
  } finally {
    await server.stop();
  }
}
