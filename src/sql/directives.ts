/**
 * Directives: what a person tells the engine inside a migration, in `-- migrate:…` comments.
 *
 * Guarantee: a comment that begins with `-- migrate:` is understood or refused, never passed over: a misspelt
 * `migrate:raw` must not become a different plan. Only line comments are directives. What a directive means is decided
 * by the planner; this file knows the spelling only.
 */

import { MigrateError } from '../errors.ts';
import { excerpt, positionText } from './excerpt.ts';
import { expressionText } from './expression.ts';
import { lineAndColumn } from './offsets.ts';

export type Directive =
  /** Value for existing and old-version rows of the column that the statement adds or tightens. */
  | { readonly kind: 'using'; readonly expression: string; readonly line: number }
  /** The way back, for writes from the new column to the old one. */
  | { readonly kind: 'reverse'; readonly expression: string; readonly line: number }
  | { readonly kind: 'phase'; readonly phase: 'expand' | 'contract'; readonly line: number }
  | { readonly kind: 'strategy'; readonly strategy: 'copy' | 'view'; readonly line: number }
  | { readonly kind: 'batch'; readonly options: Readonly<Record<string, string>>; readonly line: number }
  | { readonly kind: 'raw'; readonly reason: string; readonly line: number }
  | { readonly kind: 'ignore'; readonly rule: string; readonly reason: string; readonly line: number };

const sectionNames = ['expand', 'backfill', 'contract', 'rollback', 'up', 'down'] as const;
type SectionName = (typeof sectionNames)[number];

/** A line that divides a file: all that follows, up to the next marker, belongs to the section. */
export interface SectionMarker {
  readonly section: SectionName;
  /** What follows the name on the line, as in dbmate's `migrate:up transaction:false`; else ''. */
  readonly options: string;
  readonly start: number;
  readonly end: number;
  readonly line: number;
}

export interface PlacedDirective {
  readonly directive: Directive;
  readonly start: number;
  readonly end: number;
}

export type ReadDirective =
  | { readonly kind: 'none' }
  | { readonly kind: 'directive'; readonly directive: Directive }
  | { readonly kind: 'section'; readonly section: SectionName; readonly options: string; readonly line: number };

/** Where a comment stands. */
export interface CommentPlace {
  readonly source: string;
  readonly start: number;
  readonly end: number;
  readonly file?: string;
}

interface Reading extends CommentPlace {
  /** What follows the directive's name. */
  readonly rest: string;
  readonly line: number;
}

/** How each directive is written: the text that an error shows. */
const forms = {
  using: '-- migrate:using <expression>',
  reverse: '-- migrate:reverse <expression>',
  phase: '-- migrate:phase expand|contract',
  strategy: '-- migrate:strategy copy|view',
  batch: '-- migrate:batch key=value …',
  raw: '-- migrate:raw -- <reason>',
  ignore: '-- migrate:ignore <rule> -- <reason>',
} as const satisfies Record<Directive['kind'], string>;

const readers: { readonly [K in Directive['kind']]: (at: Reading) => Extract<Directive, { readonly kind: K }> } = {
  using: (at) => ({ kind: 'using', expression: expression(at, 'using'), line: at.line }),
  reverse: (at) => ({ kind: 'reverse', expression: expression(at, 'reverse'), line: at.line }),
  phase: (at) => ({ kind: 'phase', phase: choice(at, 'phase', ['expand', 'contract']), line: at.line }),
  strategy: (at) => ({ kind: 'strategy', strategy: choice(at, 'strategy', ['copy', 'view']), line: at.line }),
  batch: (at) => ({ kind: 'batch', options: keyValues(at), line: at.line }),
  raw: (at) => ({ kind: 'raw', reason: withReason(at, 'raw').reason, line: at.line }),
  ignore: (at) => ignore(at),
};

