/** What a rule is about, in full: its README, or the paragraph of a check that the engine itself makes. */
import { MigrateError } from '../errors.ts';
import { noOpaqueStatement, noSyntaxError, noUnusedIgnore } from './built-in-rules.ts';
import { closestName } from './closest-name.ts';

const builtInTexts: ReadonlyMap<string, string> = new Map([
  [
    noSyntaxError.id,
    `# no-syntax-error

${noSyntaxError.summary}

The file is parsed by the server's own grammar. A statement that it refuses would stop the migration half-way, so it is
an error; the other statements of the file are checked all the same. A \`-- migrate:…\` comment that is misspelt is
reported here too, because it would otherwise be passed over in silence. It cannot be ignored.
`,
  ],
  [
    noUnusedIgnore.id,
    `# no-unused-ignore

${noUnusedIgnore.summary}

\`-- migrate:ignore <rule> -- <reason>\` holds for the next statement only. Where that statement has no finding of the
rule, the comment is a leftover or stands in the wrong place, and would hide the next real finding. Remove it.
`,
  ],
  [
    noOpaqueStatement.id,
    `# no-opaque-statement

${noOpaqueStatement.summary}

Nothing is claimed about such a statement, and nothing about it is passed over in silence either. Look at it yourself.
`,
  ],
]);

/** The text about a rule. `readmes` holds the READMEs by rule id. */
export function explainRule(id: string, readmes: ReadonlyMap<string, string>): string {
  const text = readmes.get(id) ?? builtInTexts.get(id);
  if (text !== undefined) return text;
  const known = [...readmes.keys(), ...builtInTexts.keys()].toSorted();
  const close = closestName(id, known);
  throw new MigrateError('BAD_USAGE', `There is no rule "${id}".`, {
    hint: `${close === null ? '' : `Did you mean ${close}? `}The rules are:\n  ${known.join('\n  ')}`,
    details: { rule: id },
  });
}
