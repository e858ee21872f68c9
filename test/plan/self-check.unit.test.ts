/** The planner's own steps are checked before they become a plan: drafts that are broken on purpose are refused. */
import { beforeAll, describe, expect, test } from 'vitest';
import { emptyCatalog, type Catalog } from '../../src/catalog/model.ts';
import { MigrateError } from '../../src/errors.ts';
import {
  nothingToUndo,
  outsideTransaction,
  transactional,
  type Phase,
  type SqlRun,
} from '../../src/operations/step-draft.ts';
import { annotateSteps, type SettledDraft, type UnannotatedMigration } from '../../src/plan/annotate.ts';
import { foldMigrations } from '../../src/plan/planner.ts';
import { loadParser } from '../../src/sql/parse.ts';

const given = `
  create type mood as enum ('good', 'bad');
  create table accounts (id bigint primary key);
  create table users (id bigint primary key, email text, name text not null default '', account_id bigint, unique (email));
  create index users_name on users (name);
  create function touch() returns trigger language plpgsql as $$ begin return new; end $$;
  create trigger users_touch before update on users for each row execute function touch();
  create view emails as select email from users;
  create sequence numbers`;

let catalog: Catalog;

beforeAll(async () => {
  await loadParser();
  catalog = foldMigrations([{ name: 'given', path: 'given.sql', source: given, checksum: '' }], emptyCatalog(18));
});

function settled(phase: Phase, run: SqlRun, more: Partial<SettledDraft> = {}): SettledDraft {
  return {
    draft: { phase, title: 'A step', run, undo: nothingToUndo, notes: [] },
    settings: {},
    mergeable: false,
    locksOthers: false,
    movesRows: false,
    completesPrevious: false,
    block: null,
    exemption: null,
    ...more,
  };
}

function annotate(...drafts: readonly SettledDraft[]) {
  const migration: UnannotatedMigration = {
    name: '0007_broken',
    checksum: '',
    notes: [],
    waitsFor: null,
    versions: [],
    drafts,
  };
  return annotateSteps([migration], catalog, { smallTable: null, unused: false });
}

function refusal(...drafts: readonly SettledDraft[]): MigrateError {
  try {
    annotate(...drafts);
  } catch (error) {
    if (error instanceof MigrateError) return error;
    throw error;
  }
  throw new Error('Nothing was refused.');
}

describe('a draft that does more than its phase allows is refused', () => {
  const blocking: readonly (readonly [Phase, string, string])[] = [
    [
      'expand',
      'alter table users add column n bigint generated always as (id) stored',
      'Reads and writes of public.users would wait while it writes public.users anew.',
    ],
    [
      'contract',
      'alter table users alter column email set not null',
      'Reads and writes of public.users would wait while it reads all of public.users.',
    ],
    [
      'contract',
      'create index on users (email)',
      'Writes of public.users would wait while it builds an index on public.users.',
    ],
    [
      'contract',
      'alter table users add foreign key (account_id) references accounts',
      'Writes of public.users would wait while it reads all of public.users.',
    ],
    [
      'backfill',
      'alter table users alter column account_id type text',
      'Reads and writes of public.users would wait while it writes public.users anew.',
    ],
  ];
  test.each(blocking)('in %s: %s', (phase, statement, reason) => {
    const error = refusal(settled(phase, transactional(statement)));
    expect(error.code).toBe('INTERNAL');
    expect(error.message).toContain(reason);
    expect(error.hint).toContain(statement);
  });

  test('rows are moved under a lock that another statement of the step holds', () => {
    const step = transactional('alter table users add column n int', 'delete from accounts where id in (select 1)');
    expect(refusal(settled('expand', step)).message).toContain('while it moves rows');
  });

  const losing: readonly (readonly [string, string])[] = [
    ['alter table users drop column name', 'uses column public.users.name, which is gone'],
    ['alter table users rename column name to title', 'uses column public.users.name, which is gone'],
    ['drop table accounts', 'uses table public.accounts, which is gone'],
    ['alter table accounts rename to tenants', 'uses table public.accounts, which is gone'],
    ['alter table users alter column name drop default', 'may leave out public.users.name'],
    ['alter table users add check (id > 0) not valid', 'may break users_id_check on public.users'],
    ['alter table users add foreign key (account_id) references accounts not valid', 'may break users_account_id_fkey'],
    ['alter table users drop constraint users_email_key', 'may rely on users_email_key of public.users'],
    ['drop index users_name', 'may rely on users_name of public.users'],
    ['drop trigger users_touch on users', 'may rely on users_touch of public.users'],
    ['drop view emails', 'may use public.emails, which is gone'],
    ['drop sequence numbers', 'may use public.numbers, which is gone'],
    ['drop type mood', 'may use public.mood, which is gone'],
    ["alter type mood rename value 'bad' to 'worse'", "may use 'bad' of type public.mood"],
    ['alter table users enable row level security', 'takes rights away'],
  ];
  test.each(losing)('before contract: %s', (statement, reason) => {
    expect(refusal(settled('expand', transactional(statement))).message).toContain(reason);
    expect(() => annotate(settled('contract', transactional(statement)))).not.toThrow();
  });

  test('a concurrent statement stands in a transaction', () => {
    const step = settled('expand', transactional('create index concurrently on users (email)'));
    expect(refusal(step).message).toContain('no transaction takes');
  });

  test('several statements stand outside a transaction', () => {
    const run = { ...outsideTransaction('create index concurrently on users (email)', null) };
    const two = { ...run, statements: [...run.statements, 'create index concurrently on users (id)'] };
    expect(refusal(settled('expand', two)).message).toContain('several statements outside a transaction');
  });

  test('two foreign keys share a transaction', () => {
    const keys = [1, 2].map(
      (n) => `alter table users add constraint k${n} foreign key (account_id) references accounts`,
    );
    const step = transactional(...keys.map((key) => `${key} not valid`));
    expect(refusal(settled('contract', step)).message).toContain('several foreign keys in one transaction');
  });
});

