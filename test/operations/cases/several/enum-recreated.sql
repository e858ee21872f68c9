-- As Prisma takes a value away from an enum: a new type, the column, and the names swapped. The default never fails.
-- given
create type "Role" as enum ('USER', 'ADMIN', 'OWNER');
create table "User" ("id" bigint primary key, "role" "Role" not null default 'USER');
insert into "User" select n, case when n % 2 = 0 then 'USER' else 'ADMIN' end::"Role" from generate_series(1, 200) as n;
-- change
BEGIN;
CREATE TYPE "Role_new" AS ENUM ('USER', 'ADMIN');
ALTER TABLE "User" ALTER COLUMN "role" DROP DEFAULT;
ALTER TABLE "User" ALTER COLUMN "role" TYPE "Role_new" USING ("role"::text::"Role_new");
ALTER TYPE "Role" RENAME TO "Role_old";
ALTER TYPE "Role_new" RENAME TO "Role";
DROP TYPE "Role_old";
ALTER TABLE "User" ALTER COLUMN "role" SET DEFAULT 'USER';
COMMIT;
-- old client
update "User" set "role" = 'ADMIN' where "id" = :r;
insert into "User" ("id") values (:n);
-- new client
insert into "User" ("id") values (:n);
update "User" set "role" = cast('ADMIN' as "Role") where "id" = :r;
select "id", "role" from "User" where "id" = :r;
