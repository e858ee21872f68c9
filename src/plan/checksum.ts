/** Checksums of plans: sha256 over JSON whose keys are sorted, so that formatting and key order do not matter. */
import { createHash } from 'node:crypto';
import { MigrateError } from '../errors.ts';
import { planFormatVersion, type Plan } from './plan.ts';

export function planChecksum(plan: Omit<Plan, 'checksum'>): string {
  return createHash('sha256').update(canonicalJson(plan)).digest('hex');
}

/** A plan read back from a file. Throws BAD_PLAN_FILE when it is not one, is of another format, or was changed. */
export function readPlan(text: string, path: string): Plan {
  const value = parse(text, path);
  if (!isPlanLike(value)) {
    throw new MigrateError('BAD_PLAN_FILE', `${path} is not a plan.`, {
      hint: 'Make one with: migrate plan --out plan.json',
    });
  }
  if (value.formatVersion !== planFormatVersion) {
    throw new MigrateError(
      'BAD_PLAN_FILE',
      `${path} has plan format ${String(value.formatVersion)}; this version reads format ${String(planFormatVersion)}.`,
      {
        hint: 'Make the plan again with this version: migrate plan --out plan.json',
      },
    );
  }
  const { checksum, ...rest } = value;
  if (planChecksum(rest) !== checksum) {
    throw new MigrateError('BAD_PLAN_FILE', `${path} was changed after it was made: its checksum does not match.`, {
      hint: 'What was reviewed is what runs. Change the migration and make the plan again: migrate plan --out plan.json',
    });
  }
  return value;
}

function parse(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new MigrateError('BAD_PLAN_FILE', `${path} is not valid JSON.`, {
      hint: 'Make it again: migrate plan --out plan.json',
      cause,
    });
  }
}

/** The checksum proves the rest: whoever can forge it can also write a plan. */
function isPlanLike(value: unknown): value is Plan {
  return (
    typeof value === 'object' &&
    value !== null &&
    'formatVersion' in value &&
    'checksum' in value &&
    'migrations' in value &&
    Array.isArray(value.migrations)
  );
}

function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}
