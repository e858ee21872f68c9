/** A rule's README taken apart: its headings and its SQL blocks, which are the rule's tests. */
import { readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { TimeoutSource } from '../../src/lint/lint-file.ts';

export const rulesFolder = fileURLToPath(new URL('../../rules', import.meta.url));

export type SqlBlock = {
  readonly kind: 'bad' | 'good';
  /** `bad 2` */
  readonly name: string;
  readonly sql: string;
  /** `sql bad refused`: the server refuses it. */
  readonly isRefused: boolean;
  /** `sql bad before 18`: only for servers older than this one. */
  readonly before: number | null;
  /** The setup block above it. */
  readonly setup: string;
};

export type RuleReadme = {
  readonly id: string;
  readonly text: string;
  /** The sentence below the title. */
  readonly summary: string;
  readonly headings: readonly string[];
  readonly blocks: readonly SqlBlock[];
};

/** Rules that ask for a timeout are about files that are run by a tool that sets none; all others are about any files. */
export function timeoutsFor(id: string): TimeoutSource {
  return id.endsWith('-timeout') ? 'file' : 'runner';
}

/** The folders of rules. */
export const ruleFolders: readonly string[] = readdirSync(rulesFolder, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map((entry) => entry.name)
  .toSorted();

export function readRuleReadme(id: string): RuleReadme {
  const text = readFileSync(`${rulesFolder}/${id}/README.md`, 'utf8');
  const prose = text.replaceAll(/^```[\s\S]*?^```/gm, '');
  const blocks: SqlBlock[] = [];
  let setup = '';
  const opening = /^```sql (\w+)( refused)?(?: before (\d+))?\n([\s\S]*?)^```$/gm;
  for (const [, kind, refused, limit, sql = ''] of text.matchAll(opening)) {
    if (kind === 'setup') setup = sql;
    else if (kind === 'bad' || kind === 'good') {
      const before = limit === undefined ? null : Number(limit);
      const number = blocks.filter((block) => block.kind === kind).length + 1;
      blocks.push({ kind, name: `${kind} ${number}`, sql, setup, isRefused: refused !== undefined, before });
    } else throw new Error(`rules/${id}/README.md has a block "sql ${kind}"; use setup, bad or good.`);
  }
  return {
    id,
    text,
    summary: /^# .*\n\n([\s\S]*?)\n\n/.exec(text)?.[1]?.replaceAll('\n', ' ') ?? '',
    headings: [...prose.matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) => heading),
    blocks,
  };
}
