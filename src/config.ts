/**
 * Settings from outside (a config file, flags, the environment), checked once and turned into a `Config`. Whatever comes
 * out of here can be trusted; whatever goes in cannot. A key that is not known is an error with its position and the
 * name that was probably meant: a misspelt `smallTableRows` that is passed over would change how a table is locked.
 */
import { backfillReader, type BackfillConfig } from './config-backfill.ts';
import { isObject, notExpected, notKnown, text, wholeNumber, type Complaint, type Reader } from './config-values.ts';
import { MigrateError } from './errors.ts';

export type RuleSet = 'recommended' | 'strict' | 'all';
export type RuleLevel = 'off' | 'info' | 'warning' | 'error';

/** Settings of the linter for some files. */
type LintOverride = {
  /** Globs, relative to the config file's folder or the working directory. */
  readonly files: readonly string[];
  readonly rules: Readonly<Record<string, RuleLevel>>;
  /** True: nothing is reported in these files; they still make the schema for the others. */
  readonly ignore: boolean;
};

export type Config = {
  /** Folder of the migrations, relative to the config file's folder or the working directory. */
  readonly dir: string;
  readonly databaseUrl: string | null;
  /** The role to work as, in place of the one that logs in. */
  readonly role: string | null;
  /** Schema of the ledger. */
  readonly schema: string;
  /** Major version to plan and lint for when there is no live server; null: the newest. */
  readonly pgVersion: number | null;
  /** Rows up to which a table takes a statement as it is written; 0: never. Null here and below: the engine's own. */
  readonly smallTableRows: number | null;
  /** The longest that one try may queue for a lock. */
  readonly lockTimeoutMs: number | null;
  /** For how long a step goes on trying to get its locks. */
  readonly lockBudgetMs: number | null;
  /** How long one batch of a backfill should take. */
  readonly batchTargetMs: number | null;
  /** What slows a backfill down. */
  readonly backfill: BackfillConfig;
  /** How long to wait for another runner. */
  readonly waitForRunnerMs: number | null;
  /** Who sets lock_timeout, for the linter: the tool that runs the files, or each file; null: what the files tell. */
  readonly timeouts: 'runner' | 'file' | null;
  /** For migrations that are templates: the value of each placeholder, by name. */
  readonly values: Readonly<Record<string, string>>;
  /** The rules that are on where `rules` says nothing. */
  readonly ruleSet: RuleSet;
  readonly rules: Readonly<Record<string, RuleLevel>>;
  /** Each wins over `rules` and over those before it. */
  readonly overrides: readonly LintOverride[];
  /** The tool that runs the files, where they do not tell. */
  readonly tool: string | null;
  /** Another linter whose names of rules and ignore comments count as well. */
  readonly compat: string | null;
  /** The findings of the linter that are known, relative to the config file's folder or the working directory. */
  readonly baseline: string | null;
  /** Addresses to which is posted what happens. */
  readonly notify: readonly string[];
  /** By which the posts are signed; better in the environment: ONWARD_NOTIFY_SECRET. */
  readonly notifySecret: string | null;
};

export const defaultConfig: Config = {
  dir: 'migrations',
  databaseUrl: null,
  role: null,
  schema: 'onward',
  pgVersion: null,
  smallTableRows: null,
  lockTimeoutMs: null,
  lockBudgetMs: null,
  batchTargetMs: null,
  backfill: {},
  waitForRunnerMs: null,
  timeouts: null,
  values: {},
  ruleSet: 'recommended',
  rules: {},
  overrides: [],
  tool: null,
  compat: null,
  baseline: null,
  notify: [],
  notifySecret: null,
};

/** A text with settings and where it came from; `within` is the key under which they stand (`onward` in package.json). */
export type ConfigText = {
  readonly file: string;
  readonly text: string;
  readonly within: string | null;
  /** For what is not JSON: the settings as they were read, and where a key of them stands. */
  readonly read?: { readonly value: unknown; readonly positionOf: (path: readonly string[]) => Position | null };
};

