import { expect, test } from 'vitest';
import { newFunctions } from '../../src/postgres/new-functions.ts';
import { has, type Capability } from '../../src/postgres/version.ts';
import { serverVersion, withDatabase } from '../support/server.ts';

/**
 * A statement for each capability that a single statement shows: it works on the versions that have it and fails on
 * those that do not. What a statement locks or rewrites is measured in the tests of effects.
 */
const proofs: Partial<Record<Capability, string>> = {
  reindexConcurrently: 'reindex index concurrently i',
  storedGeneratedColumns: 'alter table t add g int generated always as (a + 1) stored',
  enumAddValueInTransaction: `begin; alter type mood add value 'ok'; commit`,
  builtInRandomUuid: 'select gen_random_uuid()',
  beforeRowTriggersOnPartitioned: 'create trigger x before insert on p for each row execute function f()',
  detachConcurrently: 'alter table p detach partition p1 concurrently',
  replaceTrigger: 'create or replace trigger x before insert on t for each row execute function f()',
  columnCompression: 'alter table t alter b set compression pglz',
  sqlStandardFunctionBodies: 'create function g() returns int language sql return 1',
  reindexPartitioned: 'reindex table p',
  nullsNotDistinct: 'alter table t add unique nulls not distinct (a)',
  securityInvokerViews: 'create view w with (security_invoker) as select 1',
  merge: 'merge into t using t as s on t.a = s.a when matched then delete',
  setAccessMethod: 'alter table t set access method heap',
  publicationColumnLists: 'create publication pub for table t (a)',
  foreignKeySetColumns: 'alter table t add foreign key (a, c) references r (a, c) on delete set null (c)',
  mergeIntoView: 'merge into v using t as s on v.a = s.a when matched then delete',
  setExpression: 'alter table e alter g set expression as (a + 2)',
  enumNewValueOfNewTypeInTransaction: `begin; create type n as enum ('a'); alter type n add value 'b'; select 'b'::n; commit`,
  transactionTimeout: 'set transaction_timeout = 0',
  nativeNotNullNotValid: 'alter table t add constraint n not null c not valid',
  notValidForeignKeyOnPartitioned: 'alter table p add foreign key (a) references k (a) not valid',
  virtualGeneratedColumns: 'alter table t add g int generated always as (a + 1) virtual',
  notEnforcedConstraints: 'alter table t add check (a > 0) not enforced',
  temporalConstraints: 'create table x (a int4range, d daterange, primary key (a, d without overlaps))',
  uuidVersion7: 'select uuidv7()',
  unloggedSequences: 'create unlogged sequence s',
  parameterPrivileges: 'grant set on parameter work_mem to public',
  publicationsOfSchemas: 'create publication pub_of_schema for tables in schema public',
  storageInCreateTable: 'create table x (a text storage external)',
  subqueryWithoutAlias: 'select * from (select 1)',
  jsonConstructors: `select json_object('a': 1), '{}' is json`,
  integerLiteralForms: 'select 1_000 + 0x1F',
  copyDefault: `copy t from program 'true' (default 'x')`,
  bufferUsageLimit: `analyze (buffer_usage_limit '1MB') t`,
  unnamedStatistics: 'create statistics on a, b from t',
  roleGrantOptions: 'grant pg_monitor to current_user with inherit false',
  defaultStorageMode: 'alter table t alter b set storage default',
  mergeNotMatchedBySource: 'merge into t using r on t.a = r.a when not matched by source then delete',
  mergeReturning: 'merge into t using r on t.a = r.a when matched then delete returning t.a',
  jsonQueryFunctions: `select json_exists(jsonb '{}', '$.a'), json_scalar(1)`,
  maintainPrivilege: 'grant maintain on t to public',
  copyOnError: `copy t from program 'true' (on_error ignore)`,
  defaultAccessMethod: 'alter table t set access method default',
  returningOldAndNew: 'update t set a = 1 returning old.a, new.a',
  notNullTableConstraint: 'create table x (a int, constraint n not null a)',
  constraintInheritance: 'create table x (a int constraint n not null); alter table x alter constraint n no inherit',
  vacuumOnly: 'analyze only t',
  copyRejectLimit: `copy t from program 'true' (on_error ignore, reject_limit 3)`,
  publishGeneratedColumns:
    'create publication pub_with_generated for table t with (publish_generated_columns = stored)',
};

const objects = `
  create table t (a int, b text, c int);
  create index i on t (a);
  create view v as select a from t;
  create table r (a int, c int, unique (a, c));
  create table k (a int primary key);
  create table e (a int, g int generated always as (a + 1) stored);
  create table p (a int) partition by range (a);
  create table p1 partition of p for values from (0) to (10);
  create type mood as enum ('sad');
  create function f() returns trigger language plpgsql as 'begin return new; end'`;

test('every capability is what the server of this run can do', async () => {
  await withDatabase(async (database) => {
    const client = await database.connect();
    const wrong: string[] = [];
    for (const [name, statement] of Object.entries(proofs)) {
      const capability = name as Capability; // the keys of `proofs` are capabilities; Object.entries forgets it
      await client.query('drop schema public cascade; create schema public');
      await client.query(objects);
      let problem: unknown = null;
      try {
        await client.query(statement);
      } catch (error) {
        problem = error;
        await client.query('rollback'); // a harmless warning where the statement opened no transaction
      }
      if ((problem === null) !== has(serverVersion(), capability))
        wrong.push(`${name}: ${statement}: ${String(problem)}`);
    }
    expect(wrong).toEqual([]);
  });
});

test('functions appeared with the version that is told', async () => {
  await withDatabase(async (database) => {
    const client = await database.connect();
    const { rows } = await client.query<{ readonly name: string }>(
      `select distinct proname as name from pg_proc where pronamespace = 'pg_catalog'::regnamespace and proname = any ($1)`,
      [[...newFunctions.keys()]],
    );
    const there = new Set(rows.map(({ name }) => name));
    const wrong = [...newFunctions].filter(
      ([name, capability]) => there.has(name) !== has(serverVersion(), capability),
    );
    expect(wrong).toEqual([]);
  });
});
