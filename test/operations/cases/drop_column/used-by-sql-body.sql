-- The server has parsed the function's body: without the column it could not stay.
-- expect CANNOT_PLAN
-- given
create table users (id bigint primary key, email text not null);
create function mail_of(who bigint) returns text language sql begin atomic select email from users where id = who; end;
-- change
alter table users drop column email;
