/**
 * Which part of a file a statement stands in, when the file has section markers: `up` and `down` as other tools write
 * them, or the phases of a file that is phased by hand.
 *
 * A file that is phased by hand says so for all of its statements, once a phase, in the order in which the phases run:
 * what stands where is what runs when. Anything else is refused where it stands, before a statement of it is looked at.
 */
import { badDirective, type SectionMarker } from './directives.ts';
import type { ParsedFile, SqlStatement } from './parse.ts';

type SectionName = SectionMarker['section'];

/** In the order in which they run. */
const phaseSections = ['expand', 'backfill', 'contract'] as const satisfies readonly SectionName[];
export type PhaseSection = (typeof phaseSections)[number];

/** The order in which they stand in a file. */
const manualSections: readonly SectionName[] = [...phaseSections, 'rollback'];

type Marked = Pick<ParsedFile, 'statements' | 'sections'>;

export function isPhasedByHand({ sections }: Pick<ParsedFile, 'sections'>): boolean {
  return sections.some(({ section }) => manualSections.includes(section));
}

function sectionOf({ sections }: Pick<ParsedFile, 'sections'>, { start }: SqlStatement): SectionName | null {
  return sections.findLast((marker) => marker.start < start)?.section ?? null;
}

/** The phase that the person chose for the statement; null where the plan chooses. */
export function phaseSectionOf(file: Pick<ParsedFile, 'sections'>, statement: SqlStatement): PhaseSection | null {
  const section = sectionOf(file, statement);
  return phaseSections.find((phase) => phase === section) ?? null;
}

/** Statements below a `migrate:down` or `migrate:rollback` marker take a change back: they are left out. */
export function forwardStatements(file: Marked): readonly SqlStatement[] {
  if (file.sections.length === 0) return file.statements;
  return file.statements.filter((statement) => {
    const section = sectionOf(file, statement);
    return section !== 'down' && section !== 'rollback';
  });
}

/** The statements below `migrate:rollback`, in order. */
export function rollbackStatements(file: Marked): readonly SqlStatement[] {
  return file.statements.filter((statement) => sectionOf(file, statement) === 'rollback');
}

/** Throws BAD_DIRECTIVE at the marker that is wrong. */
export function checkSections(file: Marked, source: string, options: { readonly file?: string }): void {
  const { sections, statements } = file;
  const [first] = sections;
  if (first === undefined || !isPhasedByHand(file)) return;
  const fail = ({ start, end }: SectionMarker, problem: string, hint: string) =>
    badDirective({ ...options, source, start, end }, problem, hint);
  const other = sections.find(({ section }) => !manualSections.includes(section));
  if (other !== undefined)
    throw fail(
      other,
      `"migrate:${other.section}" does not go with the markers of a file that is phased by hand`,
      `Keep either -- migrate:up and -- migrate:down, or ${listed(manualSections)}.`,
    );
  for (const [index, marker] of sections.entries()) {
    const { section, options: text } = marker;
    if (text !== '') throw fail(marker, `"${text}" is not expected behind the marker`, `Write: -- migrate:${section}`);
    const earlier = sections.slice(0, index);
    const same = earlier.find((each) => each.section === section);
    if (same !== undefined)
      throw fail(
        marker,
        `the section "${section}" stands twice, also on line ${same.line}`,
        `Move these statements to the section on line ${same.line}.`,
      );
    const later = earlier.find((each) => manualSections.indexOf(each.section) > manualSections.indexOf(section));
    if (later !== undefined)
      throw fail(
        marker,
        `the section "${section}" stands below "${later.section}", and runs before it`,
        `Write the sections in the order ${listed(manualSections)}.`,
      );
    const end = sections[index + 1]?.start ?? source.length;
    if (!statements.some(({ start }) => marker.start < start && start < end))
      throw fail(marker, `the section "${section}" is empty`, 'Remove the marker, or write its statements below it.');
  }
  const before = statements.find(({ start }) => start < first.start);
  if (before !== undefined)
    throw fail(
      first,
      `a statement stands above the first marker, on line ${before.line}, and so in no section`,
      'Write -- migrate:expand above it, or the section it belongs to.',
    );
}

function listed(names: readonly SectionName[]): string {
  return names.map((name) => `-- migrate:${name}`).join(', ');
}
