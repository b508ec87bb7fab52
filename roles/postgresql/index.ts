import { apt, command, copy, defineRole, file, handler, Secret, secret, systemd, v } from 'play';
import { secretOf } from '../ooni/secrets.ts';

const restart = handler('restart postgresql', () => systemd({ name: 'postgresql@15-main', state: 'restarted' }));

// Names are put into SQL as they are, so they are of letters that need no quotes there.
const identifier = v.pipe(v.string(), v.regex(/^[a-z_][a-z0-9_]{0,62}$/, 'must be of small letters, digits and "_"'));
const asPostgres = ['runuser', '-u', 'postgres', '--', 'psql', '--no-psqlrc', '--quiet', '--set=ON_ERROR_STOP=1'];
const isThere = (query: string): string => `${asPostgres.join(' ')} --tuples-only --no-align --command="${query}" | grep -qx 1`;

/** PostgreSQL as Debian has it: settings, roles and databases. Where no database is named, it is not there. */
export const postgresql = defineRole({
  name: 'postgresql',
  dir: import.meta.dirname,
  vars: {
    postgresql_databases: v.optional(
      v.pipe(v.array(v.strictObject({ name: identifier, owner: identifier })), v.description('Databases and the roles that own them. None: no PostgreSQL.')),
      [],
    ),
    postgresql_settings: v.optional(v.pipe(v.record(v.pipe(v.string(), v.regex(/^[a-z_.]+$/)), v.union([v.string(), v.number(), v.boolean()])), v.description('Settings as in postgresql.conf.')), {}),
    postgresql_passwords: v.optional(v.pipe(v.record(identifier, v.instance(Secret, 'must be a secret: put it into a vault file')), v.description('Passwords of the roles, set when a role is made.')), {}),
  },
  handlers: [restart],
  tasks({ vars, host }) {
    if (vars.postgresql_databases.length === 0) return [];
    const owners = [...new Set(vars.postgresql_databases.map(({ owner }) => owner))];
    const settings = Object.entries(vars.postgresql_settings).sort(([a], [b]) => (a < b ? -1 : 1));
    return [
      apt({ name: 'postgresql', installRecommends: false }, { name: 'install postgresql' }),
      file({ path: '/etc/postgresql/15/main/conf.d', state: 'directory', owner: 'postgres', group: 'postgres', mode: '0755' }, { name: 'folder for settings of postgresql' }),
      copy(
        { content: settings.map(([name, value]) => `${name} = ${settingOf(value)}\n`).join(''), dest: '/etc/postgresql/15/main/conf.d/ooni.conf', owner: 'postgres', group: 'postgres', mode: '0644' },
        { name: 'settings of postgresql', notify: restart },
      ),
      systemd({ name: 'postgresql@15-main', state: 'started' }, { name: 'start postgresql' }),
      ...owners.map((name) =>
        command(
          {
            argv: asPostgres,
            // By stdin: a command line can be read by everybody on the host.
            stdin: secret`CREATE ROLE ${name} LOGIN PASSWORD $play$${secretOf(host, `postgresql_password_${name}`, vars.postgresql_passwords[name])}$play$;\n`,
            unless: isThere(`SELECT 1 FROM pg_roles WHERE rolname = '${name}'`),
          },
          { name: `role ${name} of postgresql` },
        ),
      ),
      ...vars.postgresql_databases.map(({ name, owner }) =>
        command(
          { argv: [...asPostgres, `--command=CREATE DATABASE ${name} OWNER ${owner}`], unless: isThere(`SELECT 1 FROM pg_database WHERE datname = '${name}'`) },
          { name: `database ${name} of postgresql` },
        ),
      ),
    ];
  },
});

function settingOf(value: string | number | boolean): string {
  return typeof value === 'string' ? `'${value.replaceAll("'", "''")}'` : String(value);
}
