-- Chosen names are cut as Postgres cuts them, in the middle of no character.
-- given
create table a_table_whose_name_has_exactly_sixty_three_bytes_in_it_as_a_limit (id bigint primary key, größe_und_gewicht_einer_sehr_ausführlich_benannten_spalte integer, b integer);
insert into a_table_whose_name_has_exactly_sixty_three_bytes_in_it_as_a_limit select n, n, n from generate_series(1, 200) n;
-- change
create index on a_table_whose_name_has_exactly_sixty_three_bytes_in_it_as_a_limit (größe_und_gewicht_einer_sehr_ausführlich_benannten_spalte, b);
create index on a_table_whose_name_has_exactly_sixty_three_bytes_in_it_as_a_limit (b, größe_und_gewicht_einer_sehr_ausführlich_benannten_spalte);
create index an_index_whose_name_has_exactly_sixty_four_bytes_in_it_as_over_it on a_table_whose_name_has_exactly_sixty_three_bytes_in_it_as_a_limit (b);
