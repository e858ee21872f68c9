/**
 * Migrations that are templates: pop's `{{ index .Options "Namespace" }}` and the short Go forms `{{ .Namespace }}` and
 * `{{ .Options.Namespace }}`; Flyway's and goose's `${namespace}`. The values come from the person (`--set`, "values").
 *
 * Guarantee: lines stay what they are in the file. Must never happen: a placeholder that is left in when values are
 * given; the grammar refuses it in most places, but not inside quotes. Without any value a file is taken as it is,
 * because `{{ .Name }}` in quotes may be data; pop's own form is never that.
 */
import path from 'node:path';
import { MigrateError } from '../errors.ts';
import { lineAndColumn } from '../sql/offsets.ts';
import { isFlywayName } from './flyway-names.ts';

export type TemplateValues = Readonly<Record<string, string>>;

export function fillTemplate(source: string, values: TemplateValues, file: string): string {
  const isGiven = Object.keys(values).length > 0;
  const valueOf = (name: string, placeholder: string, offset: number): string => {
    if (Object.hasOwn(values, name)) return values[name] ?? '';
    throw noValue(source, file, name, placeholder, offset);
  };
  const filled = source.replaceAll(goAction, (action, content: string, offset: number) => {
    const option = /^index[ \t]+\.Options[ \t]+"([^"]+)"$/.exec(content)?.[1];
    const field = /^\.(?:Options\.)?([A-Za-z_]\w*)$/.exec(content)?.[1];
    const name = option ?? (isGiven ? field : undefined);
    if (name !== undefined) return valueOf(name, action, offset);
    if (isGiven && goLogic.test(content)) throw notSupported(source, file, action, offset);
    return action;
  });
  if (!isGiven || !hasDollarPlaceholders(file, source)) return filled;
  return filled.replaceAll(/\$\{([\w:.-]+)\}/g, (placeholder, name: string, offset: number) =>
    valueOf(name, placeholder, offset),
  );
}

const goAction = /\{\{[ \t]*([^{}\n]*?)[ \t]*\}\}/g;

/** What Go's templates can do beyond a value. An array of arrays (`{{1,2}}`) is none of it. */
const goLogic = /^(?:-|\/\*|\$|\.|(?:if|else|end|range|with|template|define|block|index|printf)\b)/;

function hasDollarPlaceholders(file: string, source: string): boolean {
  return isFlywayName(path.basename(file)) || /^--[ \t]*\+goose[ \t]+ENVSUB[ \t]+ON\b/im.test(source);
}

function noValue(source: string, file: string, name: string, placeholder: string, offset: number): MigrateError {
  const { line, column } = lineAndColumn(source, offset);
  return new MigrateError('TEMPLATE_VALUE_MISSING', `${file}:${line}:${column}: ${placeholder} has no value.`, {
    hint: `Give it one: --set ${name}=… or "values": { "${name}": "…" } in onward.config.json.`,
    details: { file, line, column, name },
  });
}

function notSupported(source: string, file: string, action: string, offset: number): MigrateError {
  const { line, column } = lineAndColumn(source, offset);
  return new MigrateError(
    'UNSUPPORTED_FILE',
    `${file}:${line}:${column}: ${action} is more than the name of a value.`,
    {
      hint: 'Only values are filled in here: write the finished SQL into the file, or fill in the template before.',
      details: { file, line, column },
    },
  );
}
