/** Our own version. By the package's own name, because the path to package.json differs between src/ and dist/src/. */
import { createRequire } from 'node:module';

export function packageVersion(): string {
  const manifest: unknown = createRequire(import.meta.url)('onward/package.json');
  const version = typeof manifest === 'object' && manifest !== null && 'version' in manifest ? manifest.version : null;
  return typeof version === 'string' ? version : 'unknown';
}
