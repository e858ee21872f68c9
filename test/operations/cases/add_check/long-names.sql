-- Names of 63 bytes leave no room for the whole chosen name.
-- given
create table a_table_whose_name_has_exactly_sixty_three_bytes_in_it_as_a_limit (id bigint primary key, a_column_whose_name_has_exactly_sixty_three_bytes_in_it_as_limits integer);
insert into a_table_whose_name_has_exactly_sixty_three_bytes_in_it_as_a_limit select n, n from generate_series(1, 200) n;
-- change
alter table a_table_whose_name_has_exactly_sixty_three_bytes_in_it_as_a_limit add check (a_column_whose_name_has_exactly_sixty_three_bytes_in_it_as_limits > 0);
