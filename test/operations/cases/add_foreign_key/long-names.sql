-- Names of 63 bytes leave no room for the whole chosen name.
-- given
create table a_table_whose_name_has_exactly_sixty_three_bytes_in_it_as_a_limit (id bigint primary key, an_other_one bigint, übergeordnete_zeile_mit_einem_langen_namen bigint);
insert into a_table_whose_name_has_exactly_sixty_three_bytes_in_it_as_a_limit select n, n, n from generate_series(1, 200) n;
-- change
alter table a_table_whose_name_has_exactly_sixty_three_bytes_in_it_as_a_limit add foreign key (an_other_one) references a_table_whose_name_has_exactly_sixty_three_bytes_in_it_as_a_limit, add foreign key (übergeordnete_zeile_mit_einem_langen_namen) references a_table_whose_name_has_exactly_sixty_three_bytes_in_it_as_a_limit (id);
