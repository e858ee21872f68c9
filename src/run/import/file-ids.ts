/** How other tools make a version out of a file's or a folder's name. */
import path from 'node:path';
import type { MigrationFile } from '../../plan/migration-file.ts';

/** `0007_add_phone` and `7_add_phone` are both version 7. */
export function numericVersion({ name }: MigrationFile): string {
  const digits = leadingDigits(name);
  return digits === '' ? name : BigInt(digits).toString();
}

/** `0007_add_phone` is version `0007`: a text. */
export function textVersion({ name }: MigrationFile): string {
  return leadingDigits(name) || name;
}

export function fileName({ path: file }: MigrationFile): string {
  return path.basename(file);
}

export function compareNumbers(a: string, b: string): number {
  const [first, second] = [BigInt(a), BigInt(b)];
  if (first === second) return 0;
  return first < second ? -1 : 1;
}

function leadingDigits(name: string): string {
  return /^\d+/.exec(name)?.[0] ?? '';
}
