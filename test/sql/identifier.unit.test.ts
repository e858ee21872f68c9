import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { dollarQuote, qualifiedName, quoteIdentifier, quoteLiteral } from '../../src/sql/identifier.ts';
import { loadParser, parseExpression } from '../../src/sql/parse.ts';

beforeAll(loadParser);

// At most 15 characters of at most 4 bytes: the parser cuts longer names at 63 bytes, as the server does.
const anyName = fc
  .string({ unit: 'grapheme', minLength: 1 })
  .map((text) => Array.from(text).slice(0, 15).join(''))
  .filter((text) => !text.includes('\0'));
const anyText = fc.string({ unit: 'grapheme', minLength: 1 }).filter((text) => !text.includes('\0'));

describe('names', () => {
  test.each([
    ['users', 'users'],
    ['_a1', '_a1'],
    ['Users', '"Users"'],
    ['a b', '"a b"'],
    ['1a', '"1a"'],
    ['a$b', '"a$b"'],
    ['naïve', '"naïve"'],
    ['say "hi"', '"say ""hi"""'],
    ['user', '"user"'],
    ['select', '"select"'],
    ['int', '"int"'],
    ['left', '"left"'],
    ['name', 'name'],
    ['value', 'value'],
  ])('%s is written %s', (name, expected) => {
    expect(quoteIdentifier(name)).toBe(expected);
  });

  test('any name comes back from the parser as it was', () => {
    fc.assert(
      fc.property(anyName, (name) => {
        expect(parseExpression(quoteIdentifier(name))).toMatchObject({
          ColumnRef: { fields: [{ String: { sval: name } }] },
        });
      }),
    );
  });

  test('the schema is quoted on its own', () => {
    expect(qualifiedName({ schema: 'My Schema', name: 'order' })).toBe('"My Schema"."order"');
    expect(qualifiedName({ schema: null, name: 't' })).toBe('t');
  });

  test.each(['', 'a\0b'])('%j is no name', (name) => {
    expect(() => quoteIdentifier(name)).toThrow(/neither empty nor/);
  });
});

describe('constants', () => {
  test.each([
    ['plain', `'plain'`],
    [`it's`, `'it''s'`],
    ['a\\b', `E'a\\\\b'`],
    [`\\'`, `E'\\\\'''`],
    ['', `''`],
  ])('%j is written %s', (text, expected) => {
    expect(quoteLiteral(text)).toBe(expected);
  });

  test('any text comes back from the parser as it was', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        expect(parseExpression(quoteLiteral(text))).toMatchObject({ A_Const: { sval: { sval: text } } });
      }),
    );
  });
});

describe('bodies in dollar quotes', () => {
  test('the tag comes from the seed', () => {
    expect(dollarQuote('BEGIN END', 'onward')).toBe('$onward$BEGIN END$onward$');
  });

  test.each(['a $t$ b', 'ends in $t', '$t$', '$t$ $t_2$'])('the tag avoids %j', (body) => {
    expect(parseExpression(dollarQuote(body, 't'))).toMatchObject({ A_Const: { sval: { sval: body } } });
  });

  test('any body comes back from the parser as it was', () => {
    const pieces = fc.array(fc.constantFrom('$', 't', '$t', '$t$', '$t_2', "'", '\\', '\n', 'é'), { minLength: 1 });
    fc.assert(
      fc.property(pieces, (body) => {
        const text = body.join('');
        expect(parseExpression(dollarQuote(text, 't'))).toMatchObject({ A_Const: { sval: { sval: text } } });
      }),
    );
  });
});
