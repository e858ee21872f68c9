-- Names as long as Postgres allows: no helper name may be cut.
-- given
create table a_table_whose_name_is_exactly_as_long_as_postgres_will_allow_it_ (id bigint primary key, a_column_whose_name_is_exactly_as_long_as_postgres_will_allow_it text not null unique);
insert into a_table_whose_name_is_exactly_as_long_as_postgres_will_allow_it_ select g, 'v' || g from generate_series(1, 250) g;
-- change
alter table a_table_whose_name_is_exactly_as_long_as_postgres_will_allow_it_ rename a_column_whose_name_is_exactly_as_long_as_postgres_will_allow_it to b_column_whose_name_is_exactly_as_long_as_postgres_will_allow_it;