/** Reads one line comment; `{ kind: 'none' }` when it is not a directive. */
export function readDirective(place: CommentPlace): ReadDirective {
  const comment = place.source.slice(place.start, place.end);
  const match = /^--\s*migrate:(\s*)([\w-]*)(.*)$/is.exec(comment);
  if (match === null) return { kind: 'none' };
  const [, gap = '', word = '', rest = ''] = match;
  const name = word.toLowerCase();
  const at: Reading = { ...place, rest: rest.trim(), line: lineAndColumn(place.source, place.start).line };
  const known = isDirective(name) || isSection(name);
  if (gap !== '') {
    if (!known) return { kind: 'none' }; // prose: "-- migrate: the old rows first"
    throw badDirective(at, `there must be no blank between "migrate:" and "${name}"`, `Write: -- migrate:${name}`);
  }
  if (isSection(name)) return { kind: 'section', section: name, options: at.rest, line: at.line };
  if (!isDirective(name)) {
    throw badDirective(
      at,
      word === '' ? 'the name of the directive is missing' : `there is no directive "${word}"`,
      `The directives are:\n  ${[...Object.values(forms), ...sectionNames.map((s) => `-- migrate:${s}`)].join('\n  ')}`,
    );
  }
  if (rest !== '' && !/^\s/.test(rest))
    throw badDirective(at, `a blank must follow "migrate:${name}"`, `Write: ${forms[name]}`);
  return { kind: 'directive', directive: readers[name](at) };
}

/** The error for a directive that is written wrongly or stands in the wrong place. */
export function badDirective(place: CommentPlace, problem: string, hint: string): MigrateError {
  const { source, start, file } = place;
  const { line, column } = lineAndColumn(source, start);
  return new MigrateError(
    'BAD_DIRECTIVE',
    `${positionText(source, start, file)}: ${problem}\n${excerpt(source, start)}`,
    {
      hint,
      details: { ...(file === undefined ? {} : { file }), line, column },
    },
  );
}

function expression(at: Reading, name: 'using' | 'reverse'): string {
  if (at.rest === '') throw badDirective(at, `migrate:${name} needs an expression`, `Write: ${forms[name]}`);
  try {
    return expressionText(at.rest);
  } catch (error) {
    if (!(error instanceof MigrateError) || error.code !== 'SYNTAX_ERROR') throw error;
    throw badDirective(
      at,
      `"${at.rest}" is not one SQL expression`,
      `Write one expression on one line, as it would stand after DEFAULT or in a SELECT list: ${forms[name]}`,
    );
  }
}

function choice<T extends string>(at: Reading, name: 'phase' | 'strategy', choices: readonly T[]): T {
  const found = choices.find((value) => value === at.rest.toLowerCase());
  if (found === undefined) {
    const said = at.rest === '' ? 'nothing' : `"${at.rest}"`;
    throw badDirective(at, `migrate:${name} takes ${choices.join(' or ')}, not ${said}`, `Write: ${forms[name]}`);
  }
  return found;
}

function keyValues(at: Reading): Readonly<Record<string, string>> {
  const options: Record<string, string> = {};
  for (const word of at.rest.split(/\s+/).filter((part) => part !== '')) {
    const [, key, value] = /^([a-z][\w-]*)=(.+)$/i.exec(word) ?? [];
    if (key === undefined || value === undefined) {
      throw badDirective(at, `"${word}" is not key=value`, `Write: ${forms.batch}`);
    }
    if (Object.hasOwn(options, key)) throw badDirective(at, `"${key}" is given twice`, 'Keep one of the two.');
    options[key] = value;
  }
  if (Object.keys(options).length === 0) throw badDirective(at, 'migrate:batch needs options', `Write: ${forms.batch}`);
  return options;
}

function ignore(at: Reading): Extract<Directive, { readonly kind: 'ignore' }> {
  const { subject, reason } = withReason(at, 'ignore');
  if (!/^[a-z][\w-]*$/i.test(subject)) {
    throw badDirective(at, 'migrate:ignore takes the name of one rule', `Write: ${forms.ignore}`);
  }
  return { kind: 'ignore', rule: subject, reason, line: at.line };
}

/** Splits `subject -- reason`. A reason is required: the next reader must know why the engine was overruled. */
function withReason(at: Reading, name: 'raw' | 'ignore'): { readonly subject: string; readonly reason: string } {
  const match = /^(.*?)(?:^|\s)--\s*(.*)$/s.exec(at.rest);
  const reason = match?.[2]?.trim() ?? '';
  const subject = (match?.[1] ?? at.rest).trim();
  if (reason === '') throw badDirective(at, `migrate:${name} needs a reason`, `Write: ${forms[name]}`);
  if (name === 'raw' && subject !== '') {
    throw badDirective(at, `"${subject}" is not expected after migrate:raw`, `Write: ${forms.raw}`);
  }
  return { subject, reason };
}

function isDirective(name: string): name is Directive['kind'] {
  return Object.hasOwn(forms, name);
}

function isSection(name: string): name is SectionName {
  return sectionNames.some((section) => section === name);
}
