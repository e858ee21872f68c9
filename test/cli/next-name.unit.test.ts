import { expect, test } from 'vitest';
import { nextMigrationFileName } from '../../src/cli/next-name.ts';

const now = new Date('2026-03-04T05:06:07.890Z');

test.each([
  ['a folder without migrations begins at 0001', [], 'Add phone', '0001_add_phone.sql'],
  ['numbers go on with their width', ['0001_a.sql', '0009_b.sql'], 'c', '0010_c.sql'],
  ['numbers without zeros go on too', ['1_a.sql', '9_b.sql'], 'c', '10_c.sql'],
  ['gaps are not filled', ['0001_a.sql', '0005_b.sql'], 'c', '0006_c.sql'],
  ['timestamps go on with the time', ['20240101000000_a.sql'], 'c', '20260304050607_c.sql'],
  ['a timestamp in the future is passed by one', ['20270101000000_a.sql'], 'c', '20270101000001_c.sql'],
  ['minutes stay minutes', ['202401010000_a.sql'], 'c', '202603040506_c.sql'],
  ['dashes stay dashes', ['0001-a-b.sql'], 'c d', '0002-c-d.sql'],
  ['.up.sql stays .up.sql', ['1_a.up.sql', '1_a.down.sql'], 'c', '2_c.up.sql'],
  ['accents and punctuation go', [], 'Füge „Größe“ hinzu!', '0001_fuge_grosse_hinzu.sql'],
])('%s', (_, existing, title, expected) => {
  expect(nextMigrationFileName({ existing, title, now })).toBe(expected);
});

test('a title without letters has no name', () => {
  expect(nextMigrationFileName({ existing: [], title: '!!', now })).toBeNull();
});
