/** Our own version, as package.json states it: it is written into the ledger beside everything that we do. */
import { createRequire } from 'node:module';

let known: string | null = null;

export function onwardVersion(): string {
  if (known === null) {
    // By the package's own name: the path differs between src/ and dist/src/.
    const manifest: unknown = createRequire(import.meta.url)('onward/package.json');
    const version =
      typeof manifest === 'object' && manifest !== null && 'version' in manifest ? manifest.version : null;
    known = typeof version === 'string' ? version : 'unknown';
  }
  return known;
}
