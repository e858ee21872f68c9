/**
 * The baseline of an old project: the findings that are known and not to be shown again. A finding is recognised by its
 * fingerprint (rule, file and text of the statement), so that it stays known when lines move, and is new when the
 * statement changes.
 *
 * Guarantee: a finding that is not in the file is never hidden, and what is in the file without a finding is told. The
 * file is sorted, with a line for each field, so that it can be reviewed and merged.
 */
import { MigrateError } from '../errors.ts';
import type { Finding } from '../lint/finding.ts';
import { findingFingerprints } from './finding-fingerprints.ts';

const baselineFormatVersion = 1;
const statementShown = 120; // characters, for people to recognise it

export type BaselineEntry = {
  readonly fingerprint: string;
  readonly rule: string;
  /** Relative to the baseline's own folder, with `/`. */
  readonly file: string;
  /** Its beginning. */
  readonly statement: string;
};

export type Comparison = {
  /** The findings that the baseline does not know. */
  readonly fresh: readonly Finding[];
  readonly known: readonly Finding[];
  /** Entries without a finding: they can go. */
  readonly fixed: readonly BaselineEntry[];
};

export function baselineEntries(
  findings: readonly Finding[],
  pathOf: (file: string) => string,
): readonly BaselineEntry[] {
  const fingerprints = findingFingerprints(findings, pathOf);
  return findings.map(({ rule, file, statement }, index) => ({
    fingerprint: fingerprints[index] ?? '',
    rule,
    file: pathOf(file),
    statement: statement.trim().replaceAll(/\s+/g, ' ').slice(0, statementShown),
  }));
}

export function baselineText(entries: readonly BaselineEntry[]): string {
  const key = ({ file, rule, statement, fingerprint }: BaselineEntry): string =>
    JSON.stringify([file, rule, statement, fingerprint]);
  const findings = entries.toSorted((a, b) => (key(a) < key(b) ? -1 : 1));
  return `${JSON.stringify({ formatVersion: baselineFormatVersion, findings }, null, 2)}\n`;
}

/** `file` is for messages. */
export function readBaseline(text: string, file: string): readonly BaselineEntry[] {
  const content = parsed(text);
  const findings = isObject(content) && content['formatVersion'] === baselineFormatVersion ? content['findings'] : null;
  if (Array.isArray(findings) && findings.every(isEntry)) return findings;
  throw new MigrateError('BAD_CONFIG', `${file} is not a baseline of this version of the linter.`, {
    hint: `Correct the path, or write it anew: migrate lint --baseline ${file} --update-baseline`,
    details: { file },
  });
}

/** `isJudged` tells of an entry whether this run would have found it: its file was linted and its rule is on. */
export function compareWithBaseline(
  findings: readonly Finding[],
  pathOf: (file: string) => string,
  entries: readonly BaselineEntry[],
  isJudged: (entry: BaselineEntry) => boolean,
): Comparison {
  const fingerprints = findingFingerprints(findings, pathOf);
  const recorded = new Set(entries.map(({ fingerprint }) => fingerprint));
  const found = new Set(fingerprints);
  const isKnown = (index: number): boolean => recorded.has(fingerprints[index] ?? '');
  return {
    fresh: findings.filter((_, index) => !isKnown(index)),
    known: findings.filter((_, index) => isKnown(index)),
    fixed: entries.filter((entry) => !found.has(entry.fingerprint) && isJudged(entry)),
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function isEntry(value: unknown): value is BaselineEntry {
  return isObject(value) && ['fingerprint', 'rule', 'file', 'statement'].every((key) => typeof value[key] === 'string');
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
