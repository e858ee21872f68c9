/** What differs between two texts, line by line, for people: `- ` what goes, `+ ` what comes, blanks for what is around. */

const context = 2; // lines around a change
const most = 4_000_000; // comparisons; larger texts are shown as one change

/** Lines without colours; none when the texts are equal. */
export function lineDiff(before: string, after: string): readonly string[] {
  const [a, b] = [lines(before), lines(after)];
  const edits = editsOf(a, b);
  const shown = edits.map((_, index) =>
    edits.slice(Math.max(0, index - context), index + context + 1).some(([sign]) => sign !== ' '),
  );
  const output: string[] = [];
  edits.forEach(([sign, line], index) => {
    if (shown[index] === true) output.push(`${sign} ${line}`.trimEnd());
    else if (shown[index - 1] === true && shown.slice(index).includes(true)) output.push('…');
  });
  return output;
}

type Edit = readonly [sign: ' ' | '-' | '+', line: string];

function lines(text: string): readonly string[] {
  const all = text.split(/\r?\n/);
  return all.at(-1) === '' ? all.slice(0, -1) : all;
}

function editsOf(a: readonly string[], b: readonly string[]): readonly Edit[] {
  let start = 0;
  while (start < a.length && start < b.length && a[start] === b[start]) start += 1;
  let end = 0;
  while (end < a.length - start && end < b.length - start && a.at(-1 - end) === b.at(-1 - end)) end += 1;
  return [
    ...a.slice(0, start).map((line): Edit => [' ', line]),
    ...middleEdits(a.slice(start, a.length - end), b.slice(start, b.length - end)),
    ...a.slice(a.length - end).map((line): Edit => [' ', line]),
  ];
}

/** By the longest common subsequence. */
function middleEdits(a: readonly string[], b: readonly string[]): readonly Edit[] {
  if (a.length * b.length > most) {
    return [...a.map((line): Edit => ['-', line]), ...b.map((line): Edit => ['+', line])];
  }
  const width = b.length + 1;
  const common = new Uint32Array((a.length + 1) * width);
  const at = (i: number, j: number): number => common[i * width + j] ?? 0;
  for (let i = a.length - 1; i >= 0; i -= 1) {
    for (let j = b.length - 1; j >= 0; j -= 1) {
      common[i * width + j] = a[i] === b[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
    }
  }
  const edits: Edit[] = [];
  let [i, j] = [0, 0];
  while (i < a.length || j < b.length) {
    const [first, second] = [a[i], b[j]];
    if (first !== undefined && first === second) {
      edits.push([' ', first]);
      [i, j] = [i + 1, j + 1];
    } else if (first !== undefined && (second === undefined || at(i + 1, j) >= at(i, j + 1))) {
      edits.push(['-', first]);
      i += 1;
    } else if (second !== undefined) {
      edits.push(['+', second]);
      j += 1;
    }
  }
  return edits;
}
