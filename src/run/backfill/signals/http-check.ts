/**
 * An address of the user's own that says whether the backfill may go on: an answer from 200 to 299 is yes, every other
 * one is no. One whose body is JSON with `value` and `limit` is a signal like the others, with a value between.
 *
 * The address may hold a token, so it is never shown: the check's name is.
 */
import { measured, type CommonSettings, type Reading } from './signal.ts';

export type HttpCheck = CommonSettings & {
  readonly url: string;
  readonly everyMs?: number;
};

const timeoutMs = 1_500; // below the age at which a signal is stale
const longestBody = 10_000; // characters of an answer that are looked at

export async function readHttpCheck({ url }: HttpCheck, signal: AbortSignal): Promise<Reading> {
  const response = await fetch(url, { signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]) });
  const body = await response.text();
  const told = body.length > longestBody ? null : valueAndLimit(body);
  const about = `it answers ${response.status}`;
  if (response.ok && told !== null) return measured({ ...told, unit: '', about });
  return measured({ value: response.ok ? 0 : 1, limit: 1, unit: '', about });
}

function valueAndLimit(body: string): { readonly value: number; readonly limit: number } | null {
  let json: unknown;
  try {
    json = JSON.parse(body);
  } catch {
    return null;
  }
  if (typeof json !== 'object' || json === null || !('value' in json) || !('limit' in json)) return null;
  const { value, limit } = json;
  return typeof value === 'number' && typeof limit === 'number' ? { value, limit } : null;
}
