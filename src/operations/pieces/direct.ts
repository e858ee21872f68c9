/** A statement that runs as the person wrote it, under lock timeout and retry. */
import { transactional, type Phase, type StepDraft, type Undo } from '../step-draft.ts';

/** Longest title taken from a statement, in characters; the statement itself stands below it in the plan. */
const titleLength = 72;

export function directStep(phase: Phase, statement: string, undo: Undo, notes: readonly string[] = []): StepDraft {
  return { phase, title: statementTitle(statement), run: transactional(statement), undo, notes };
}

/** The first line of a statement, shortened. */
export function statementTitle(statement: string): string {
  const line = statement.replaceAll(/\s+/g, ' ').trim();
  return line.length <= titleLength ? line : `${line.slice(0, titleLength - 1)}…`;
}
