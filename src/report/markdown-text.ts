/**
 * The little Markdown that our own pages use, for a terminal: headings, lists, paragraphs in the width there is, code as
 * it is. What it does not know it prints as written.
 */
import type { Look } from './paint.ts';
import { wrap } from './wrap.ts';

export function markdownText(markdown: string, { paint, width }: Look): string {
  const lines: string[] = [];
  let paragraph = '';
  let code = false;
  let hidden = false; // what the page's own tests need and a reader does not
  const flush = (): void => {
    if (paragraph === '') return;
    const isItem = /^(?:[-*]|\d+\.) /.test(paragraph);
    lines.push(...wrap(inline(paragraph), width, isItem ? '  ' : '', ''));
    paragraph = '';
  };
  for (const line of markdown.replaceAll('\r\n', '\n').trimEnd().split('\n')) {
    const fence = /^```\s*(\S*)\s*(.*)$/.exec(line);
    if (fence !== null) {
      flush();
      code = !code;
      hidden = code && fence[2] === 'setup';
      // "```sql bad": what the block shows is in the word behind the language.
      if (code && !hidden && fence[2] !== undefined && fence[2] !== '') lines.push(labelText(fence[2], paint));
    } else if (hidden) continue;
    else if (code) lines.push(`    ${line}`.trimEnd());
    else if (/^#{1,6} /.test(line)) {
      flush();
      lines.push(paint.bold(line.replace(/^#+ /, '')));
    } else if (line.trim() === '' || line.startsWith('|')) {
      flush();
      lines.push(line);
    } else if (/^(?:[-*]|\d+\.) /.test(line)) {
      flush();
      paragraph = line;
    } else paragraph = paragraph === '' ? line : `${paragraph} ${line.trim()}`;
  }
  flush();
  return `${lines.join('\n')}\n`;
}

function labelText(label: string, paint: Look['paint']): string {
  if (label.startsWith('bad')) return paint.red(`  ${label}:`);
  return label.startsWith('good') ? paint.green(`  ${label}:`) : `  ${label}:`;
}

/** Code marks and emphasis are noise in a terminal; a link keeps its address. */
function inline(text: string): string {
  return text
    .replaceAll(/`([^`]+)`/g, '$1')
    .replaceAll(/\*\*([^*]+)\*\*/g, '$1')
    .replaceAll(/\[([^\]]+)\]\((https?:[^)]+)\)/g, '$1 ($2)')
    .replaceAll(/\[([^\]]+)\]\([^)]+\)/g, '$1');
}