type Position = { readonly line: number; readonly column: number };

/** Flags and environment win over the file; undefined means "not given". */
export type ConfigOverrides = { readonly [K in keyof Config]?: Config[K] | undefined };

const readers: { readonly [K in keyof Config]: Reader<Config[K]> } = {
  dir: text('the path of a folder'),
  databaseUrl: text('a URL like postgres://user@host:5432/database'),
  role: text('the name of a role'),
  schema: text('the name of a schema'),
  pgVersion: {
    expected: 'a major version of Postgres from 14 on, like 17',
    read: (value) => {
      const major = Number(/^(\d+)(?:\.\d+)?$/.exec(String(value))?.[1]);
      return Number.isInteger(major) && major >= 14 && major < 100 ? major : undefined;
    },
  },
  smallTableRows: wholeNumber('a number of rows', 0),
  lockTimeoutMs: wholeNumber('a number of milliseconds', 1),
  lockBudgetMs: wholeNumber('a number of milliseconds', 0),
  batchTargetMs: wholeNumber('a number of milliseconds', 1),
  backfill: backfillReader,
  waitForRunnerMs: wholeNumber('a number of milliseconds', 0),
  timeouts: {
    expected: '"runner" when the tool that runs the files sets lock_timeout, "file" when each file does',
    read: (value) => (value === 'runner' || value === 'file' ? value : undefined),
  },
  values: {
    expected: 'an object like { "namespace": "shop" }, with values of one line',
    read: (value) => {
      if (!isObject(value)) return undefined;
      const values = Object.entries(value).flatMap(([name, text]) =>
        typeof text === 'string' && !/[\r\n]/.test(text) ? [[name, text] as const] : [],
      );
      return values.length === Object.keys(value).length ? Object.fromEntries(values) : undefined;
    },
  },
  ruleSet: {
    expected: 'one of recommended, strict and all',
    read: (value) => ruleSets.find((candidate) => candidate === value),
  },
  rules: {
    expected: 'an object like { "no-rename-column": "off" } with the levels off, info, warning and error',
    read: levelsOf,
  },
  overrides: {
    expected:
      'a list like [{ "files": "legacy/**", "rules": { "no-cascade": "off" } }] or [{ "files": "seed/*", "ignore": true }]',
    read: (value) => {
      if (!Array.isArray(value)) return undefined;
      const overrides = value.flatMap((one: unknown) => overrideOf(one) ?? []);
      return overrides.length === value.length ? overrides : undefined;
    },
  },
  tool: text('the name of a tool, like flyway'),
  compat: text('the name of a linter, like squawk'),
  baseline: text('the path of a file'),
  notify: {
    expected: 'an address like "https://example.org/hooks/onward", or a list of some',
    read: (value) => {
      const list: readonly unknown[] = Array.isArray(value) ? value : [value];
      const urls = list.filter((one): one is string => typeof one === 'string' && /^https?:\/\//.test(one));
      return urls.length === list.length ? urls : undefined;
    },
  },
  notifySecret: text('a text'),
};

function levelsOf(value: unknown): Readonly<Record<string, RuleLevel>> | undefined {
  if (!isObject(value)) return undefined;
  const levels: Record<string, RuleLevel> = {};
  for (const [rule, level] of Object.entries(value)) {
    const known = ruleLevels.find((candidate) => candidate === level);
    if (known === undefined) return undefined;
    levels[rule] = known;
  }
  return levels;
}

function overrideOf(value: unknown): LintOverride | undefined {
  if (!isObject(value) || Object.keys(value).some((key) => !['files', 'rules', 'ignore'].includes(key)))
    return undefined;
  const { files: given, rules: levels = {}, ignore = false } = value;
  const files = (Array.isArray(given) ? given : [given]).filter((file) => typeof file === 'string' && file !== '');
  const rules = levelsOf(levels);
  const isWhole = files.length > 0 && files.length === (Array.isArray(given) ? given.length : 1);
  return !isWhole || rules === undefined || typeof ignore !== 'boolean' ? undefined : { files, rules, ignore };
}

export const ruleSets: readonly RuleSet[] = ['recommended', 'strict', 'all'];
export const ruleLevels: readonly RuleLevel[] = ['off', 'info', 'warning', 'error'];

/** Keys that a config file may have besides settings. */
const otherKeys: readonly string[] = ['$schema'];

/** The settings in force: defaults, then the file, then what was given on the command line or in the environment. */
export function resolveConfig(file: ConfigText | null, overrides: ConfigOverrides = {}): Config {
  const given = Object.fromEntries(Object.entries(overrides).filter(([, value]) => value !== undefined));
  return { ...defaultConfig, ...(file === null ? {} : readConfigText(file)), ...given };
}

function readConfigText(source: ConfigText): Partial<Config> {
  const whole = source.read === undefined ? parseJson(source) : source.read.value;
  const settings = source.within === null ? whole : isObject(whole) ? whole[source.within] : undefined;
  if (settings === undefined) return {};
  if (!isObject(settings)) {
    const where = source.within === null ? source.file : `"${source.within}" in ${source.file}`;
    throw badConfig(source, [], `${where} is not an object.`, 'Write the settings as { "dir": "migrations" }.');
  }
  const config: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(settings)) {
    if (otherKeys.includes(key)) continue;
    if (!isSetting(key)) throw badSetting(source, notKnown('setting', key, Object.keys(readers)));
    const reader = readers[key];
    const inside = reader.complaint?.(value) ?? null;
    if (inside !== null) throw badSetting(source, { ...inside, keys: [key, ...inside.keys] });
    const good = reader.read(value);
    if (good === undefined) throw badSetting(source, notExpected(key, value, reader.expected));
    config[key] = good;
  }
  return config; // every value came out of the reader of its own key
}

