/**
 * The order of the test files. Without a memory of earlier runs, as on a fresh checkout, vitest goes by their size; the
 * proofs that go through all cases are small files that take minutes, and the last of them would run alone.
 */
import { BaseSequencer, type TestSpecification } from 'vitest/node';

const longest = ['both-versions', 'crash', 'undo', 'equivalence', 'effects', 'plan', 'kill-nine'];

export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    return sorted.toSorted((one, other) => rank(one) - rank(other));
  }
}

function rank({ moduleId }: TestSpecification): number {
  const place = longest.findIndex((name) => moduleId.endsWith(`/${name}.server.test.ts`));
  return place === -1 ? longest.length : place;
}
