/** A plan as a comment on a pull request and as a page: what they say, and that no name of a person's becomes markup. */
import { describe, expect, test } from 'vitest';
import type { Plan } from '../../src/plan/plan.ts';
import { planHtml } from '../../src/report/plan-html.ts';
import { planMarkdown } from '../../src/report/plan-markdown.ts';
import { planRisks } from '../../src/report/plan-risks.ts';
import { examplePlan } from './example-plan.ts';

const hostile = `</style><script>alert(1)</script>"' onload=x \`\`\`\n# @team #12 | a_b_c </details> &amp; \u0007`;
const hostilePlan = renamed(examplePlan, hostile);

describe('risks', () => {
  test('are what a reviewer must have seen: what is unknown, lost, not to be taken back, or not in the plan', () => {
    expect(planRisks(examplePlan).map(({ kind, migration, step }) => `${migration} ${step}: ${kind}`)).toEqual([
      '0007_require_phone contract-2: lost',
      '0008_seed expand-1: unknown',
      '0008_seed expand-1: no way back',
      '0009_fax_again null: order',
    ]);
  });

  test('a lock for as long as the table is large is one, for a moment or on a small table is none', () => {
    expect(kindsOf({ duration: 'blocking' })).toEqual(['waiting']);
    expect(kindsOf({ duration: 'blocking', exemption: 'small table' })).toEqual([]);
    expect(kindsOf({ duration: 'instant' })).toEqual([]);
  });

  test('a column that makes way for its successor is not lost, nor is an index', () => {
    const drops = ['column users.phone', 'index users_phone_idx'];
    expect(kindsOf({ drops })).toEqual([]); // the example promises users.phone to the new version
    expect(kindsOf({ drops: ['column users.other'] })).toEqual(['lost']);
  });
});

describe('a comment on a pull request', () => {
  test('shows the order, the risks, what each version may rely on, the locks, and the SQL folded away', async () => {
    await expect(planMarkdown(examplePlan, { remark: null })).toMatchFileSnapshot('example-plan.md.txt');
  });

  test('an empty plan says so', () => {
    expect(planMarkdown({ ...examplePlan, migrations: [] }, { remark: null })).toContain('Nothing to plan');
  });

  test('no name becomes markup, a mention or the end of a block', () => {
    const text = planMarkdown(hostilePlan, { remark: hostile });
    const marks = marksOf(text);
    expect(marks).not.toMatch(/<script|<\/style|@team|#12|_b_/);
    expect(marks.match(/<details>/g)?.length).toBe(marks.match(/<\/details>/g)?.length);
    const rows = marks.split('\n').filter((line) => line.startsWith('| '));
    expect(rows.length).toBeGreaterThan(5);
    for (const row of rows) expect(row.split('|')).toHaveLength(6);
    expect(text).not.toContain('\u0007');
  });

  test('stays below what GitHub takes: the SQL goes first, then the last migrations, and both are said', () => {
    const many = (count: number): Plan => ({
      ...examplePlan,
      migrations: Array.from({ length: count }, () => examplePlan.migrations.slice(0, 1)).flat(),
    });
    const withoutSql = planMarkdown(many(20), { remark: null });
    expect(withoutSql).toContain('too long for one comment');
    expect(withoutSql).not.toContain('more migrations');
    const cut = planMarkdown(many(200), { remark: null });
    expect(cut).toMatch(/… and \d+ more migrations/);
    expect(cut.length).toBeLessThan(65_536);
  });
});

describe('a page for a browser', () => {
  test('has the phases, the locks and all of the SQL', () => {
    const page = planHtml(examplePlan, { remark: 'Made on a stand-in.' });
    for (const text of ['migrate expand', 'reads wait', 'RETURN NEW;', 'Made on a stand-in.', 'column users.fax'])
      expect(page).toContain(text);
  });

  test('loads nothing and runs nothing', () => {
    const page = planHtml(hostilePlan, { remark: hostile });
    expect(page).not.toMatch(/<script|<link|<img|<iframe|\ssrc=|\shref="(?!#)|@import|url\(/i);
    expect(page).toContain(`content="default-src 'none'; style-src 'unsafe-inline'"`);
  });

  test('whatever the names are, each element is closed in its order', () => {
    for (const plan of [examplePlan, hostilePlan, { ...examplePlan, migrations: [] }])
      expect(openElements(planHtml(plan, { remark: hostile }))).toEqual([]);
  });
});

function kindsOf(change: Partial<Plan['migrations'][number]['steps'][number]>): readonly string[] {
  const [migration] = examplePlan.migrations;
  const [step] = migration?.steps ?? [];
  if (migration === undefined || step === undefined) throw new Error('the example has no step');
  const plan = { ...examplePlan, migrations: [{ ...migration, steps: [{ ...step, ...change }] }] };
  return planRisks(plan).map(({ kind }) => kind);
}

/** Every text of the plan that people choose has `name` in it. */
function renamed(plan: Plan, name: string): Plan {
  return JSON.parse(
    JSON.stringify(plan, (key, value: unknown) =>
      typeof value === 'string' &&
      !['id', 'phase', 'kind', 'mode', 'duration', 'schema', 'command', 'from'].includes(key)
        ? `${value}${name}`
        : value,
    ),
  ) as Plan; // the same shape: only texts became longer
}

/** Markdown without its code and without what a backslash makes a usual sign: what is left may be markup. */
function marksOf(markdown: string): string {
  const withoutBlocks = markdown.replaceAll(/^(`{3,})sql\n[\s\S]*?\n\1$/gm, '');
  return withoutBlocks.replaceAll(/\\.|(?<!`)(`+)(?!`).*?(?<!`)\1(?!`)/g, '');
}

/** Elements that are not closed, or closed in another order than they were opened. */
function openElements(page: string): readonly string[] {
  const open: string[] = [];
  for (const [, slash, name = ''] of page.matchAll(/<(\/?)([a-z][a-z0-9]*)\b[^>]*>/g)) {
    if (['meta', 'br', 'wbr'].includes(name)) continue;
    if (slash === '') open.push(name);
    else if (open.pop() !== name) return [`</${name}>`];
  }
  return open;
}
