-- A column moves to a table of its own, one row for each: triggers on both tables keep the two copies the same.
-- given
create table users (id bigint primary key, email text not null, bio text);
insert into users select n, 'user' || n, case when n % 4 > 0 then 'Bio ' || n end from generate_series(1, 200) as n;
-- change
-- migrate:expand
CREATE TABLE profiles (
  user_id bigint PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
  bio text
);

-- What the old version writes into users.bio.
CREATE FUNCTION users_to_profiles() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.bio IS NULL THEN
    UPDATE profiles SET bio = NULL WHERE user_id = NEW.id AND bio IS NOT NULL;
  ELSE
    INSERT INTO profiles (user_id, bio) VALUES (NEW.id, NEW.bio)
      ON CONFLICT (user_id) DO UPDATE SET bio = EXCLUDED.bio WHERE profiles.bio IS DISTINCT FROM EXCLUDED.bio;
  END IF;
  RETURN NULL;
END
$$;

-- What the new version writes into profiles.bio. A value that is there already is not written again: so it ends.
CREATE FUNCTION profiles_to_users() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' THEN
    UPDATE users SET bio = NULL WHERE id = OLD.user_id AND bio IS NOT NULL;
  ELSE
    UPDATE users SET bio = NEW.bio WHERE id = NEW.user_id AND bio IS DISTINCT FROM NEW.bio;
  END IF;
  RETURN NULL;
END
$$;

-- Whoever adds a profile waits for whoever is writing its user.
CREATE FUNCTION lock_user_of_profile() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM FROM users WHERE id = NEW.user_id FOR NO KEY UPDATE;
  RETURN NEW;
END
$$;

CREATE TRIGGER lock_user_of_profile BEFORE INSERT ON profiles
  FOR EACH ROW EXECUTE FUNCTION lock_user_of_profile();
CREATE TRIGGER profiles_to_users AFTER INSERT OR UPDATE OR DELETE ON profiles
  FOR EACH ROW EXECUTE FUNCTION profiles_to_users();
CREATE TRIGGER users_to_profiles_insert AFTER INSERT ON users
  FOR EACH ROW WHEN (NEW.bio IS NOT NULL) EXECUTE FUNCTION users_to_profiles();
CREATE TRIGGER users_to_profiles_update AFTER UPDATE ON users
  FOR EACH ROW WHEN (NEW.bio IS DISTINCT FROM OLD.bio) EXECUTE FUNCTION users_to_profiles();

-- migrate:backfill
INSERT INTO profiles (user_id, bio)
  SELECT id, bio FROM users WHERE bio IS NOT NULL
  ON CONFLICT (user_id) DO NOTHING;

-- migrate:contract
BEGIN;
DROP TRIGGER users_to_profiles_insert ON users;
DROP TRIGGER users_to_profiles_update ON users;
DROP TRIGGER profiles_to_users ON profiles;
DROP TRIGGER lock_user_of_profile ON profiles;
DROP FUNCTION users_to_profiles();
DROP FUNCTION profiles_to_users();
DROP FUNCTION lock_user_of_profile();
ALTER TABLE users DROP COLUMN bio;
COMMIT;
-- old client
insert into users (id, email, bio) values (100000 + :n, 'old', 'Old ' || :n);
insert into users (id, email) values (300000 + :n, 'old without');
update users set bio = 'changed by old ' || :n where id = :r;
update users set email = 'changed ' || :n where id = :r;
-- new client
insert into users (id, email) values (200000 + :n, 'new');
insert into profiles (user_id, bio) values (200000 + :n, 'New ' || :n);
update profiles set bio = bio || '!' where user_id = 200000 + :n;
insert into profiles (user_id, bio) values (:r, 'upserted ' || :n) on conflict (user_id) do update set bio = excluded.bio;
insert into users (id, email) values (400000 + :n, 'new, for a while');
insert into profiles (user_id, bio) values (400000 + :n, 'for a while');
delete from profiles where user_id = 400000 + :n;
