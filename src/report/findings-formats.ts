/** Every way in which findings can be written, by the name that `--format` takes. */
import type { LintResult } from '../lint/finding.ts';
import { findingsDocument } from './findings-json.ts';
import { findingsGcc } from './findings-gcc.ts';
import { findingsGithub } from './findings-github.ts';
import { findingsGitlab } from './findings-gitlab.ts';
import { findingsJunit } from './findings-junit.ts';
import { findingsMarkdown } from './findings-markdown.ts';
import type { FindingsOptions } from './findings-options.ts';
import { findingsPretty } from './findings-pretty.ts';
import { findingsSarif } from './findings-sarif.ts';

export type FindingsFormat = 'pretty' | 'json' | 'sarif' | 'github' | 'gitlab' | 'junit' | 'markdown' | 'gcc';

type Write = (result: LintResult, options: FindingsOptions) => string;

const formats: Readonly<Record<FindingsFormat, Write>> = {
  pretty: findingsPretty,
  json: (result, options) => `${JSON.stringify(findingsDocument(result, options), null, 2)}\n`,
  sarif: findingsSarif,
  github: findingsGithub,
  gitlab: findingsGitlab,
  junit: findingsJunit,
  markdown: findingsMarkdown,
  gcc: findingsGcc,
};

export const findingsFormatNames: readonly string[] = Object.keys(formats);

export function isFindingsFormat(name: string): name is FindingsFormat {
  return Object.hasOwn(formats, name);
}

/** Ends with a line feed, unless there is nothing to write. */
export function formatFindings(format: FindingsFormat, result: LintResult, options: FindingsOptions): string {
  return formats[format](result, options);
}
