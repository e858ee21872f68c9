/**
 * HTML from pieces: the `markup` tag escapes whatever is put into it, so that a table named `<script>` stays a name. Only what
 * the tag made itself goes in as markup.
 */
import { withoutControls } from './findings-options.ts';

const inside = Symbol('markup');

export type Html = { readonly [inside]: string };

type Piece = string | number | Html | readonly Html[] | null;

export function markup(strings: TemplateStringsArray, ...pieces: readonly Piece[]): Html {
  const text = strings.reduce((all, part, index) => `${all}${part}${pieceText(pieces[index] ?? null)}`, '');
  return { [inside]: text };
}

export function htmlText(piece: Html): string {
  return piece[inside];
}

/** For our own style sheet, which has nothing of anybody's in it. */
export function trustedHtml(text: string): Html {
  return { [inside]: text };
}

function pieceText(piece: Piece): string {
  if (piece === null) return '';
  if (typeof piece === 'number') return String(piece);
  if (typeof piece === 'string') return escaped(piece);
  return isList(piece) ? piece.map(htmlText).join('') : htmlText(piece);
}

function isList(piece: Html | readonly Html[]): piece is readonly Html[] {
  return Array.isArray(piece);
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escaped(text: string): string {
  return withoutControls(text).replaceAll(/[&<>"']/g, (sign) => entities[sign] ?? sign);
}
