/** Every verb, in the order in which `--help` lists them. */
import { backfillVerb } from './backfill/verb.ts';
import { baselineVerb } from './baseline.ts';
import type { Verb } from './call.ts';
import { completionVerb } from './completion.ts';
import { contractVerb } from './contract.ts';
import { demoVerb } from './demo-command.ts';
import { diffVerb } from './diff.ts';
import { doctorVerb } from './doctor.ts';
import { expandVerb } from './expand.ts';
import { explainVerb } from './explain.ts';
import { importVerb } from './import.ts';
import { initVerb } from './init.ts';
import { lintVerb } from './lint.ts';
import { logVerb } from './log.ts';
import { lspVerb } from './lsp.ts';
import { newVerb } from './new.ts';
import { planVerb } from './plan.ts';
import { repairVerb } from './repair.ts';
import { rollbackVerb } from './rollback.ts';
import { serveVerb } from './serve.ts';
import { statusVerb } from './status.ts';
import { unlockVerb } from './unlock.ts';
import { upVerb } from './up.ts';
import { verifyVerb } from './verify.ts';

export const verbs: readonly Verb[] = [
  lintVerb,
  planVerb,
  expandVerb,
  backfillVerb,
  contractVerb,
  rollbackVerb,
  statusVerb,
  logVerb,
  serveVerb,
  diffVerb,
  doctorVerb,
  verifyVerb,
  repairVerb,
  unlockVerb,
  upVerb,
  newVerb,
  initVerb,
  importVerb,
  baselineVerb,
  explainVerb,
  lspVerb,
  completionVerb,
  demoVerb,
];
