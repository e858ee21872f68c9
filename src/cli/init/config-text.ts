/** The config file that `migrate init` writes: what must be there, and the settings that people look for, explained. */

export type ConfigChoice = {
  readonly dir: string;
  /** Whose files they are; null for plain ones. */
  readonly tool: string | null;
};

export function configText({ dir, tool }: ConfigChoice): string {
  return `# Settings of onward. A flag on the command line wins over what stands here.
# All of them: migrate --help, and docs/lint.md for those of the linter.

# Folder of the migrations${tool === null ? '' : ` (${tool}'s files are read as they are)`}.
dir: ${JSON.stringify(dir)}

# The database is best named outside of this file: DATABASE_URL in the environment or in .env.
# databaseUrl: postgres://localhost:5432/shop

# Major version of the server, for plans and lint without a database.
# pgVersion: 17

# The longest that one try may queue for a lock, and for how long a step goes on trying.
# lockTimeoutMs: 2000
# lockBudgetMs: 600000

# How long one batch of a backfill should take.
# batchTargetMs: 100

# Lint rules: the set (recommended, strict or all), and single ones (off, info, warning or error).
# ruleSet: strict
# rules:
#   no-rename-column: off
`;
}
