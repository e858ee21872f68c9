/** `overrides` of the config: levels of rules for some files, and files in which nothing is reported. */
import path from 'node:path';
import type { RuleLevel } from '../../config.ts';
import type { LintFile } from '../../index.ts';
import type { Call } from '../call.ts';
import type { RuleNames } from './rule-names.ts';

type Levels = Readonly<Record<string, RuleLevel>>;

/** The levels that hold for a file alone; none for most. */
export async function overridesFor(call: Call, { rules, ownLevels }: RuleNames): Promise<(file: string) => Levels> {
  if (call.config.overrides.length === 0) return () => ({});
  const { default: picomatch } = await import('picomatch');
  const overrides = call.config.overrides.map(({ files, rules: levels, ignore }) => {
    const own = ownLevels(levels, 'BAD_CONFIG', 'The config ("overrides")');
    const off: Levels = ignore ? Object.fromEntries(rules.map(({ id }) => [id, 'off'])) : {};
    return { matches: picomatch(files.map(relative), { dot: true }), levels: { ...off, ...own } };
  });
  return (file) => {
    const place = relative(file);
    return Object.assign({}, ...overrides.filter(({ matches }) => matches(place)).map(({ levels }) => levels));
  };
}

export function withOverrides<T extends LintFile>(file: T, levelsOf: (file: string) => Levels): T {
  const severities = levelsOf(file.path);
  return Object.keys(severities).length === 0 ? file : { ...file, severities };
}

/** From the working directory, with `/`: what both the globs and the files are then. */
function relative(place: string): string {
  return path.relative(process.cwd(), path.resolve(place)).split(path.sep).join('/');
}
