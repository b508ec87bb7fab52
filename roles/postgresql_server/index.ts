import {
  apt,
  defineRole,
  file,
  handler,
  postgresqlDb,
  postgresqlUser,
  systemd,
  template,
  v,
  type Secret,
  secretOf,
  option,
} from 'play';

const restart = handler('restart postgresql', () => systemd({ name: 'postgresql', state: 'restarted' }));
const reload = handler('reload postgresql', () => systemd({ name: 'postgresql', state: 'reloaded' }));

const name = v.pipe(v.string(), v.regex(/^[a-z][a-z0-9_]*$/, 'must be of small letters, digits and _'));
const addressOrNetwork = option.network('An address or a network.');
const network = v.pipe(
  v.string(),
  // pg_hba.conf takes an address only with its bits.
  v.check(
    (value) => value.includes('/') && v.is(addressOrNetwork, value),
    'must be a network, such as 10.1.0.0/24, or 10.1.0.7/32 for one host',
  ),
);

/**
 * A server of PostgreSQL with its databases and users. A host of the group db_standby gets the settings of one, and no
 * users and databases, which come by replication; it is cloned once, by hand: pg_basebackup --write-recovery-conf.
 */
export const postgresqlServer = defineRole(import.meta, {
  vars: {
    postgresql_version: option.text(
      'Which PostgreSQL: Debian 12 has 15.',
      '15',
      v.regex(/^\d+$/, "must be a number in quotes, such as '15'"),
    ),
    postgresql_listen: option.list('Addresses it listens at.', v.string(), ['localhost']),
    postgresql_users: option.list(
      'Who may log in, with a password.',
      v.strictObject({ name, memberOf: v.optional(v.array(name)), connLimit: v.optional(v.number()) }),
      [],
    ),
    postgresql_passwords: option.record(
      'Passwords by user name; others come from PIPELINE_<NAME>_PASSWORD.',
      option.secret('A password.'),
      {},
    ),
    postgresql_databases: option.list(
      'Databases, each with the user that owns it.',
      v.strictObject({ name, owner: name }),
      [],
    ),
    postgresql_clients: option.list(
      'Who may connect from other hosts.',
      v.strictObject({ database: name, user: name, from: network }),
      [],
    ),
    postgresql_replication_user: v.optional(v.pipe(name, v.description('Whom a standby logs in as.')), 'replicator'),
    postgresql_standbys: option.list('Where standbys connect from.', network, []),
  },
  defaults: { installRecommends: false },
  tasks: ({ vars, host }) => {
    const folder = `/etc/postgresql/${vars.postgresql_version}/main`;
    // Beside Debian's, which its installation script makes: so check mode knows all of it.
    const accessFile = `${folder}/pg_hba.ooni.conf`;
    const isStandby = host.groups.includes('db_standby');
    const ownedByPostgres = { owner: 'postgres', group: 'postgres' };
    const passwordOf = (user: string): Secret =>
      secretOf(host, `pipeline_${user}_password`, vars.postgresql_passwords[user], { shared: true });
    return [
      apt(
        {
          name: `postgresql-${vars.postgresql_version}`,
          updateCache: true,
          cacheValidTime: 8 * 3600,
        },
        { name: 'install PostgreSQL' },
      ),
      systemd({ name: 'postgresql', state: 'started', enabled: true }, { name: 'start PostgreSQL' }),
      file(
        { path: `${folder}/conf.d`, state: 'directory', ...ownedByPostgres, mode: '0755' },
        { name: 'folder for settings of PostgreSQL' },
      ),
      template(
        {
          src: 'ooni.conf.hbs',
          dest: `${folder}/conf.d/ooni.conf`,
          ...ownedByPostgres,
          mode: '0644',
          // A quarter of the memory, as its manual advises (20.4); the rest serves it through the page cache.
          vars: ({ facts }) => ({
            listen: vars.postgresql_listen.join(', '),
            shared_buffers: Math.max(16, Math.floor(facts.memoryMb / 4)),
            effective_cache: Math.max(32, Math.floor(facts.memoryMb / 2)),
            hba_file: accessFile,
            is_standby: isStandby,
          }),
        },
        { name: 'settings of PostgreSQL', notify: restart },
      ),
      template(
        {
          src: 'pg_hba.conf.hbs',
          dest: accessFile,
          ...ownedByPostgres,
          mode: '0640',
          vars: {
            clients: vars.postgresql_clients,
            standbys: vars.postgresql_standbys.map((from) => ({ user: vars.postgresql_replication_user, from })),
          },
        },
        { name: 'who may connect', notify: reload },
      ),
      ...(isStandby
        ? []
        : [
            ...vars.postgresql_users.map(({ name: user, ...rest }) =>
              postgresqlUser(
                { name: user, password: passwordOf(user), roleAttrFlags: ['LOGIN', 'NOSUPERUSER'], ...rest },
                { name: `user ${user}` },
              ),
            ),
            postgresqlUser(
              {
                name: vars.postgresql_replication_user,
                password: passwordOf(vars.postgresql_replication_user),
                roleAttrFlags: ['LOGIN', 'REPLICATION', 'NOSUPERUSER'],
              },
              { name: 'user for replication' },
            ),
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
