/**
 * Bytes of a migration file to text. A file that is not UTF-8 is refused with the place of its first bad byte: guessing
 * an encoding would change people's string constants in silence. A byte order mark is tolerated and left out.
 */
import { isUtf8 } from 'node:buffer';
import { MigrateError } from '../errors.ts';

/** The text of `bytes`; `path` is for the message. */
export function decodeUtf8(bytes: Uint8Array, path: string): string {
  const bad = isUtf8(bytes) ? bytes.indexOf(0) : firstBadByte(bytes);
  if (bad !== -1) throw notUtf8(bytes, bad, path);
  return new TextDecoder('utf-8', { ignoreBOM: false }).decode(bytes); // drops the byte order mark
}

function notUtf8(bytes: Uint8Array, offset: number, path: string): MigrateError {
  const before = new TextDecoder('latin1').decode(bytes.subarray(0, offset));
  const line = before.split('\n').length;
  const column = offset - before.lastIndexOf('\n');
  const byte = `0x${(bytes[offset] ?? 0).toString(16).toUpperCase().padStart(2, '0')}`;
  const [first, second] = bytes;
  const utf16 = (first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff) || bytes[offset] === 0;
  return new MigrateError(
    'FILE_NOT_UTF8',
    `${path} is not UTF-8: byte ${byte} at line ${line}, byte ${column} of the line cannot be read.`,
    {
      hint: utf16
        ? `It looks like UTF-16. Save it as UTF-8 in your editor, or run: iconv -f UTF-16 -t UTF-8 ${path}`
        : `Save it as UTF-8 in your editor, or run: iconv -f WINDOWS-1252 -t UTF-8 ${path} (if that is what it is).`,
      details: { file: path, offset, line, column },
    },
  );
}

/** Offset of the first byte that no UTF-8 text can have there; -1 when there is none. Rows of RFC 3629's table. */
function firstBadByte(bytes: Uint8Array): number {
  for (let at = 0; at < bytes.length;) {
    const lead = bytes[at] ?? 0;
    const length = sequenceLength(lead);
    if (length === 0) return at;
    for (let k = 1; k < length; k += 1) {
      const next = bytes[at + k];
      if (next === undefined) return at; // the file ends inside a character
      const [low, high] = k === 1 ? secondByteRange(lead) : [0x80, 0xbf];
      if (next < low || next > high) return at;
    }
    at += length;
  }
  return -1;
}

function sequenceLength(lead: number): number {
  if (lead <= 0x7f) return 1;
  if (lead >= 0xc2 && lead <= 0xdf) return 2;
  if (lead >= 0xe0 && lead <= 0xef) return 3;
  return lead >= 0xf0 && lead <= 0xf4 ? 4 : 0;
}

/** No overlong forms, no surrogates, nothing above U+10FFFF. */
function secondByteRange(lead: number): readonly [number, number] {
  if (lead === 0xe0) return [0xa0, 0xbf];
  if (lead === 0xed) return [0x80, 0x9f];
  if (lead === 0xf0) return [0x90, 0xbf];
  return lead === 0xf4 ? [0x80, 0x8f] : [0x80, 0xbf];
}
