/**
 * Names for files that come right behind a migration, in the scheme of its folder. No existing file is renamed: where the
 * next one leaves no room, there is no name.
 */
import { compareVersions } from './flyway-names.ts';

/** `existing` are the names beside the file (of folders, for tools with one for each migration). */
export type Naming = { readonly name: string; readonly existing: readonly string[] };

/** A name for each title, in order; null where there is no room, or the scheme is not known. */
export function followingNames({ name, existing }: Naming, titles: readonly string[]): readonly string[] | null {
  return flywayNames(name, existing, titles) ?? numberedNames(name, existing, titles);
}

type Numbered = { readonly digits: string; readonly rest: string };

/** Diesel writes `2024-01-31-120000_name`, which is a number with dashes in it. */
function numbered(name: string): Numbered | null {
  const [, digits, rest] = /^(\d{4}-\d{2}-\d{2}-\d{6}|\d+)(.*)$/s.exec(name) ?? [];
  return digits === undefined || rest === undefined ? null : { digits, rest };
}

function valueOf({ digits }: Numbered): bigint {
  return BigInt(digits.replaceAll('-', ''));
}

function numberedNames(name: string, existing: readonly string[], titles: readonly string[]): readonly string[] | null {
  const own = numbered(name);
  if (own === null) return null;
  const later = existing
    .flatMap((other) => numbered(other) ?? [])
    .map(valueOf)
    .filter((value) => value > valueOf(own));
  const limit = later.reduce<bigint | null>((least, value) => (least === null || value < least ? value : least), null);
  const names: string[] = [];
  let digits = own.digits;
  for (const title of titles) {
    digits = nextDigits(digits);
    if (limit !== null && BigInt(digits.replaceAll('-', '')) >= limit) return null;
    names.push(`${digits}${titled(own.rest, title)}`);
  }
  return names;
}

/** `_add_phone.up.sql` with `validate` is `_add_phone_validate.up.sql`. */
function titled(rest: string, title: string): string {
  const [, stem = '', ending = ''] = /^(.*?)((?:\.up)?\.sql)?$/is.exec(rest) ?? [];
  const separator = stem.includes('-') && !stem.includes('_') ? '-' : '_';
  return `${stem}${separator}${title.replaceAll('_', separator)}${ending}`;
}

/** The next number, or the next second of a timestamp, in the same number of digits. */
function nextDigits(digits: string): string {
  const plain = digits.replaceAll('-', '');
  const [, year, month, day, hour, minute, second] =
    /^((?:19|20)\d{2})(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})$/.exec(plain) ?? [];
  if (second === undefined) return (BigInt(plain) + 1n).toString().padStart(plain.length, '0');
  const at = Date.UTC(Number(year), Number(month) - 1, Number(day), Number(hour), Number(minute), Number(second) + 1);
  const next = new Date(at).toISOString().replaceAll(/\D/g, '').slice(0, plain.length);
  return digits === plain ? next : next.replace(/^(\d{4})(\d{2})(\d{2})(\d{6})$/, '$1-$2-$3-$4');
}

/** The next whole version when the file is the last one; else versions between it and the next: `7.1`, `7.2`. */
function flywayNames(name: string, existing: readonly string[], titles: readonly string[]): readonly string[] | null {
  const own = flywayVersion(name);
  if (own === null) return null;
  const others = existing
    .flatMap((other) => [flywayVersion(other)?.version ?? []])
    .filter((version) => version.length > 0);
  const isLast = own.parts.length === 1 && others.every((other) => compareVersions(other, own.version) <= 0);
  const versions = titles.map((_, index) => {
    const [major = 0n] = own.version;
    return isLast ? padded(major + BigInt(index + 1), own.parts[0] ?? '') : `${own.text}${own.separator}${index + 1}`;
  });
  const last = flywayVersion(`V${versions.at(-1)}__x.sql`)?.version ?? [];
  const isTaken = others.some((other) => compareVersions(other, own.version) > 0 && compareVersions(other, last) <= 0);
  if (isTaken) return null;
  return titles.map((title, index) => `V${versions[index]}__${own.rest}_${title}.sql`);
}

function padded(value: bigint, like: string): string {
  return value.toString().padStart(like.length, '0');
}

function flywayVersion(name: string) {
  const [, text, rest] = /^V(\d+(?:[._]\d+)*)__(.*)\.sql$/s.exec(name) ?? [];
  if (text === undefined || rest === undefined) return null;
  const parts = text.split(/[._]/);
  return { text, rest, parts, version: parts.map(BigInt), separator: text.includes('_') ? '_' : '.' };
}