describe('the report', () => {
  test('names statement, step and effects, for a person and as data', () => {
    const statement = 'alter table users alter column email set not null';
    const error = refusal(settled('contract', transactional(statement)));
    expect(error.message).toContain('0007_broken');
    expect(error.message).toContain('contract-1');
    expect(error.message).toContain('a mistake in onward, not in your migration');
    expect(error.hint).toContain('migrate:raw');
    expect(error.details['violations']).toEqual([
      {
        migration: '0007_broken',
        step: 'contract-1',
        title: 'A step',
        reason: 'Reads and writes of public.users would wait while it reads all of public.users.',
        statements: [
          {
            sql: statement,
            locks: ['ACCESS EXCLUSIVE on public.users'],
            rewrites: [],
            scans: ['public.users'],
            indexBuilds: [],
            drops: [],
          },
        ],
      },
    ]);
  });
});

describe('what is exempt', () => {
  const rewrite = transactional('alter table users add column n int generated always as (id::int) stored');

  test.each(['raw', 'small table'] as const)('%s', (exemption) => {
    const [migration] = annotate(settled('expand', rewrite, { exemption }));
    expect(migration?.steps[0]).toMatchObject({ exemption, duration: 'blocking' });
  });

  test('a phase that the person chose, but no waiting in it', () => {
    const exemption = 'chosen phase';
    const drop = settled('expand', transactional('alter table users drop column name'), { exemption });
    expect(() => annotate(drop)).not.toThrow();
    expect(refusal(settled('expand', rewrite, { exemption })).message).toContain('would wait');
  });

  test('a concurrent statement in a transaction is never exempt: the server would refuse it', () => {
    const step = settled('expand', transactional('create index concurrently on users (email)'), { exemption: 'raw' });
    expect(refusal(step).message).toContain('no transaction takes');
  });

  test('an opaque statement', () => {
    expect(() => annotate(settled('expand', transactional('do $$ begin perform 1; end $$')))).not.toThrow();
  });

  test('tables that the batch creates, also under another name', () => {
    expect(() =>
      annotate(
        settled('expand', transactional('create table notes (id bigint, body text)')),
        settled('expand', transactional('create index on notes (body)')),
        settled('expand', transactional('alter table notes rename to remarks')),
        settled('expand', transactional('alter table remarks alter column body set not null')),
      ),
    ).not.toThrow();
  });

  test('columns that the batch adds', () => {
    expect(() =>
      annotate(
        settled('expand', transactional('alter table users add column phone text')),
        settled('expand', transactional('alter table users add check (length(phone) > 3) not valid')),
        settled('expand', transactional('alter table users drop column phone')),
      ),
    ).not.toThrow();
  });

  test('the foreign key of a new table, unless it was filled', () => {
    const key = settled('expand', transactional('alter table notes add foreign key (user_id) references users'));
    const empty = settled('expand', transactional('create table notes (user_id bigint)'));
    const filled = settled('expand', transactional('create table notes as select id as user_id from users'));
    expect(() => annotate(empty, key)).not.toThrow();
    expect(refusal(filled, key).message).toContain('Writes of public.users would wait');
  });

  test('a renamed index, and one that becomes a constraint', () => {
    expect(() => annotate(settled('expand', transactional('alter index users_name rename to by_name')))).not.toThrow();
  });
});
