/** Which address means what. Pure. */
import type { Asked } from './guard.ts';

export type Action = 'pause' | 'resume' | 'cancel' | 'throttle';

export type Route =
  | { readonly kind: 'page' | 'style' | 'script' | 'live' | 'ready'; readonly needs: 'open' }
  | { readonly kind: 'status' | 'backfills' | 'metrics'; readonly needs: 'read' }
  | { readonly kind: 'events'; readonly needs: 'read' }
  | { readonly kind: 'action'; readonly needs: 'write'; readonly action: Action; readonly migration: string | null }
  | { readonly kind: 'unknown'; readonly status: 404 | 405; readonly message: string };

type Simple = Exclude<Route, { readonly kind: 'action' } | { readonly kind: 'unknown' }>;

const reads: Readonly<Record<string, Simple>> = {
  '/': { kind: 'page', needs: 'open' },
  '/page.css': { kind: 'style', needs: 'open' },
  '/page.js': { kind: 'script', needs: 'open' },
  '/health/live': { kind: 'live', needs: 'open' },
  '/health/ready': { kind: 'ready', needs: 'open' },
  '/metrics': { kind: 'metrics', needs: 'read' },
  '/api/status': { kind: 'status', needs: 'read' },
  '/api/backfills': { kind: 'backfills', needs: 'read' },
  '/api/events': { kind: 'events', needs: 'read' },
};

const actions: readonly Action[] = ['pause', 'resume', 'cancel', 'throttle'];

/** `POST /api/backfills/<migration>/pause`; without a migration, all that are under way. */
export function routeOf(method: string, address: string): Route {
  const path = address.split('?')[0] ?? '';
  const read = Object.hasOwn(reads, path) ? reads[path] : undefined;
  if (read !== undefined) {
    return method === 'GET' || method === 'HEAD' ? read : { kind: 'unknown', status: 405, message: 'Use GET.' };
  }
  const [, encoded = null, word = ''] = /^\/api\/backfills(?:\/([^/]+))?\/([a-z]+)$/.exec(path) ?? [];
  const action = actions.find((candidate) => candidate === word);
  const migration = encoded === null ? null : decoded(encoded);
  if (action === undefined || migration === undefined) {
    return { kind: 'unknown', status: 404, message: 'There is nothing at this address.' };
  }
  if (method !== 'POST') return { kind: 'unknown', status: 405, message: 'Use POST.' };
  return { kind: 'action', needs: 'write' satisfies Asked['needs'], action, migration };
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
