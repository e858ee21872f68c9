/**
 * Small edits that keep a person's own wording: a word put in, a few words taken out. Used for fixes, where the
 * statement printed anew from its tree would be right but strange to the one who wrote it.
 *
 * Words inside constants, comments, quoted names and parentheses are not seen. The engine parses every fix before it
 * offers it, so that an edit that went wrong is never shown.
 */
import { words } from './sql-text.ts';

/** The text with `addition` behind the first `word`; the text as it is when the word does not occur. */
export function insertAfterWord(text: string, word: string, addition: string): string {
  const found = words(text).find((candidate) => candidate.depth === 0 && candidate.text === word);
  return found === undefined ? text : `${text.slice(0, found.end)} ${addition}${text.slice(found.end)}`;
}

/** The text without the first place where `phrase` stands word by word; `null` stands for any one word. */
export function removePhrase(text: string, phrase: readonly (string | null)[]): string {
  const all = words(text);
  const at = all.findIndex((_, from) =>
    phrase.every((wanted, offset) => {
      const word = all[from + offset];
      return word !== undefined && word.depth === 0 && (wanted === null || word.text === wanted);
    }),
  );
  const first = all[at];
  const last = all[at + phrase.length - 1];
  if (first === undefined || last === undefined) return text;
  const before = text.slice(0, first.start).trimEnd();
  const after = text.slice(last.end);
  return /^\s*$/.test(after) ? before : `${before}${/^[\s,;)]/.test(after) ? '' : ' '}${after}`;
}
