-- A foreign key in a block that waits for duplicate_object is planned like one without: nobody waits for it.
-- given
create table users (id bigint primary key, email text not null);
create table orders (id bigint primary key, user_id bigint);
create index orders_user_id on orders (user_id);
insert into users select n, 'user' || n from generate_series(1, 200) as n;
insert into orders select n, n from generate_series(1, 200) as n;
-- change
DO $$ BEGIN
 ALTER TABLE "orders" ADD CONSTRAINT "orders_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE cascade;
EXCEPTION
 WHEN duplicate_object THEN null;
END $$;
