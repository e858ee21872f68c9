/** The migrations that were named on the command line, with or without the ending of their files. */
import type { Call } from './call.ts';

/** Nothing when none was named: all that are on their way. */
export function namesGiven(call: Call): { readonly names?: readonly string[] } {
  return call.args.length === 0 ? {} : { names: call.args.map((name) => name.replace(/(?:\.up)?\.sql$/i, '')) };
}
