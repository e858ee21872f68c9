/** Once per run of the `server` project: builds what the tests of the command line start, and starts the server. */
import { execFile } from 'node:child_process';
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

/** Types are the type check's affair. What is up to date is not built again. */
async function build(): Promise<void> {
  await promisify(execFile)(process.execPath, [path.join(repositoryFolder, 'scripts', 'build.js'), 'js']);
}
