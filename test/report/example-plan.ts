/** A plan with one of everything that a report has to show. Written by hand: reports are tested without the planner. */
import type { Plan, Step } from '../../src/plan/plan.ts';

const users = { schema: 'public', name: 'users' };

const usual: Omit<Step, 'id' | 'phase' | 'title' | 'run'> = {
  undo: { kind: 'nothing' },
  notes: [],
  locks: [],
  rewrites: [],
  scans: [],
  drops: [],
  opaque: false,
  duration: 'instant',
  statementTimeoutMs: 5_000,
  settings: {},
  exemption: null,
  estimate: null,
};

const fillFunction = `CREATE OR REPLACE FUNCTION onward.onward_fill_3f2a() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $f$
#variable_conflict use_column
BEGIN
  NEW.phone := coalesce(NEW.phone, '');
  RETURN NEW;
END
$f$`;

export const examplePlan: Plan = {
  formatVersion: 1,
  checksum: 'c0ffee',
  fingerprint: 'f00d',
  serverVersion: 18,
  estimate: { extraBytes: 21_300_000_000, walBytes: 33_100_000_000 },
  migrations: [
    {
      name: '0007_require_phone',
      checksum: 'abc',
      waitsFor: null,
      notes: ['The statement ALTER TABLE users ADD COLUMN phone … NOT NULL is done in five steps.'],
      versions: [
        {
          kind: 'column',
          table: { old: { schema: 'public', name: 'users' }, new: { schema: 'public', name: 'users' } },
          column: { old: null, new: 'phone' },
          from: 'expand',
          filled: 'backfill',
          required: true,
          requiredUntil: null,
        },
      ],
      steps: [
        {
          ...usual,
          id: 'expand-1',
          phase: 'expand',
          title: 'Add column users.phone, filled by a trigger for the old version',
          run: {
            kind: 'sql',
            transaction: true,
            probe: null,
            statements: [
              'ALTER TABLE public.users ADD COLUMN phone character varying(20)',
              fillFunction,
              'CREATE TRIGGER zz_onward_fill_3f2a BEFORE INSERT OR UPDATE ON public.users FOR EACH ROW EXECUTE FUNCTION onward.onward_fill_3f2a()',
            ],
          },
          locks: [{ table: users, mode: 'ACCESS EXCLUSIVE' }],
          undo: {
            kind: 'actions',
            actions: [
              {
                kind: 'sql',
                transaction: true,
                probe: null,
                statements: [
                  'DROP FUNCTION onward.onward_fill_3f2a() CASCADE',
                  'ALTER TABLE public.users DROP COLUMN phone',
                ],
              },
            ],
          },
        },
        {
          ...usual,
          id: 'expand-2',
          phase: 'expand',
          title: 'Build index users_phone_idx',
          run: {
            kind: 'sql',
            transaction: false,
            probe: { kind: 'index_valid', table: users, index: 'users_phone_idx' },
            statements: ['CREATE INDEX CONCURRENTLY users_phone_idx ON public.users (phone)'],
          },
          locks: [{ table: users, mode: 'SHARE UPDATE EXCLUSIVE' }],
          duration: 'build',
          estimate: {
            rows: 41_200_000,
            bytes: 18_300_000_000,
            batches: null,
            takes: 'minutes',
            extraBytes: 1_240_000_000,
            walBytes: 1_240_000_000,
          },
          statementTimeoutMs: null,
          settings: { search_path: 'shop, public' },
          undo: {
            kind: 'actions',
            actions: [
              {
                kind: 'sql',
                transaction: false,
                probe: null,
                statements: ['DROP INDEX CONCURRENTLY public.users_phone_idx'],
              },
            ],
          },
        },
        {
          ...usual,
          id: 'backfill-1',
          phase: 'backfill',
          title: 'Fill users.phone',
          run: {
            kind: 'backfill',
            table: users,
            alias: null,
            command: 'update',
            set: [{ column: 'phone', expression: "''" }],
            where: null,
            guard: 'phone IS NULL',
            verify: 'phone IS NULL',
            batchSize: null,
            pauseMs: null,
          },
          estimate: {
            rows: 41_200_000,
            bytes: 18_300_000_000,
            batches: 20_600,
            takes: 'minutes',
            extraBytes: 20_060_000_000,
            walBytes: 31_860_000_000,
          },
          duration: 'batches',
          statementTimeoutMs: null,
        },
        {
          ...usual,
          id: 'contract-1',
          phase: 'contract',
          title: 'Require that every row of users has a phone',
          run: {
            kind: 'gate',
            what: 'rows of users have no phone',
            countSql: 'SELECT count(*) FROM public.users WHERE phone IS NULL',
            sampleSql: 'SELECT id FROM public.users WHERE phone IS NULL LIMIT 5',
            hint: "Give these rows a value, or write it: -- migrate:using ''",
          },
          duration: 'scan',
        },
        {
          ...usual,
          id: 'contract-2',
          phase: 'contract',
          title: 'Drop column users.fax',
          run: {
            kind: 'sql',
            transaction: true,
            probe: null,
            statements: ['ALTER TABLE public.users DROP COLUMN fax -- nobody uses it'],
          },
          locks: [{ table: users, mode: 'ACCESS EXCLUSIVE' }],
          drops: ['column users.fax'],
          undo: { kind: 'impossible', reason: 'the values of users.fax are gone.' },
        },
      ],
    },
    {
      name: '0008_seed',
      checksum: 'def',
      waitsFor: null,
      notes: [],
      versions: [],
      steps: [
        {
          ...usual,
          id: 'expand-1',
          phase: 'expand',
          title: 'Run a DO block as it is written',
          run: { kind: 'sql', transaction: true, probe: null, statements: ['DO $$ BEGIN PERFORM seed(); END $$'] },
          opaque: true,
          duration: 'unknown',
          statementTimeoutMs: null,
          undo: { kind: 'impossible', reason: 'nothing is known of what the statement did.' },
        },
      ],
    },
    {
      name: '0009_fax_again',
      checksum: '123',
      waitsFor: '0007_require_phone',
      notes: [],
      versions: [],
      steps: [],
    },
  ],
};
