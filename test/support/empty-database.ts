/** A database that one test after the other uses: emptying it takes a tenth of the time of making a new one. */

/**
 * What one test has set must not be in force for the next one; nor a transaction that a failed one has left open. Prepared
 * statements stay.
 */
export const forgetSettings = `
rollback; close all; set session authorization default; reset all; unlisten *;
select pg_advisory_unlock_all()`;

/**
 * Takes away everything that a test can make in a database. The schemas `public` and `onward` stay and are emptied: to
 * drop or make one throws away all plans of all sessions, and planning is most of what reading a schema costs. Where
 * `public` has more on it than a new database's, it is made anew.
 */
export const emptyDatabase = `
${forgetSettings}; set client_min_messages = warning;
do $$
declare
  gone record;
  kind text;
  name text;
begin
  for gone in
    select format('drop publication %I', pubname) as statement from pg_publication
    union all select format('drop event trigger %I', evtname) from pg_event_trigger
    union all select format('drop extension %I cascade', extname) from pg_extension where extname <> 'plpgsql'
    union all select format('drop schema %I cascade', nspname) from pg_namespace
      where nspname not in ('information_schema', 'public', 'onward') and nspname !~ '^pg_'
  loop
    execute gone.statement;
  end loop;

  for gone in
    select d.classid, d.objid from pg_depend d
     where d.refclassid = 'pg_namespace'::regclass and d.refobjid = to_regnamespace('public')
       -- An identity column's sequence goes with the column only.
       and not exists (select from pg_depend i where i.classid = d.classid and i.objid = d.objid and i.deptype = 'i')
  loop
    -- Many go with one of those before them.
    continue when not exists (select from pg_depend d where d.classid = gone.classid and d.objid = gone.objid);
    select replace(object.type, 'composite type', 'type'), object.identity into kind, name
      from pg_identify_object(gone.classid, gone.objid, 0) object;
    exit when kind not in ('table', 'view', 'materialized view', 'foreign table', 'sequence', 'function', 'procedure', 'type');
    execute format('drop %s %s cascade', kind, name);
  end loop;
  if not exists (
    select from pg_namespace
     where nspname = 'public' and pg_get_userbyid(nspowner) = current_user
       and nspacl::text = format('{%1$I=UC/%1$I,=U/%1$I}', current_user)
       and obj_description(oid, 'pg_namespace') = 'standard public schema'
       and not exists (select from pg_depend where refclassid = 'pg_namespace'::regclass and refobjid = pg_namespace.oid)
  ) then
    drop schema if exists public cascade;
    create schema public;
    comment on schema public is 'standard public schema';
    grant usage on schema public to public;
  end if;

  if to_regclass('onward.migration') is not null then
    delete from onward.migration;
    update onward.lease set token = null, backend_pid = null, backend_start = null where token is not null;
  end if;
  -- What a migration that failed has left.
  for gone in
    select format('drop function %s cascade', oid::regprocedure) as statement from pg_proc
     where pronamespace = to_regnamespace('onward')
  loop
    execute gone.statement;
  end loop;
end $$`;
