/** Names of files that come behind another, in the scheme of their folder. */
import { expect, test } from 'vitest';
import { followingNames } from '../../src/run/following-names.ts';

test.each<[string, readonly string[], readonly string[] | null]>([
  ['0007_a.sql', [], ['0008_a_x.sql', '0009_a_y.sql']],
  ['0099_a.up.sql', ['0099_a.down.sql', '0001_z.up.sql'], ['0100_a_x.up.sql', '0101_a_y.up.sql']],
  ['9-add-b.sql', [], ['10-add-b-x.sql', '11-add-b-y.sql']],
  ['0007_a.sql', ['0010_b.sql'], ['0008_a_x.sql', '0009_a_y.sql']],
  ['0007_a.sql', ['0009_b.sql'], null],
  ['20241231235959_a', ['20250101000002_b'], ['20250101000000_a_x', '20250101000001_a_y']],
  ['20241231235959_a', ['20250101000001_b'], null],
  ['2024-02-28-235959_a', [], ['2024-02-29-000000_a_x', '2024-02-29-000001_a_y']],
  ['1700000000_a.sql', ['1700000009_b.sql'], ['1700000001_a_x.sql', '1700000002_a_y.sql']],
  ['V7__a.sql', ['V6__z.sql', 'R__v.sql'], ['V8__a_x.sql', 'V9__a_y.sql']],
  ['V007__a.sql', [], ['V008__a_x.sql', 'V009__a_y.sql']],
  ['V7__a.sql', ['V8__b.sql'], ['V7.1__a_x.sql', 'V7.2__a_y.sql']],
  ['V7_1__a.sql', ['V8__b.sql'], ['V7_1_1__a_x.sql', 'V7_1_2__a_y.sql']],
  ['V7__a.sql', ['V7.1__b.sql', 'V8__b.sql'], null],
  ['R__views.sql', [], null],
  ['a.sql', [], null],
])('%s among %j: %j', (name, existing, expected) => {
  expect(followingNames({ name, existing: [name, ...existing] }, ['x', 'y'])).toEqual(expected);
});
