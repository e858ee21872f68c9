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

function journalTags(journal: string): readonly string[] | null {
  try {
    const content: unknown = JSON.parse(journal);
    if (typeof content !== 'object' || content === null || !('entries' in content)) return null;
    if (!Array.isArray(content.entries)) return null;
    const tags = content.entries.map((entry: unknown) =>
      typeof entry === 'object' && entry !== null && 'tag' in entry && typeof entry.tag === 'string' ? entry.tag : null,
    );
    return tags.every((tag) => tag !== null) ? tags : null;
  } catch {
    return null;
  }
}
