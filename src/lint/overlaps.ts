/**
 * One problem, one finding: pairs of rules of which one says all that the other would say of the same command.
 *
 * Where both find something at the same place, the second one is left out. Where the first is off, ignored, or silent
 * because its statement runs in contract, the second speaks for itself.
 */
import type { Finding } from './finding.ts';

const pairs: readonly (readonly [says: string, left: string])[] = [
  // Both mean another way to the new type; the first one tells of the rewrite as well.
  ['no-narrowing-type-change', 'no-column-type-rewrite'],
  // In batches it is apart from the change of the schema.
  ['no-unbounded-update', 'no-data-change-with-schema-change'],
  ['no-unbounded-delete', 'no-data-change-with-schema-change'],
  ['no-json-column', 'prefer-jsonb'],
  // The column is not to be added in this way at all.
  ['no-auto-increment-column', 'prefer-identity'],
  // What locks too much by itself is to be mended first.
  ['no-validate-in-same-transaction', 'no-work-under-exclusive-lock'],
  ['no-foreign-key-drop-lock', 'no-wide-lock-window'],
  ['no-create-partition-of', 'no-wide-lock-window'],
  ['require-concurrent-detach', 'no-wide-lock-window'],
  ['require-concurrent-drop-index', 'no-wide-lock-window'],
  ['no-lock-table', 'no-wide-lock-window'],
  ['no-truncate', 'no-wide-lock-window'],
];

export function withoutOverlaps(findings: readonly Finding[]): readonly Finding[] {
  if (findings.length < 2) return findings;
  return findings.filter(
    (finding) =>
      !pairs.some(
        ([says, left]) =>
          left === finding.rule && findings.some((other) => other.rule === says && isSamePlace(other, finding)),
      ),
  );
}

/** A finding may point at a part of the command only. */
function isSamePlace(a: Finding, b: Finding): boolean {
  return isWithin(a, b) || isWithin(b, a);
}

function isWithin(inner: Finding, outer: Finding): boolean {
  const begins = inner.line - outer.line || inner.column - outer.column;
  const ends = outer.endLine - inner.endLine || outer.endColumn - inner.endColumn;
  return begins >= 0 && ends >= 0;
}
