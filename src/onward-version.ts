/** Our own version. The ledger states it beside everything that we do, and reports name it. */
import manifest from '../package.json' with { type: 'json' };

export const onwardVersion: string = manifest.version;
