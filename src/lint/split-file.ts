/**
 * Cuts a migration into consecutive parts that run as files of their own, each as large as it can be without a finding
 * that it would not have with every statement alone. Nothing is moved past anything else, so the parts in their order
 * are the statements in theirs; what a transaction around all of them gave is what the split is there to give up.
 */
import { forwardStatements, isPhasedByHand } from '../sql/sections.ts';
import { parseLeniently } from './lenient-parse.ts';
import type { TransactionMode } from './lint-file.ts';

/** A statement with what belongs to it: the comments above it, its semicolon and the rest of its line. */
export type Block = {
  /** Offsets in the file. */
  readonly start: number;
  readonly end: number;
  /** Without comments and semicolon. */
  readonly statement: string;
};

/** A part of a file: the blocks from one index up to, not including, another. */
export type Part = { readonly from: number; readonly to: number; readonly mode: TransactionMode };

/** The blocks of a text; null when it does not parse, or has directives that hold for a stretch of it. */
export function blocksOf(path: string, source: string): readonly Block[] | null {
  const { parsed, problems } = parseLeniently(path, source);
  const statements = forwardStatements(parsed);
  if (problems.length > 0 || statements.length === 0 || isPhasedByHand(parsed)) return null;
  let start = 0;
  return statements.map((statement) => {
    const block = { start, end: endOfBlock(source, statement.end), statement: statement.text };
    start = block.end;
    return block;
  });
}

/** Behind the semicolon, and behind the line when only a remark follows in it. */
function endOfBlock(source: string, end: number): number {
  const [own = ''] = /^[ \t]*;?/.exec(source.slice(end)) ?? [];
  const behind = end + own.length;
  const [rest] = /^[ \t]*(?:--[^\n]*)?(?:\r?\n|$)/.exec(source.slice(behind)) ?? [];
  return behind + (rest?.length ?? 0);
}

/** How a part may run: what a tool makes of one statement, and whether it can be told to open no transaction. */
export type PartModes = { readonly single: TransactionMode; readonly canBeNone: boolean };

/** The parts; null when a statement has a finding however it runs. `isClean` judges the last of the parts it is given. */
export async function splitParts(
  count: number,
  { single, canBeNone }: PartModes,
  isClean: (parts: readonly Part[]) => Promise<boolean>,
): Promise<readonly Part[] | null> {
  const parts: Part[] = [];
  for (let from = 0; from < count;) {
    const modes: readonly TransactionMode[] = single === 'none' || canBeNone ? [single, other(single)] : [single];
    let best: Part | null = null;
    for (const mode of modes) {
      const alone: Part = { from, to: from + 1, mode };
      if (best === null && (await isClean([...parts, alone]))) best = alone;
    }
    if (best === null) return null;
    // What has to run outside of transactions runs alone.
    const isOutside = single === 'per-file' && best.mode === 'none';
    while (best.to < count && !isOutside) {
      const longer: Part = { from, to: best.to + 1, mode: 'per-file' };
      if (!(await isClean([...parts, longer]))) break;
      best = longer;
    }
    parts.push(best);
    from = best.to;
  }
  return parts;
}

function other(mode: TransactionMode): TransactionMode {
  return mode === 'none' ? 'per-file' : 'none';
}
