/**
 * Holds what the linter says about each statement against what the statement did. Pure. docs/lint-accuracy.md says in
 * words what counts as missed, and what as false.
 */
import { strongest, blocksReads, blocksWrites, type LockMode } from '../../src/postgres/lock-mode.ts';
import type { Finding } from '../../src/lint/finding.ts';
import { changeKinds, defineRule, resolveView, type Rule } from '../../src/rule-sdk.ts';
import { qualifiedName } from '../../src/sql/identifier.ts';
import type { ObservedEffects, ObservedRelation } from '../support/observed-effects.ts';
import type { ObservedFile, ObservedStatement } from './observe-files.ts';

export type Disagreement = {
  readonly kind:
    | 'missed'
    | 'missed under a lock that is held'
    /** The linter does not know of a lock, or knows of one that is not taken. */
    | 'lock not known'
    | 'lock not taken'
    | 'false';
  /** How docs/lint-accuracy.md names it: `0007_users:12 missed`, `…:12 not-known`, `…:12 not-taken`, `…:12 no-set-not-null`. */
  readonly key: string;
  readonly observation: string;
  /** What the linter says there; of a missed one, all of it. */
  readonly findings: readonly string[];
  readonly statement: string;
};

export type Comparison = {
  readonly statements: number;
  /** Statements that work under a lock for which others wait. */
  readonly blocking: number;
  /** Statements that take such a lock for a moment, without work. */
  readonly brief: number;
  /** By rule: findings about locks, and those of them that the server bears out. */
  readonly rules: ReadonlyMap<string, { readonly findings: number; readonly borneOut: number }>;
  readonly disagreements: readonly Disagreement[];
};

/** They claim no work, only a lock for which others wait, and that is what must be seen. */
const rulesOfBriefLocks: ReadonlySet<string> = new Set([
  'no-create-partition-of',
  'no-foreign-key-drop-lock',
  'no-inline-foreign-key',
  'no-lock-table',
  'no-multiple-foreign-keys',
  'no-policy-lock',
  'no-trigger-lock',
  'no-truncate',
  'no-wide-lock-window',
  'require-concurrent-detach',
  'require-concurrent-drop-index',
  'require-lock-timeout',
  'require-statement-timeout',
]);

/** They are about every lock, and say nothing of the work under it. */
const rulesOfTimeouts: ReadonlySet<string> = new Set(['require-lock-timeout', 'require-statement-timeout']);

/** Not a rule of ours: it says on which tables in use the linter believes that a change takes a lock others wait for. */
export const claimsRule = defineRule({
  id: 'no-lock-at-all',
  severity: 'info',
  set: 'recommended',
  group: 'correctness',
  summary: 'Tells the locks that the linter knows of.',
  kinds: changeKinds,
  check({ catalog, effects, isNew }) {
    const waited = effects.locks.filter(({ table, mode }) => {
      const kind = resolveView(catalog, table) === null ? 'r' : 'm';
      return isWaitedFor({ kind }, mode) && !isNew(table);
    });
    return waited.length === 0 ? null : { message: waited.map(({ table }) => qualifiedName(table)).join(separator) };
  },
});

const separator = ' and ';

function claimedTables({ message }: Finding): readonly string[] {
  return message.split(separator);
}

/** They claim no lock of the statement itself. */
const rulesOfOtherThings: ReadonlySet<string> = new Set([
  'no-if-not-exists-concurrent-index',
  'require-new-index-before-drop',
]);

/** They stand for a rule about locks at the same place, which speaks for itself when they are off (src/lint/overlaps.ts). */
export const rulesThatStandForOthers = [
  'no-narrowing-type-change',
  'no-new-required-value',
  'no-unbounded-delete',
  'no-unbounded-update',
] as const;

/** They are not about locks in the first place, and say that others wait for the work, or take it out of the transaction. */
const rulesThatAnswer: ReadonlySet<string> = new Set([
  'no-data-change-with-schema-change',
  'no-narrowing-type-change',
  'no-unbounded-delete',
  'no-unbounded-update',
]);

/** They stand in another group, and claim a lock all the same. */
const lockRulesOfOtherGroups: ReadonlySet<string> = new Set(['no-truncate', 'no-narrowing-type-change']);

/** For which readers or writers wait. */
type Locks = ObservedEffects['locks'];

type Seen = {
  readonly locks: Locks;
  /** In words. Empty for a statement that is done at once, however large the tables are. */
  readonly work: readonly string[];
};

