/** What each address answers. */
import {
  cancelBackfill,
  MigrateError,
  pauseBackfill,
  resumeBackfill,
  throttleBackfill,
  type DatabaseOptions,
  type ThrottleWish,
  type Wished,
} from '../index.ts';
import { errorJson } from '../report/error-text.ts';
import type { Live } from './live.ts';
import { metricsOf } from './metrics.ts';
import { pageScript } from './page-script.ts';
import { pageHtml, pageStyle } from './page.ts';
import type { Action, Route } from './routes.ts';

export type Site = { readonly live: Live; readonly database: DatabaseOptions };

export type Answer = { readonly status: number } & (
  { readonly json: unknown } | { readonly text: string; readonly type: string }
);

type Answered = Exclude<Route, { readonly kind: 'unknown' } | { readonly kind: 'events' }>;

export async function answerTo({ live, database }: Site, route: Answered, body: string): Promise<Answer> {
  switch (route.kind) {
    case 'page':
      return { status: 200, text: pageHtml, type: 'text/html' };
    case 'style':
      return { status: 200, text: pageStyle, type: 'text/css' };
    case 'script':
      return { status: 200, text: pageScript, type: 'text/javascript' };
    case 'live':
      return { status: 200, json: { status: 'live' } };
    case 'ready':
      // Without the reason: whoever may not read may ask this.
      return live.trouble() === null
        ? { status: 200, json: { status: 'ready' } }
        : { status: 503, json: { status: 'not ready' } };
    case 'status':
      return { status: 200, json: { ...live.report(), trouble: live.trouble() } };
    case 'backfills':
      return { status: 200, json: { at: live.report()?.at, backfills: live.report()?.backfills ?? [] } };
    case 'metrics': {
      const { contentType, text } = await metricsOf(live.report(), live.trouble() === null);
      return { status: 200, text: await text(), type: contentType };
    }
    case 'action':
      return act(database, route.action, route.migration, body);
  }
}

const doers: {
  readonly [A in Action]: (
    input: DatabaseOptions & { names?: readonly string[] } & ThrottleWish,
  ) => Promise<readonly Wished[]>;
} = {
  pause: pauseBackfill,
  resume: resumeBackfill,
  cancel: cancelBackfill,
  throttle: throttleBackfill,
};

async function act(database: DatabaseOptions, action: Action, migration: string | null, body: string): Promise<Answer> {
  try {
    const names = migration === null ? {} : { names: [migration] };
    const wanted = action === 'throttle' ? throttleOf(body) : {};
    return { status: 200, json: { backfills: await doers[action]({ ...database, ...names, ...wanted }) } };
  } catch (error) {
    if (!(error instanceof MigrateError)) throw error;
    return { status: statusOf(error), json: { message: error.message, ...errorJson(error) } };
  }
}

function statusOf({ code }: MigrateError): number {
  if (code === 'BAD_USAGE') return 400;
  if (code === 'NOTHING_TO_DO') return 409;
  return code === 'PERMISSION_DENIED' ? 403 : 500;
}

function throttleOf(body: string): ThrottleWish {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch (cause) {
    throw new MigrateError('BAD_USAGE', 'The request is not JSON.', { cause });
  }
  const wish = typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
  const number = (name: string, least: number): number | null | undefined => {
    const one = wish[name];
    if (one === undefined || (one === null && name !== 'nice')) return one;
    if (typeof one === 'number' && Number.isFinite(one) && one >= least && (name === 'nice' || Number.isInteger(one)))
      return one;
    throw new MigrateError('BAD_USAGE', `"${name}" must be a number, ${least} or more.`, {
      hint: 'For example: { "nice": 2, "targetMs": 100, "maxWorkers": 1 }',
    });
  };
  const nice = number('nice', 0);
  const targetMs = number('targetMs', 1);
  const maxWorkers = number('maxWorkers', 1);
  const wanted = {
    ...(nice === undefined || nice === null ? {} : { nice }),
    ...(targetMs === undefined ? {} : { targetMs }),
    ...(maxWorkers === undefined ? {} : { maxWorkers }),
  };
  if (Object.keys(wanted).length > 0) return wanted;
  throw new MigrateError('BAD_USAGE', 'None of nice, targetMs and maxWorkers was given.');
}
