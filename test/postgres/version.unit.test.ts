import { expect, test } from 'vitest';
import { availableSince, has, majorVersion } from '../../src/postgres/version.ts';

test('a capability exists from its version on', () => {
  expect([14, 15, 16, 17, 18].map((version) => has(version, 'nullsNotDistinct'))).toEqual([
    false,
    true,
    true,
    true,
    true,
  ]);
  expect(availableSince('nativeNotNullNotValid')).toBe(18);
});

test('the major version comes out of server_version_num', () => {
  expect([140023, 180004].map(majorVersion)).toEqual([14, 18]);
});
