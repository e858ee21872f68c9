/** The parts of the engine that the acceptance run drives, under the names it uses. */
export { introspect } from '../../src/run/introspect.ts';
export { readMigrationFiles } from '../../src/run/migration-files.ts';
export { withRunner, type Runner } from '../../src/run/runner.ts';
export { contractMigrations } from '../../src/run/verbs/contract.ts';
export { expandMigrations } from '../../src/run/verbs/expand.ts';
export type { VerbResult } from '../../src/run/verbs/result.ts';
