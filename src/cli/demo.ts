/** Shows the demo on a terminal or a pipe. It fails when a promise was broken: then its last table says which. */
import { createRequire } from 'node:module';
import path from 'node:path';
import { runDemo as demo, type DemoOutcome } from '../demo/run-demo.ts';
import { exitCodes, type ExitCode } from '../errors.ts';
import type { Call } from './call.ts';

/** How often a pipe gets a line about a backfill that goes on. */
const pipedProgressMs = 5_000;

export async function runDemo(call: Call): Promise<ExitCode> {
  const root = path.dirname(createRequire(import.meta.url).resolve('onward/package.json'));
  const screen = lineScreen(call);
  const outcome = await demo({
    folder: path.join(root, 'migrations-example'),
    look: call.look,
    signal: call.signal,
    ...screen,
  });
  call.result(asJson(outcome));
  return keptItsPromise(outcome) ? exitCodes.done : exitCodes.failed;
}

function keptItsPromise({ online, differences }: DemoOutcome): boolean {
  const { measurements, lostRows } = online;
  const failed = measurements.of('old').failed + measurements.of('new').failed;
  return failed === 0 && lostRows === 0 && differences.length === 0;
}

/** A line that stays, and one that the next replaces; a pipe gets the latter now and then. */
function lineScreen({ progress, flags, print, say }: Call): Pick<Parameters<typeof demo>[0], 'print' | 'show'> {
  const keep = flags.json === true ? say : print;
  let shown = false;
  let lastMs = performance.now();
  return {
    print(line) {
      if (shown) progress.write('\r\u001B[2K');
      shown = false;
      keep(`${line}\n`);
    },
    show(line) {
      if (progress.isTty) {
        progress.write(`\r\u001B[2K${line.slice(0, progress.columns - 1)}`);
        shown = true;
      } else if (performance.now() - lastMs > pipedProgressMs) {
        lastMs = performance.now();
        keep(`${line}\n`);
      }
    },
  };
}

function asJson({ online, direct, differences }: DemoOutcome): unknown {
  const run = ({ measurements, lostRows, refused }: DemoOutcome['online']) => ({
    old: measurements.of('old'),
    new: measurements.of('new'),
    phases: measurements.phases,
    lostRows,
    refused,
  });
  return { online: run(online), direct: run(direct), differences };
}