function parseJson(source: ConfigText): unknown {
  try {
    return JSON.parse(source.text.replace(/^\uFEFF/, ''));
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new MigrateError('BAD_CONFIG', `${source.file} is not valid JSON: ${reason}.`, {
      hint: 'Usual reasons are a comma after the last entry, a missing quote, and comments, which JSON does not have.',
      details: { file: source.file },
      cause,
    });
  }
}

function badSetting(source: ConfigText, { keys, message, hint }: Complaint): MigrateError {
  return badConfig(source, keys, message, hint);
}

function badConfig(source: ConfigText, keys: readonly string[], message: string, hint: string): MigrateError {
  const path = source.within === null ? keys : [source.within, ...keys];
  const position = source.read === undefined ? keyPosition(source.text, path) : source.read.positionOf(path);
  const place = position === null ? source.file : `${source.file}:${position.line}:${position.column}`;
  return new MigrateError('BAD_CONFIG', `${place}: ${message}`, {
    hint,
    details: { file: source.file, ...position },
  });
}

/** Where the key at `path` stands in a valid JSON text, 1-based; null when it is not there. */
function keyPosition(json: string, path: readonly string[]): Position | null {
  const open: (string | null)[] = []; // the key under which each open object or array stands
  let key: string | null = null;
  for (const token of json.matchAll(/"(?:[^"\\]|\\.)*"(?=(\s*:)?)|[{}[\]]/g)) {
    const [word, isKey] = token;
    if (word === '{' || word === '[') open.push(key);
    else if (word === '}' || word === ']') open.pop();
    else if (isKey !== undefined) {
      key = String(JSON.parse(word));
      const here = [...open.slice(1), key];
      if (here.length !== path.length || here.some((part, index) => part !== path[index])) continue;
      const before = json.slice(0, token.index);
      return { line: before.split('\n').length, column: token.index - before.lastIndexOf('\n') };
    }
  }
  return null;
}

function isSetting(key: string): key is keyof Config {
  return Object.hasOwn(readers, key);
}
