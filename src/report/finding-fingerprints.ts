/**
 * A name for each finding that stays the same when lines move: its rule, its file and the text of its statement. Services
 * that follow a finding from commit to commit, and the baseline, know it by this.
 *
 * Guarantee: no two findings of one run share a name (the second one in two equal statements gets a number), and layout
 * alone does not change one.
 */
import { createHash } from 'node:crypto';
import type { Finding } from '../lint/finding.ts';

/** In the order of the findings. `pathOf` makes the file's path the same on every machine. */
export function findingFingerprints(findings: readonly Finding[], pathOf: (file: string) => string): readonly string[] {
  const seen = new Map<string, number>();
  return findings.map((finding) => {
    const { rule, file, statement, message } = finding;
    // A comment behind the last statement has none: there the message tells what it is about.
    const about = statement.trim() === '' ? message : statement.trim().replaceAll(/\s+/g, ' ');
    const key = JSON.stringify([rule, pathOf(file), about]);
    const times = (seen.get(key) ?? 0) + 1;
    seen.set(key, times);
    return createHash('sha256')
      .update(times === 1 ? key : `${key}${times}`)
      .digest('hex')
      .slice(0, 40);
  });
}
