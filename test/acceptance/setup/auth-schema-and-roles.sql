-- What a hosted platform has before the first migration of its authentication service: a schema and its roles.
create schema auth;
create role supabase_admin superuser;
create role supabase_auth_admin;
create role dashboard_user;
create role anon;
create role authenticated;
create role service_role;
