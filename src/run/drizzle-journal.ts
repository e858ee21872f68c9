/** Drizzle's journal: which files there are, and in which order they run. */
import { MigrateError } from '../errors.ts';
import type { FolderEntry, LocatedFile } from './folder-layout.ts';

export const journalFile = 'meta/_journal.json';

/** Drizzle runs what its journal lists, in that order; a file that is not listed has never run and never will. */
export function fromJournal(journal: string, entries: readonly FolderEntry[], folder: string): readonly LocatedFile[] {
  const tags = journalTags(journal);
  if (tags === null) {
    throw new MigrateError('FILE_UNREADABLE', `${folder}/${journalFile} is not a Drizzle journal.`, {
      hint: 'Restore it from version control, or let drizzle-kit write it again.',
      details: { folder },
    });
  }
  const present = new Set(entries.filter((entry) => entry.kind === 'file').map((entry) => entry.name));
  return tags.map((tag) => {
    const file = `${tag}.sql`;
    if (present.has(file)) return { name: tag, file };
    throw new MigrateError('FILE_UNREADABLE', `${folder}/${journalFile} lists ${file}, and there is no such file.`, {
      hint: 'Restore the file from version control.',
      details: { folder, file },
    });
  });
}

/** The `when` of each tag, by which Drizzle's history knows it; empty where the journal cannot be read. */
export function journalMoments(journal: string): ReadonlyMap<string, string> {
  return new Map(
    (journalEntries(journal) ?? []).flatMap((entry) => {
      const tag = tagOf(entry);
      const when = typeof entry === 'object' && entry !== null && 'when' in entry ? entry.when : null;
      return tag === null || typeof when !== 'number' ? [] : [[tag, String(when)] as const];
    }),
  );
}

function journalTags(journal: string): readonly string[] | null {
  const tags = journalEntries(journal)?.map(tagOf) ?? null;
  return tags?.every((tag) => tag !== null) === true ? tags : null;
}

function journalEntries(journal: string): readonly unknown[] | null {
  try {
    const content: unknown = JSON.parse(journal);
    if (typeof content !== 'object' || content === null || !('entries' in content)) return null;
    return Array.isArray(content.entries) ? content.entries : null;
  } catch {
    return null;
  }
}

function tagOf(entry: unknown): string | null {
  if (typeof entry !== 'object' || entry === null || !('tag' in entry)) return null;
  return typeof entry.tag === 'string' ? entry.tag : null;
}
