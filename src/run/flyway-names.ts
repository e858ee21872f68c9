/**
 * Flyway's names, which refinery uses too: `V1.2__add_phone.sql` (a version, whose parts `.` or `_` divide),
 * `R__views.sql` (repeatable: after all versions, by name), `B5__baseline.sql` (in place of the versions up to 5, where
 * those are gone). `U1__….sql` takes a version back and is left out.
 */

type FlywayName =
  { readonly kind: 'version' | 'baseline'; readonly version: readonly bigint[] } | { readonly kind: 'repeatable' };

export function isFlywayName(file: string): boolean {
  return flywayName(file) !== null || isFlywayUndo(file);
}

export function isFlywayUndo(file: string): boolean {
  return /^U\d[\d._]*__.*\.sql$/.test(file);
}

function flywayName(file: string): FlywayName | null {
  if (/^R__.*\.sql$/.test(file)) return { kind: 'repeatable' };
  const [, prefix, digits] = /^([VB])(\d+(?:[._]\d+)*)__.*\.sql$/.exec(file) ?? [];
  if (digits === undefined) return null;
  const version = digits.split(/[._]/).map((part) => BigInt(part));
  return { kind: prefix === 'V' ? 'version' : 'baseline', version };
}

/** Runs after all versions, whenever they come; so a version that comes later does not overtake it. */
export function isFlywayRepeatable(file: string): boolean {
  return flywayName(file)?.kind === 'repeatable';
}

/** `1.2` of `V1_2__add_phone.sql`; null for what has no version. */
export function flywayVersion(file: string): string | null {
  const name = flywayName(file);
  return name === null || name.kind === 'repeatable' ? null : name.version.join('.');
}

/** The files that run, in their order. */
export function inFlywayOrder<T extends { readonly file: string }>(files: readonly T[]): readonly T[] {
  const named = files.flatMap((file) => {
    const name = flywayName(file.file);
    return name === null ? [] : [{ file, name }];
  });
  const versions = named.flatMap(({ file, name }) =>
    name.kind === 'version' ? [{ file, version: name.version }] : [],
  );
  const baselines = named
    .flatMap(({ file, name }) => (name.kind === 'baseline' ? [{ file, version: name.version }] : []))
    .toSorted((a, b) => compareVersions(a.version, b.version));
  const last = baselines.at(-1);
  const needed = last !== undefined && !versions.some(({ version }) => compareVersions(version, last.version) <= 0);
  return [
    ...(needed ? [last.file] : []),
    ...versions.toSorted((a, b) => compareVersions(a.version, b.version)).map(({ file }) => file),
    ...named
      .flatMap(({ file, name }) => (name.kind === 'repeatable' ? [file] : []))
      .toSorted((a, b) => (a.file < b.file ? -1 : 1)),
  ];
}

/** Two files of one version, which have no order; null when there are none. `1` and `1.0` are one version. */
export function sameFlywayVersion<T extends { readonly file: string }>(files: readonly T[]): readonly [T, T] | null {
  for (const [index, file] of files.entries()) {
    const before = files[index - 1];
    if (before === undefined) continue;
    const [a, b] = [flywayName(before.file), flywayName(file.file)];
    if (a?.kind === 'version' && b?.kind === 'version' && compareVersions(a.version, b.version) === 0)
      return [before, file];
  }
  return null;
}

export function compareVersions(a: readonly bigint[], b: readonly bigint[]): number {
  for (let part = 0; part < Math.max(a.length, b.length); part += 1) {
    const [first, second] = [a[part] ?? 0n, b[part] ?? 0n];
    if (first !== second) return first < second ? -1 : 1;
  }
  return 0;
}
