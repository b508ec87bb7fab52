import { createHash } from 'node:crypto';
import {
  apt,
  aptPin,
  command,
  debug,
  defineRole,
  file,
  handler,
  Secret,
  systemd,
  template,
  v,
  secretOf,
  option,
} from 'play';
import { openPort } from 'play/roles/nftables';
import { repositoryTasks, repositoryVariable } from '../ooni/repository.ts';
import { sqlUserTasks } from './sql-user-tasks.ts';
import { sqlUser } from './sql-users.ts';
import { schemaFile, tables } from './tables.ts';
import { hasSqlUsers, majorOf, rootElement } from './version.ts';

const restart = handler('restart clickhouse', () => systemd({ name: 'clickhouse-server', state: 'restarted' }));
const data = '/var/lib/clickhouse';
const settingsFolder = '/etc/clickhouse-server';
const ownedByServer = { owner: 'clickhouse', group: 'clickhouse', mode: '0400' };
const identifier = v.pipe(v.string(), v.regex(/^[a-z_][a-z0-9_]*$/, 'must be of small letters, digits and "_"'));

/** ClickHouse: package, settings, users, databases and tables. Without `clickhouse_version` it is not there. */
export const clickhouse = defineRole(import.meta, {
  vars: {
    clickhouse_version: v.optional(
      option.text(
        'Which version; held there by a pin. Absent: no ClickHouse.',
        v.regex(/^\d+\.\d+(\.\d+)*(\.\*)?$/, "must be a version such as '23.8.2.*'"),
      ),
    ),
    clickhouse_repository: repositoryVariable("The makers' repository. Absent: Debian's package."),
    clickhouse_listen: option.list('Addresses it listens on.', v.string(), ['127.0.0.1', '::1']),
    clickhouse_open_to: option.list(
      'Who may come to its ports from outside, the monitoring host above all.',
      option.network('An address or a network.'),
      [],
    ),
    clickhouse_max_memory: option.integer('Bytes a query may use.', 10_000_000_000),
    clickhouse_users: option.list(
      'Users of users.d, besides `default`.',
      v.strictObject({
        name: identifier,
        readonly: v.optional(v.boolean(), true),
        networks: v.optional(v.array(option.network('An address or a network.')), ['127.0.0.1', '::1']),
      }),
      [],
    ),
    clickhouse_passwords: option.record('Their passwords, by name.', option.secret('A password.'), {}),
    clickhouse_sql_users: option.list(
      'Users made by SQL, with grants; for servers that have them (20.5 and later).',
      sqlUser,
      [],
    ),
    clickhouse_tables: v.optional(tables, []),
  },
  defaults: { installRecommends: false },
  tasks({ vars, host }) {
    const version = vars.clickhouse_version;
    if (version === undefined) return [];
    const repository = vars.clickhouse_repository;
    const packages = ['clickhouse-server', 'clickhouse-client', 'clickhouse-common-static'];
    const passwordOf = (name: string): Secret =>
      secretOf(host, `clickhouse_password_${name}`, vars.clickhouse_passwords[name]);
    const databases = [...new Set(vars.clickhouse_tables.map(({ database }) => database))].filter(
      (name) => name !== 'default',
    );
    const run = (
      name: string,
      argv: readonly string[],
      due: { readonly creates: string } | { readonly unless: string },
      stdin?: Secret | string,
    ) =>
      // A server that has just been started takes some seconds to listen.
      command(
        { argv: ['clickhouse-client', ...argv], ...due, ...(stdin === undefined ? {} : { stdin }) },
        { name, until: ({ result }) => result.rc === 0, retries: 30, delay: 1 },
      );
    return [
      ...repositoryTasks('clickhouse', repository),
      // Pinned, so that no upgrade of the host takes the database with it.
      aptPin(
        {
          name: 'clickhouse',
          package: 'clickhouse-*',
          pin: `version ${version}`,
          priority: 999,
          explanation: 'upgraded by hand, after its changelog was read',
        },
        { name: 'pin of clickhouse' },
      ),
      apt({ name: repository ? packages : packages.slice(0, 2) }, { name: 'install clickhouse' }),
      ...['config.d', 'users.d'].map((name) =>
        file(
          {
            path: `${settingsFolder}/${name}`,
            state: 'directory',
            owner: 'clickhouse',
            group: 'clickhouse',
            mode: '0700',
          },
          { name: `folder ${name} of clickhouse`, tags: 'conf' },
        ),
      ),
      template(
        {
          src: 'config.xml.hbs',
          dest: `${settingsFolder}/config.d/ooni.xml`,
          ...ownedByServer,
          vars: { root: rootElement(version), has_metrics: majorOf(version) >= 20 },
        },
        { name: 'settings of clickhouse', tags: 'conf', notify: restart },
      ),
      template(
        {
          src: 'users.xml.hbs',
          dest: `${settingsFolder}/users.d/ooni.xml`,
          ...ownedByServer,
          vars: {
            root: rootElement(version),
            has_sql_users: hasSqlUsers(version),
            users: vars.clickhouse_users.map((user) => ({ ...user, hash: hashOf(passwordOf(user.name)) })),
          },
        },
        { name: 'users of clickhouse', tags: 'conf', notify: restart },
      ),
      systemd({ name: 'clickhouse-server', state: 'started', enabled: true }, { name: 'start clickhouse' }),
      // The server keeps a file for each database and each table: looking at it costs no SQL.
      ...databases.map((name) =>
        run(`database ${name} of clickhouse`, ['--query', `CREATE DATABASE ${name}`], {
          creates: `${data}/metadata/${name}`,
        }),
      ),
      ...vars.clickhouse_tables.map(({ database, name }) =>
        run(
          `table ${database}.${name} of clickhouse`,
          ['--database', database, '--multiquery'],
          { creates: `${data}/metadata/${database}/${name}.sql` },
          schemaFile(import.meta.dirname, name),
        ),
      ),
      ...(vars.clickhouse_sql_users.length === 0
        ? []
        : hasSqlUsers(version)
          ? sqlUserTasks(vars.clickhouse_sql_users, passwordOf)
          : [
              debug(
                {
                  msg: `ClickHouse ${version} has no users made by SQL; not made: ${vars.clickhouse_sql_users.map(({ name }) => name).join(', ')}`,
                },
                { name: 'users by SQL' },
              ),
            ]),
      ...(vars.clickhouse_open_to.length === 0
        ? []
        : [9000, 9363].map((port) => openPort(host, { port, why: 'ClickHouse', from: vars.clickhouse_open_to }))),
    ];
  },
});

/** Only the hash goes to the host: users.xml has password_sha256_hex for it. */
function hashOf(password: Secret): Secret {
  return new Secret(() => createHash('sha256').update(password.expose()).digest('hex'), password.source);
}
