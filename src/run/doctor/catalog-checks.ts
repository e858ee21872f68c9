/**
 * What `migrate doctor` asks the catalog: each check is one query that returns a row for each thing found, with the
 * statement that mends it. They read only what every role may read.
 */
export type Severity = 'problem' | 'notice';

export type CatalogCheck = {
  readonly id: string;
  /** What is said when nothing is found. */
  readonly fine: string;
  readonly severity: Severity;
  /** Columns `what` and `todo`, both text. `$1` is the schema of the ledger. */
  readonly sql: string;
};

const own = `n.nspname !~ '^pg_(toast|temp)' and n.nspname not in ('pg_catalog', 'information_schema', $1)`;

export const catalogChecks: readonly CatalogCheck[] = [
  {
    id: 'invalid_indexes',
    fine: 'no index is invalid',
    severity: 'problem',
    sql: `select format('index %s of %s is invalid: it costs every write and serves no query', c.oid::regclass, i.indrelid::regclass) as what,
                 format('REINDEX INDEX CONCURRENTLY %s;', c.oid::regclass) as todo
            from pg_catalog.pg_index i join pg_catalog.pg_class c on c.oid = i.indexrelid
            join pg_catalog.pg_namespace n on n.oid = c.relnamespace
           where not (i.indisvalid and i.indisready) and c.relkind = 'i' and ${own}
             and not exists (select from pg_catalog.pg_stat_progress_create_index p where p.index_relid = c.oid)
           order by 1`,
  },
  {
    id: 'not_valid_constraints',
    fine: 'no constraint is left NOT VALID',
    severity: 'notice',
    sql: `select format('constraint %I of %s is NOT VALID: rows from before it were never checked', k.conname, k.conrelid::regclass) as what,
                 format('ALTER TABLE %s VALIDATE CONSTRAINT %I;', k.conrelid::regclass, k.conname) as todo
            from pg_catalog.pg_constraint k join pg_catalog.pg_namespace n on n.oid = k.connamespace
           where not k.convalidated and k.conparentid = 0 and k.conrelid <> 0 and k.conname !~ '^onward_' and ${own} order by 1`,
  },
  {
    id: 'long_transactions',
    fine: 'no transaction has been open for more than five minutes',
    severity: 'notice',
    sql: `select format('session %s (%s, %s) has had a transaction open since %s: index builds and locks wait for it', pid, usename,
                   coalesce(nullif(application_name, ''), 'no application name'), date_trunc('second', xact_start)) as what,
                 format('SELECT pg_terminate_backend(%s);', pid) as todo
            from pg_catalog.pg_stat_activity
           where xact_start < clock_timestamp() - interval '5 minutes' and pid <> pg_catalog.pg_backend_pid()
             and backend_type = 'client backend' and $1::text is not null
           order by xact_start`,
  },
  {
    id: 'prepared_transactions',
    fine: 'no transaction is prepared',
    severity: 'problem',
    sql: `select format('prepared transaction %L of %s, since %s, holds its locks until somebody ends it', gid, owner, date_trunc('second', prepared)) as what,
                 format('ROLLBACK PREPARED %L;', gid) as todo
            from pg_catalog.pg_prepared_xacts
           where database = pg_catalog.current_database() and $1::text is not null order by prepared`,
  },
  {
    id: 'replication_slots',
    fine: 'every replication slot is in use',
    severity: 'notice',
    sql: `select format('nobody reads from replication slot %I: WAL is kept for it without end', slot_name) as what,
                 format('SELECT pg_drop_replication_slot(%L);', slot_name) as todo
            from pg_catalog.pg_replication_slots where not active and $1::text is not null order by 1`,
  },
  {
    id: 'tables_without_key',
    fine: 'every table has a key',
    severity: 'notice',
    sql: `select format('table %s has no primary key and no unique one without NULL: backfills walk it block by block', c.oid::regclass) as what,
                 format('ALTER TABLE %s ADD COLUMN id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY;', c.oid::regclass) as todo
            from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
           where c.relkind in ('r', 'p') and not c.relispartition and c.relpersistence <> 't' and ${own}
             and not exists (select from pg_catalog.pg_index i where i.indrelid = c.oid and i.indisunique and i.indisvalid
                   and i.indpred is null and i.indexprs is null and not exists (
                     select from pg_catalog.pg_attribute a where a.attrelid = c.oid and a.attnum = any (i.indkey) and not a.attnotnull))
           order by 1`,
  },
  {
    id: 'numbers_near_their_end',
    fine: 'no sequence has used 70 % of its numbers',
    severity: 'problem',
    sql: `select format('sequence %s has used %s %% of its numbers%s', c.oid::regclass,
                   floor(100 * q.last_value::numeric / reach.most),
                   coalesce(format(', for %s.%I', a.attrelid::regclass, a.attname), '')) as what,
                 coalesce(format('ALTER TABLE %s ALTER COLUMN %I TYPE bigint;', a.attrelid::regclass, a.attname),
                   format('ALTER SEQUENCE %s AS bigint;', c.oid::regclass)) as todo
            from pg_catalog.pg_sequence s join pg_catalog.pg_class c on c.oid = s.seqrelid
            join pg_catalog.pg_namespace n on n.oid = c.relnamespace
            -- Its last_value is null where our role may not read it.
            join pg_catalog.pg_sequences q on q.schemaname = n.nspname and q.sequencename = c.relname
            left join pg_catalog.pg_depend d on d.classid = 'pg_class'::regclass and d.objid = c.oid
                  and d.refclassid = 'pg_class'::regclass and d.deptype in ('a', 'i')
            left join pg_catalog.pg_attribute a on a.attrelid = d.refobjid and a.attnum = d.refobjsubid
            -- A column may hold less than its sequence counts to.
            cross join lateral (select least(s.seqmax::numeric, case a.atttypid when 'int2'::regtype then 32767
              when 'int4'::regtype then 2147483647 else s.seqmax end) as most) as reach
           where s.seqincrement > 0 and not s.seqcycle and ${own}
             and q.last_value > 0.7 * reach.most order by 1`,
  },
  {
    id: 'columns_near_their_limit',
    fine: 'no table has used 1,200 of its 1,600 columns',
    severity: 'notice',
    sql: `select format('table %s has used %s of the 1,600 columns of its life; dropped ones count', c.oid::regclass, max(a.attnum)) as what,
                 'copy the rows into a new table to begin anew' as todo
            from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
            join pg_catalog.pg_attribute a on a.attrelid = c.oid
           where c.relkind in ('r', 'p') and ${own} group by c.oid having max(a.attnum) > 1200 order by 1`,
  },
  {
    id: 'settings_that_hurt',
    fine: 'no setting of the server will hurt',
    severity: 'problem',
    sql: `select format('%s is %s: %s', s.name, s.setting, w.why) as what, w.todo
            from (values ('fsync', 'off', 'a crash of the machine loses data', 'ALTER SYSTEM SET fsync = on;'),
                         ('full_page_writes', 'off', 'a crash of the machine can damage tables', 'ALTER SYSTEM SET full_page_writes = on;'),
                         ('autovacuum', 'off', 'a backfill leaves dead rows that nobody removes', 'ALTER SYSTEM SET autovacuum = on;'),
                         ('track_activities', 'off', 'who is in the way of a step cannot be told', 'ALTER SYSTEM SET track_activities = on;')
                 ) as w (name, bad, why, todo)
            join pg_catalog.pg_settings s on s.name = w.name and s.setting = w.bad where $1::text is not null`,
  },
  {
    id: 'settings_of_the_role',
    fine: 'no timeout is set on the role or the database',
    severity: 'notice',
    sql: `select format('%s = %s is set on %s: it holds for every other session; a run sets its own', split_part(c.setting, '=', 1),
                   substr(c.setting, strpos(c.setting, '=') + 1), coalesce('role ' || quote_ident(r.rolname), 'the database')) as what,
                 'nothing, as long as the application is meant to have it' as todo
            from pg_catalog.pg_db_role_setting s cross join lateral unnest(s.setconfig) as c (setting)
            left join pg_catalog.pg_roles r on r.oid = s.setrole
           where s.setdatabase in (0, (select oid from pg_catalog.pg_database where datname = pg_catalog.current_database()))
             and s.setrole in (0, (select oid from pg_catalog.pg_roles where rolname = session_user)) and $1::text is not null
             and split_part(c.setting, '=', 1) in ('statement_timeout', 'lock_timeout', 'idle_in_transaction_session_timeout', 'transaction_timeout')
           order by 1`,
  },
  {
    id: 'connections',
    fine: 'there is room for more connections',
    severity: 'problem',
    sql: `select format('%s of %s connections are taken: a run needs two or three', used, most) as what,
                 'close some sessions, or raise max_connections' as todo
            from (select count(*) as used, current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int as most
                    from pg_catalog.pg_stat_activity where backend_type = 'client backend') as it
           where used + 3 > most and $1::text is not null`,
  },
];
