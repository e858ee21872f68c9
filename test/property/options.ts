/** The options of `npm run test:property`, handed over in the environment (scripts/test-property.js). */
import { propertyNames, type RunOptions } from './run.ts';

export type Options = RunOptions & { readonly verbose: boolean; readonly timeoutMs: number };

/** Without options: what `npm test` runs. */
const fewRuns = 25;
const fixedSeed = 1;
/** A case that is not yet as small as it could be is better than one that nobody waits for. */
const longestShrinkSeconds = 90;
const millisecondsPerRun = 3_000; // on a busy machine, and a failing run is made smaller

export function optionsOf(environment: Readonly<Record<string, string | undefined>>): Options {
  const text = environment['ONWARD_PROPERTY'];
  const given: Readonly<Record<string, unknown>> = text === undefined ? {} : JSON.parse(text);
  const number = (name: string, otherwise: number) => (given[name] === undefined ? otherwise : Number(given[name]));
  const path = typeof given['path'] === 'string' ? given['path'] : null;
  const runs = path === null ? number('runs', fewRuns) : 1;
  return {
    runs,
    seed: number('seed', fixedSeed),
    path,
    only: propertyNames.find((name) => name === given['only']) ?? null,
    quiet: text === undefined,
    lanes: runs === 1 ? 1 : number('lanes', 2),
    mostFailures: number('failures', text === undefined ? 9 : 1),
    shrinkMs: 1000 * number('shrink', longestShrinkSeconds),
    verbose: text !== undefined,
    timeoutMs: 60_000 + runs * millisecondsPerRun,
  };
}
