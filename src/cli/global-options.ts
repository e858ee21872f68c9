/** The options that every verb has. */
import type { VerbOption } from './call.ts';
import { setFlag, type SetFlag } from './set-flag.ts';

export const globalOptions: readonly VerbOption[] = [
  { flags: '--database-url <url>', text: 'the database (else DATABASE_URL, else the config)' },
  { flags: '--role <name>', text: 'work as this role (SET ROLE)' },
  { flags: '--embedded', text: 'a throw-away Postgres for this one command' },
  { flags: '--embedded-dir <folder>', text: 'the same, with its data kept in this folder' },
  { flags: '--dir <folder>', text: 'folder of the migrations (default: migrations)' },
  { flags: '--config <file>', text: 'config file (default: onward.config.*)' },
  { flags: '--env <file>', text: 'where DATABASE_URL may stand (default: .env)' },
  {
    flags: '--set <name=value>',
    text: 'a placeholder of migrations, or a set of lint rules',
    // Its own results only.
    parse: (text, before) => setFlag(text, before as SetFlag | undefined),
  },
  { flags: '--json', text: 'one JSON document on stdout, the rest on stderr' },
  { flags: '-y, --yes', text: 'do not ask' },
  { flags: '--dry-run', text: 'say what would be done, and do nothing' },
  { flags: '--log-format <format>', text: 'json: events as one object a line, on stderr', choices: ['text', 'json'] },
  { flags: '--notify <url>', text: 'post what happens there, signed (docs/notify.md)' },
  { flags: '--no-color', text: 'no colours (NO_COLOR does the same)' },
  { flags: '-q, --quiet', text: 'results and errors only' },
  { flags: '-v, --verbose', text: 'everything' },
];
