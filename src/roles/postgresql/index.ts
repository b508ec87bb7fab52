import {
  apt,
  defineRole,
  file,
  handler,
  option,
  PlayError,
  postgresqlDb,
  postgresqlUser,
  secretOf,
  systemd,
  template,
  v,
  type Secret,
} from 'play';

const reload = handler('reload postgresql', () => systemd({ name: 'postgresql', state: 'reloaded' }));
const restart = handler('restart postgresql', () => systemd({ name: 'postgresql', state: 'restarted' }), {
  insteadOf: reload,
});

const name = (description: string) =>
  option.text(description, v.regex(/^[a-z][a-z0-9_]*$/, 'must consist of lower-case letters, digits and _'));
const addressOrNetwork = option.network('An address or a network.');
const network = option.text(
  'A network, such as 10.1.0.0/24; one host is 10.1.0.7/32.',
  // pg_hba.conf takes an address only with its bits.
  v.check(
    (value) => value.includes('/') && v.is(addressOrNetwork, value),
    'must be a network, such as 10.1.0.0/24, or 10.1.0.7/32 for one host',
  ),
);

/** A server of PostgreSQL with its databases and users, or a standby of one. */
export const postgresql = defineRole(import.meta, {
  description:
    "A PostgreSQL server with its databases and users. A standby gets a standby's settings, but no users and databases, which come by replication; clone it once, by hand: pg_basebackup --write-recovery-conf.",
  vars: {
    postgresql_version: option.text(
      'The PostgreSQL version: Debian 12 has 15.',
      '15',
      v.regex(/^\d+$/, "must be a number in quotes, such as '15'"),
    ),
    postgresql_listen: option.list('Addresses it listens on.', v.string(), ['localhost']),
    postgresql_settings: option.record(
      "Further settings, as in postgresql.conf; they take precedence over the role's.",
      v.union([v.string(), v.number(), v.boolean()]),
      {},
    ),
    postgresql_users: option.list(
      'Who may log in, with a password.',
      v.strictObject({
        name: name('Login name.'),
        memberOf: v.optional(option.list('Roles they are members of, and no others.', name('A role.'))),
        connLimit: v.optional(option.integer('How many connections they may have; -1 for any number.')),
      }),
      [],
    ),
    postgresql_passwords: option.record('Passwords by user name.', option.secret('A password.'), {}),
    postgresql_password_secret: option.text(
      'The secret that holds the password of a user who has none in `postgresql_passwords`, with {user} for the name. On a real host it comes from the environment, in capitals: POSTGRESQL_PASSWORD_SHOP.',
      'postgresql_password_{user}',
      v.includes('{user}', 'must hold {user} where the name belongs'),
    ),
    postgresql_databases: option.list(
      'Databases, each with the user that owns it.',
      v.strictObject({ name: name('The database.'), owner: name('Who owns it.') }),
      [],
    ),
    postgresql_clients: option.list(
      'Who may connect from other hosts.',
      v.strictObject({
        database: name('What they may connect to.'),
        user: name('The user they log in as.'),
        from: network,
      }),
      [],
    ),
    postgresql_replication_user: v.optional(name('The user standbys log in as. Absent: there is no such user.')),
    postgresql_standbys: option.list('Where standbys connect from.', network, []),
    postgresql_standby: option.flag('Whether the host is a standby itself.', false),
  },
  defaults: {
    owner: 'postgres',
    group: 'postgres',
    mode: '0644',
    directoryMode: '0755',
    installRecommends: false,
  },
  tasks: ({ vars, host }) => {
    const replicator = vars.postgresql_replication_user;
    if (replicator === undefined && vars.postgresql_standbys.length > 0)
      throw new PlayError(`Nobody may replicate from ${host.name}, which has postgresql_standbys`, {
        hint: 'Name the user they log in as: postgresql_replication_user: replicator',
      });
    const folder = `/etc/postgresql/${vars.postgresql_version}/main`;
    // Beside Debian's, which its installation script makes: so check mode knows all of it.
    const accessFile = `${folder}/pg_hba.local.conf`;
    const passwordOf = (user: string): Secret =>
      secretOf(
        host,
        vars.postgresql_password_secret.replaceAll('{user}', user),
        vars.postgresql_passwords[user],
        // A standby has those of the server it follows.
        { shared: true },
      );
    return [
      apt(
        { name: `postgresql-${vars.postgresql_version}`, updateCache: true, cacheValidTime: 8 * 3600 },
        { name: 'install PostgreSQL' },
      ),
      systemd({ name: 'postgresql', state: 'started', enabled: true }, { name: 'start PostgreSQL' }),
      file({ path: `${folder}/conf.d`, state: 'directory' }, { name: 'folder for settings of PostgreSQL' }),
      template(
        {
          src: 'local.conf.hbs',
          dest: `${folder}/conf.d/local.conf`,
          // A quarter of the memory, as its manual advises (20.4); the rest serves it through the page cache.
          vars: ({ facts }) => ({
            listen: vars.postgresql_listen.join(', '),
            shared_buffers: Math.max(16, Math.floor(facts.memoryMb / 4)),
            effective_cache: Math.max(32, Math.floor(facts.memoryMb / 2)),
            hba_file: accessFile,
            settings: Object.entries(vars.postgresql_settings).map(([key, value]) => ({ key, value: quoted(value) })),
          }),
        },
        { name: 'settings of PostgreSQL', notify: restart },
      ),
      template(
        {
          src: 'pg_hba.conf.hbs',
          dest: accessFile,
          mode: '0640',
          vars: {
            standbys: vars.postgresql_standbys.map((from) => ({ user: replicator ?? '', from })),
          },
        },
        { name: 'who may connect', notify: reload },
      ),
      ...(vars.postgresql_standby
        ? []
        : [
            ...vars.postgresql_users.map(({ name: user, ...rest }) =>
              postgresqlUser(
                { name: user, password: passwordOf(user), roleAttrFlags: ['LOGIN', 'NOSUPERUSER'], ...rest },
                { name: `user ${user}` },
              ),
            ),
            ...(replicator === undefined
              ? []
              : [
                  postgresqlUser(
                    {
                      name: replicator,
                      password: passwordOf(replicator),
                      roleAttrFlags: ['LOGIN', 'REPLICATION', 'NOSUPERUSER'],
                    },
                    { name: 'user for replication' },
                  ),
                ]),
            ...vars.postgresql_databases.map(({ name: db, owner }) =>
              postgresqlDb(
                { name: db, owner, encoding: 'UTF8', lcCollate: 'C.UTF-8', lcCtype: 'C.UTF-8', template: 'template0' },
                { name: `database ${db}` },
              ),
            ),
          ]),
    ];
  },
});

/** A value of postgresql.conf, which takes quotes around any. */
const quoted = (value: string | number | boolean): string => `'${String(value).replaceAll("'", "''")}'`;
