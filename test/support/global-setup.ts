/** Once per run of the `server` project: builds what the tests of the command line start, and starts the server. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import type { TestProject } from 'vitest/node';
import { repositoryFolder, startTestServer } from './server.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    readonly serverUrl: string;
    readonly serverVersion: number;
  }
}

export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const [server] = await Promise.all([startTestServer(), build()]);
  project.provide('serverUrl', server.url);
  project.provide('serverVersion', server.version);
  return () => server.stop();
}

/** `tsc` writes the programs even when types do not match; that is the type check's to report, not each test's. */
async function build(): Promise<void> {
  const compiler = path.join(repositoryFolder, 'node_modules', 'typescript', 'bin', 'tsc');
  try {
    await promisify(execFile)(process.execPath, [compiler, '-p', 'tsconfig.build.json'], { cwd: repositoryFolder });
  } catch (error) {
    if (!existsSync(path.join(repositoryFolder, 'dist', 'src'))) throw error;
    console.warn('tsc reports errors; run "npm run typecheck" to see them.');
  }
}