export function compare(files: readonly ObservedFile[], told: readonly Finding[], rules: readonly Rule[]): Comparison {
  // One finding may speak for several statements.
  const findings = told.flatMap((finding) => [finding, ...(finding.alsoAt ?? []).map((at) => ({ ...finding, ...at }))]);
  const lockRules = new Set(
    rules
      .filter(({ id, group }) => (group === 'locks' && !rulesOfOtherThings.has(id)) || lockRulesOfOtherGroups.has(id))
      .map(({ id }) => id),
  );
  const counts = new Map<string, { findings: number; borneOut: number }>();
  const disagreements: Disagreement[] = [];
  let statements = 0;
  let blocking = 0;
  let brief = 0;
  for (const { file, statements: observed } of files) {
    const ofFile = findings.filter((finding) => finding.file === file.path && lockRules.has(finding.rule));
    const claims = findings.filter((finding) => finding.file === file.path && finding.rule === claimsRule.id);
    let held: Locks = [];
    for (const one of observed) {
      statements += 1;
      const own = seenOf(one.effects);
      held = one.sharesTransaction ? held : [];
      const here = ofFile.filter((finding) => isAt(finding, one));
      const isAnswered = findings.some(
        (finding) => finding.file === file.path && rulesThatAnswer.has(finding.rule) && isAt(finding, one),
      );
      const isBlocking = own.work.length > 0 && (own.locks.length > 0 || held.length > 0);
      blocking += isBlocking ? 1 : 0;
      brief += !isBlocking && own.locks.length > 0 ? 1 : 0;
      const about = { observation: inWords(own, held, one), statement: one.statement.text };
      const add = (kind: Disagreement['kind'], line: number, what: string, said: readonly string[] = []): void =>
        void disagreements.push({ kind, key: `${file.name}:${line} ${what}`, findings: said, ...about });
      const { line } = one.statement;
      if (isBlocking && !isAnswered && here.every(({ rule }) => rulesOfTimeouts.has(rule)))
        add(own.locks.length > 0 ? 'missed' : 'missed under a lock that is held', line, 'missed');
      const claimed = new Set(claims.filter((claim) => isAt(claim, one)).flatMap(claimedTables));
      const locked = new Set(own.locks.map(({ relation }) => qualifiedName(relation)));
      if ([...locked].some((table) => !claimed.has(table))) add('lock not known', line, 'not-known', [...claimed]);
      if ([...claimed].some((table) => !locked.has(table))) add('lock not taken', line, 'not-taken', [...claimed]);
      for (const finding of here) {
        const count = counts.get(finding.rule) ?? { findings: 0, borneOut: 0 };
        count.findings += 1;
        if (isBorneOut(finding, own, held, one)) count.borneOut += 1;
        else add('false', finding.line, finding.rule, [finding.message]);
        counts.set(finding.rule, count);
      }
      held = [...held, ...own.locks];
    }
  }
  return { statements, blocking, brief, rules: counts, disagreements };
}

function isAt(
  { line, column }: Finding,
  { statement: { text, line: first, column: start } }: ObservedStatement,
): boolean {
  const lines = text.split('\n');
  const last = first + lines.length - 1;
  if (line < first || line > last) return false;
  if (line === first && column < start) return false;
  const end = (lines.length === 1 ? start : 1) + (lines.at(-1) ?? '').length;
  return line < last || column < end;
}

function isBorneOut(finding: Finding, own: Seen, held: Locks, { refusedRows }: ObservedStatement): boolean {
  if (finding.rule === 'no-not-null-without-default' && refusedRows === '23502') return true;
  if (rulesOfBriefLocks.has(finding.rule)) return own.locks.length > 0;
  return own.work.length > 0 && (own.locks.length > 0 || held.length > 0);
}

function seenOf({ locks, rewrites, reads, readsOfEmpty, indexBuilds }: ObservedEffects): Seen {
  const work = (verb: string, relations: readonly ObservedRelation[]): readonly string[] =>
    relations.filter(holdsRows).map((relation) => `${verb} ${qualifiedName(relation)}`);
  return {
    locks: locks.filter(({ relation, mode }) => holdsRows(relation) && isWaitedFor(relation, mode)),
    work: [
      ...work('writes anew', rewrites),
      ...work('builds an index on', indexBuilds),
      ...work('reads all of', [...reads, ...readsOfEmpty]),
    ],
  };
}

/** Tables, partitioned tables and materialized views. */
function holdsRows({ kind }: ObservedRelation): boolean {
  return kind === 'r' || kind === 'p' || kind === 'm';
}

/** Nobody writes to a materialized view. */
function isWaitedFor({ kind }: Pick<ObservedRelation, 'kind'>, mode: LockMode): boolean {
  return blocksReads(mode) || (kind !== 'm' && blocksWrites(mode));
}

function inWords(own: Seen, held: Locks, { refusedRows }: ObservedStatement): string {
  const locks = locksInWords(own.locks);
  const earlier = own.work.length > 0 && held.length > 0 ? [`held from before: ${locksInWords(held).join(', ')}`] : [];
  const refused = refusedRows === null ? [] : [`after it failed on the rows with ${refusedRows}`];
  return [
    locks.length === 0 ? 'no lock that others wait for' : locks.join(', '),
    ...earlier,
    own.work.length === 0 ? 'no work' : own.work.join(', '),
    ...refused,
  ].join('; ');
}

function locksInWords(locks: Locks): readonly string[] {
  return [...new Set(locks.map(({ relation }) => qualifiedName(relation)))].map((name) => {
    const modes = locks.filter(({ relation }) => qualifiedName(relation) === name).map(({ mode }) => mode);
    return `${strongest(modes) ?? ''} on ${name}`;
  });
}
