/** Who may ask what, and which address means what. */
import { expect, test } from 'vitest';
import { isLoopbackAddress, refusal, type Asked } from '../../src/serve/guard.ts';
import { routeOf } from '../../src/serve/routes.ts';

const token = 'a-token-that-nobody-guesses';
const here = { isLoopback: true, token };
const elsewhere = { isLoopback: false, token };

const read: Asked = {
  method: 'GET',
  host: 'localhost:8787',
  origin: undefined,
  authorization: undefined,
  contentType: undefined,
  needs: 'read',
};
const write: Asked = {
  ...read,
  method: 'POST',
  needs: 'write',
  authorization: `Bearer ${token}`,
  contentType: 'application/json',
};

test.each<readonly [string, Asked, number | null]>([
  ['reading on this machine', read, null],
  ['another port, another spelling', { ...read, host: '127.0.0.1:1' }, null],
  ['IPv6', { ...read, host: '[::1]:8787' }, null],
  ['a name that points here', { ...read, host: 'evil.example:8787' }, 403],
  ['a name that only begins like this machine', { ...read, host: 'localhost.evil.example' }, 403],
  ['no host', { ...read, host: undefined }, 403],
  ['a health check by another name', { ...read, host: 'evil.example', needs: 'open' }, 403],
  ['a page of another origin', { ...read, origin: 'https://evil.example' }, 403],
  ['a sandboxed page', { ...read, origin: 'null' }, 403],
  ['its own page', { ...write, origin: 'http://localhost:8787' }, null],
  ['a change from another port of this machine', { ...write, origin: 'http://localhost:3000' }, 403],
  ['a change without the token', { ...write, authorization: undefined }, 401],
  ['a change with another token', { ...write, authorization: 'Bearer x' }, 401],
  ['a change as a form sends it', { ...write, contentType: 'application/x-www-form-urlencoded' }, 415],
])('on this machine: %s', (_, asked, status) => {
  expect(refusal(here, asked)?.status ?? null).toBe(status);
});

test.each<readonly [string, Asked, number | null]>([
  ['reading without the token', { ...read, host: 'jobs.example:8787' }, 401],
  ['reading with it', { ...read, host: 'jobs.example:8787', authorization: `bearer ${token}` }, null],
  ['a health check', { ...read, host: 'jobs.example:8787', needs: 'open' }, null],
])('bound elsewhere: %s', (_, asked, status) => {
  expect(refusal(elsewhere, asked)?.status ?? null).toBe(status);
});

test('only addresses of this machine are', () => {
  expect(['127.0.0.1', '127.1.2.3', '::1', 'localhost'].filter(isLoopbackAddress)).toHaveLength(4);
  expect(['0.0.0.0', '::', '10.0.0.1', '127.0.0.1.example'].filter(isLoopbackAddress)).toEqual([]);
});

test('an address is a route, or nothing', () => {
  expect(routeOf('GET', '/api/status?x=1')).toMatchObject({ kind: 'status', needs: 'read' });
  expect(routeOf('POST', '/api/backfills/0007%2Fodd%20name/pause')).toMatchObject({ migration: '0007/odd name' });
  expect(routeOf('POST', '/api/backfills/resume')).toMatchObject({ action: 'resume', migration: null });
  expect(routeOf('GET', '/api/backfills/a/pause')).toMatchObject({ kind: 'unknown', status: 405 });
  expect(routeOf('POST', '/metrics')).toMatchObject({ kind: 'unknown', status: 405 });
  for (const path of ['/x', '/constructor', '/api/backfills/a/drop', '/api/backfills/%E0%A4%A/pause', '/../etc']) {
    expect(routeOf('POST', path)).toMatchObject({ kind: 'unknown', status: 404 });
  }
});
