/** Random cases for fast-check, and their smaller versions. */
import fc, { type Random, type Stream, type Value } from 'fast-check';
import { makeAddition, makeChange } from './changes/index.ts';
import { drawFrom, type Draw } from './draw.ts';
import type { GeneratedCase, Statement } from './generated-case.ts';
import { makeGiven } from './given.ts';
import { smallerCases } from './smaller-cases.ts';
import type { World } from './world.ts';

const mostAdditions = 4;
const mostStatements = 4; // of a migration
const migrationCounts = [1, 1, 1, 2, 2, 3] as const;

class CaseArbitrary extends fc.Arbitrary<GeneratedCase> {
  generate(random: Random): Value<GeneratedCase> {
    return new fc.Value(makeCase(drawFrom(random)), undefined);
  }

  canShrinkWithoutContext(value: unknown): value is GeneratedCase {
    return typeof value === 'object' && value !== null && 'migrations' in value;
  }

  shrink(value: GeneratedCase): Stream<Value<GeneratedCase>> {
    return fc.stream(smallerCases(value)).map((smaller) => new fc.Value(smaller, undefined));
  }
}

export function caseArbitrary(): fc.Arbitrary<GeneratedCase> {
  return new CaseArbitrary();
}

function makeCase(draw: Draw): GeneratedCase {
  const world: World = {
    draw,
    schemas: [],
    tables: [],
    types: [],
    enums: [],
    views: [],
    functions: [],
    names: [],
    isGiven: true,
  };
  const given = [...makeGiven(world), ...several(world, draw.int(0, mostAdditions), makeAddition)];
  world.isGiven = false;
  const migrations: (readonly Statement[])[] = [];
  for (let count = draw.one(migrationCounts); count > 0; count -= 1) {
    const statements = several(world, draw.int(1, mostStatements), makeChange);
    if (statements.length > 0) migrations.push(joined(statements, draw));
  }
  if (migrations.length === 0) return makeCase(draw);
  return { given, migrations, names: world.names };
}

/** Now and then several changes of one table stand in one ALTER TABLE. */
function joined(statements: readonly Statement[], draw: Draw): readonly Statement[] {
  return statements.reduce<readonly Statement[]>((before, next) => {
    const last = before.at(-1);
    const canJoin = last?.head === next.head && isPlainAlter(last) && isPlainAlter(next) && draw.percent(50);
    return canJoin && last !== undefined
      ? before.with(-1, { ...last, items: [...last.items, ...next.items] })
      : [...before, next];
  }, []);
}

/** RENAME stands alone. */
function isPlainAlter({ head, items, meaning }: Statement): boolean {
  return (
    head.startsWith('alter table ') && items.length > 0 && meaning === null && items[0]?.startsWith('rename ') !== true
  );
}

/** A maker may find nothing to change. */
function several(world: World, count: number, make: (world: World) => Statement | null): readonly Statement[] {
  const made: Statement[] = [];
  for (let tries = 0; made.length < count && tries < 10 * count; tries += 1) {
    const one = make(world);
    if (one !== null) made.push(one);
  }
  return made;
}
