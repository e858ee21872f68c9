/**
 * Which of the rights that a plan needs our role lacks, and the statement that gives each. Asked before the first step, so
 * that a migration does not stop in its middle for want of a right.
 *
 * Objects that are not there yet are made by an earlier step, and belong to us then.
 */
import { MigrateError } from '../../errors.ts';
import type { PlannedMigration } from '../../plan/plan.ts';
import { quoteIdentifier } from '../../sql/identifier.ts';
import type { Session } from '../session.ts';
import { wantedRights, type WantedRight } from './wanted-rights.ts';

export type MissingRight = {
  /** A sentence without its full stop. */
  readonly what: string;
  /** SQL for an owner or a superuser. */
  readonly todo: string;
};

type Answer = {
  readonly number: number;
  readonly name: string;
  readonly owner: string;
  readonly owner_is_superuser: boolean;
  readonly owned: boolean;
  readonly allowed: boolean;
  readonly hidden_rows: boolean;
};

export async function missingRights(
  session: Session,
  migrations: readonly PlannedMigration[],
): Promise<readonly MissingRight[]> {
  const wanted = wantedRights(migrations);
  if (wanted.length === 0) return [];
  const { rows } = await session.query<Answer>(
    `with wanted as (
       select number, on_what, name, right_wanted, pg_catalog.to_regclass(case when on_what = 'relation' then name end) as relation
         from unnest($1::text[], $2::text[], $3::text[]) with ordinality as w (on_what, name, right_wanted, number))
     select w.number::int, c.oid::pg_catalog.regclass::text as name, o.rolname as owner, o.rolsuper as owner_is_superuser,
            -- A table may be dropped by the owner of its schema as well; that the right is asked for is no harm.
            pg_catalog.pg_has_role(c.relowner, 'USAGE') as owned,
            w.right_wanted <> 'OWNER' and (c.relkind in ('r', 'p', 'v', 'm', 'f'))
              and pg_catalog.has_table_privilege(c.oid, nullif(w.right_wanted, 'OWNER')) as allowed,
            c.relkind in ('r', 'p') and pg_catalog.row_security_active(c.oid) as hidden_rows
       from wanted w join pg_catalog.pg_class c on c.oid = w.relation join pg_catalog.pg_roles o on o.oid = c.relowner
     union all
     select w.number::int, w.name, o.rolname, o.rolsuper, pg_catalog.pg_has_role(n.nspowner, 'USAGE'),
            pg_catalog.has_schema_privilege(n.oid, 'CREATE'), false
       from wanted w join pg_catalog.pg_namespace n on w.on_what = 'schema' and n.nspname = w.name
       join pg_catalog.pg_roles o on o.oid = n.nspowner
      order by 1`,
    [wanted.map(({ on }) => on), wanted.map(({ name }) => name), wanted.map(({ right }) => right)],
  );
  const role = quoteIdentifier(session.role);
  const found = rows.flatMap((answer): readonly MissingRight[] => {
    const asked = wanted[answer.number - 1];
    return asked === undefined ? [] : lacking(asked, answer, role);
  });
  return [...new Map(found.map((each) => [each.what, each])).values()];
}

function lacking(asked: WantedRight, answer: Answer, role: string): readonly MissingRight[] {
  const { name, owner } = answer;
  if (asked.on === 'schema') {
    if (answer.allowed) return [];
    const schema = quoteIdentifier(name);
    return [
      { what: `must be able to create in schema ${schema}`, todo: `GRANT CREATE ON SCHEMA ${schema} TO ${role};` },
    ];
  }
  if (asked.right === 'OWNER') {
    if (answer.owned) return [];
    return [
      {
        what: `must be owner of ${name}, which belongs to ${owner}`,
        todo: answer.owner_is_superuser
          ? `ALTER TABLE ${name} OWNER TO ${role};`
          : `GRANT ${quoteIdentifier(owner)} TO ${role};`,
      },
    ];
  }
  const rights: MissingRight[] = [];
  if (!answer.allowed) {
    rights.push({ what: `must have ${asked.right} on ${name}`, todo: `GRANT ${asked.right} ON ${name} TO ${role};` });
  }
  if (asked.allRows && answer.hidden_rows) {
    rights.push({
      what: `must see all rows of ${name}, of which its row security hides some`,
      todo: `ALTER ROLE ${role} BYPASSRLS; -- or, as its owner: ALTER TABLE ${name} NO FORCE ROW LEVEL SECURITY;`,
    });
  }
  return rights;
}

/** Throws PERMISSION_DENIED with everything that is missing. */
export async function refuseWithoutRights(session: Session, migrations: readonly PlannedMigration[]): Promise<void> {
  const missing = await missingRights(session, migrations);
  if (missing.length === 0) return;
  throw new MigrateError(
    'PERMISSION_DENIED',
    [`Role "${session.role}" lacks rights that the plan needs:`, ...missing.map(({ what }) => `  ${what}`)].join('\n'),
    {
      hint: [
        'Nothing was changed. As the owner or as a superuser, run:',
        ...missing.map(({ todo }) => `  ${todo}`),
        'All that a role needs: migrate doctor --grants',
      ].join('\n'),
      details: { role: session.role, missing },
    },
  );
}
