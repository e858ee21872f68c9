/** The options of `migrate lint`, in the order in which its help lists them. */
import { findingsFormatNames } from '../../report/findings-formats.ts';
import { wholeNumber, type VerbOption } from '../call.ts';
import { ruleFlag } from './rule-levels.ts';

export const lintOptions: readonly VerbOption[] = [
  {
    flags: '--format <format>',
    text: 'how findings are written (default: pretty)',
    choices: findingsFormatNames,
  },
  {
    flags: '--rule <id=level>',
    text: 'off, info, warning or error for one rule (repeat for more)',
    parse: ruleFlag,
  },
  { flags: '--changed [ref]', text: 'report only files that differ from a ref of git (default: the main branch)' },
  { flags: '--planned', text: 'lint the steps that our runner would run instead of the statements as written' },
  { flags: '--fix', text: 'write the SQL that was suggested, in files that --changed adds or that are named' },
  { flags: '--fix-dry-run', text: 'show what --fix would write' },
  { flags: '--baseline <file>', text: 'leave out the findings that are recorded there' },
  { flags: '--update-baseline', text: 'record the findings there are now in the baseline' },
  {
    flags: '--max-warnings <n>',
    text: 'more warnings than this make the exit code 1',
    parse: wholeNumber('--max-warnings', 0),
  },
  {
    flags: '--pg-version <version>',
    text: 'major version of the server (default: the config, else the newest)',
    parse: wholeNumber('--pg-version', 14),
  },
  {
    flags: '--compat <linter>',
    text: 'take the names and ignore comments of squawk, eugene, strong_migrations or pgfence too',
  },
  { flags: '--tool <tool>', text: 'the tool that runs the files (flyway, goose, prisma, …), where they do not tell' },
  {
    flags: '--transaction <mode>',
    text: 'whether the tool that runs the files opens one, where they do not tell',
    choices: ['per-file', 'none'],
  },
  { flags: '--stdin-filename <file>', text: 'the name under which standard input ("-") is reported' },
];
