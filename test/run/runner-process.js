// A runner in a process of its own, for tests that kill it: runs one verb of the compiled library on a plan, and writes
// each event as a line of JSON. One argument, JSON: { url, verb, plan, options }.
import { backfillMigrations } from '../../dist/src/run/verbs/backfill.js';
import { contractMigrations } from '../../dist/src/run/verbs/contract.js';
import { expandMigrations } from '../../dist/src/run/verbs/expand.js';
import { rollbackMigrations } from '../../dist/src/run/verbs/rollback.js';
import { withRunner } from '../../dist/src/run/runner.js';

const { url, verb, plan, options } = JSON.parse(process.argv[2]);
const verbs = {
  expand: (runner) => expandMigrations(runner, plan, { backfill: false }),
  backfill: (runner) => backfillMigrations(runner),
  contract: (runner) => contractMigrations(runner),
  rollback: (runner) => rollbackMigrations(runner),
};
const onEvent = (event) => process.stdout.write(`${JSON.stringify(event)}\n`);
const result = await withRunner({ url, ...options, onEvent }, verbs[verb]);
if (result.error !== null) throw result.error;
