import { createHash } from 'node:crypto';
import {
  apt,
  aptPin,
  aptRepository,
  command,
  copy,
  debug,
  defineRole,
  file,
  handler,
  option,
  Secret,
  secretOf,
  systemd,
  template,
  v,
  type Task,
} from 'play';
import { openPort } from 'play/roles/nftables';
import { settingsVariable, toXml } from './settings.ts';
import { sqlUserTasks } from './sql-user-tasks.ts';
import { identifier, sqlUser } from './sql-users.ts';
import { statementOf, tableFolder, tables } from './tables.ts';
import { expectedVersion, hasSqlUsers, majorOf, rootElement } from './version.ts';

const restart = handler('restart clickhouse', () => systemd({ name: 'clickhouse-server', state: 'restarted' }));
const data = '/var/lib/clickhouse';
const settingsFolder = '/etc/clickhouse-server';
const network = option.network('An address or a network.');

const repositorySchema = option.object("ClickHouse's own repository. Absent: Debian's package.", {
  uris: option.text('Where it is.'),
  suites: option.text("The release, such as `stable`, or './' for a flat repository."),
  components: v.optional(option.text('Components, such as `main`.')),
  key: v.optional(option.text('The key that signs it: the key in PEM, or a path on the host.')),
  fingerprint: v.optional(option.text('The fingerprint the key must have.')),
  trusted: v.optional(option.flag('Trust it without a signature: only for a folder on the host.')),
});

type Repository = v.InferOutput<typeof repositorySchema>;

const versionVariable = v.optional(
  option.text(
    "The version, pinned. Absent: Debian's, or the newest in `clickhouse_repository`.",
    v.regex(/^\d+\.\d+(\.\d+)*(\.\*)?$/, "must be a version such as '23.8.2.*'"),
  ),
);
const repositoryVariable = v.optional(repositorySchema);

/** Where ClickHouse's packages come from, for a play that installs them with others before the role comes. */
export const clickhousePin = defineRole(import.meta, {
  name: 'clickhouse_pin',
  description:
    "ClickHouse's version and repository alone: for a play that installs its packages together with others, before `clickhouse`.",
  vars: { clickhouse_version: versionVariable, clickhouse_repository: repositoryVariable },
  defaults: { installRecommends: false },
  tasks: ({ vars }) => sourceTasks(vars.clickhouse_version, vars.clickhouse_repository),
});

/** ClickHouse: package, settings, users, databases and tables. */
export const clickhouse = defineRole(import.meta, {
  description:
    'ClickHouse: package, settings, users, databases and tables. Missing tables are created; existing ones are not altered. `clickhouse_open_to` needs the role `nftables` before it.',
  vars: {
    clickhouse_version: versionVariable,
    clickhouse_repository: repositoryVariable,
    clickhouse_listen: option.list('Addresses it listens on.', v.string(), ['127.0.0.1', '::1']),
    clickhouse_open_to: option.list(
      'Who may connect to its ports (9000, and 9363 for metrics) from outside.',
      network,
      [],
    ),
    clickhouse_settings: settingsVariable,
    clickhouse_max_memory: option.integer('Bytes a query may use.', 10_000_000_000),
    clickhouse_users: option.list(
      'Users in users.d, besides `default`.',
      v.strictObject({
        name: identifier('Login name.'),
        readonly: option.flag('Whether they may only read.', true),
        networks: option.list('Where they may connect from.', network, ['127.0.0.1', '::1']),
      }),
      [],
    ),
    clickhouse_passwords: option.record(
      'Passwords by user name. Others are secrets `clickhouse_password_NAME`, on a real host from the environment: CLICKHOUSE_PASSWORD_READER_DB1 on db1.',
      option.secret('A password.'),
      {},
    ),
    clickhouse_sql_users: option.list(
      'Users created by SQL, with grants; for servers that support them (20.5 and later).',
      sqlUser,
      [],
    ),
    clickhouse_table_folder: tableFolder,
    clickhouse_tables: tables,
  },
  defaults: {
    owner: 'clickhouse',
    group: 'clickhouse',
    mode: '0400',
    directoryMode: '0700',
    installRecommends: false,
  },
  tasks({ vars, host }) {
    const { clickhouse_version: asked, clickhouse_repository: repository, clickhouse_sql_users: sqlUsers } = vars;
    const version = expectedVersion(asked, repository !== undefined);
    const passwordOf = (name: string): Secret =>
      secretOf(host, `clickhouse_password_${name}`, vars.clickhouse_passwords[name]);
    const databases = [...new Set(vars.clickhouse_tables.map(({ database }) => database))].filter(
      (name) => name !== 'default',
    );
    return [
      ...sourceTasks(asked, repository),
      apt(
        {
          name: [
            'clickhouse-server',
            'clickhouse-client',
            ...(repository === undefined ? [] : ['clickhouse-common-static']),
          ],
        },
        { name: 'install clickhouse' },
      ),
      ...['config.d', 'users.d'].map((name) =>
        file(
          { path: `${settingsFolder}/${name}`, state: 'directory' },
          { name: `folder ${name} of clickhouse`, tags: 'conf' },
        ),
      ),
      copy(
        {
          content: toXml(rootElement(version), {
            listen_host: vars.clickhouse_listen,
            // A host without IPv6 listens on what it has.
            listen_try: 1,
            logger: { level: 'information' },
            ...(majorOf(version) < 20 ? {} : { prometheus: metrics }),
            ...vars.clickhouse_settings,
          }),
          dest: `${settingsFolder}/config.d/local.xml`,
        },
        { name: 'settings of clickhouse', tags: 'conf', notify: restart },
      ),
      template(
        {
          src: 'users.xml.hbs',
          dest: `${settingsFolder}/users.d/local.xml`,
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
        client(`database ${name} of clickhouse`, ['--query', `CREATE DATABASE ${name}`], `${data}/metadata/${name}`),
      ),
      ...vars.clickhouse_tables.map(({ database, name }) =>
        client(
          `table ${database}.${name} of clickhouse`,
          ['--database', database, '--multiquery'],
          `${data}/metadata/${database}/${name}.sql`,
          statementOf(vars.clickhouse_table_folder, name),
        ),
      ),
      ...(sqlUsers.length === 0
        ? []
        : hasSqlUsers(version)
          ? sqlUserTasks(sqlUsers, passwordOf)
          : [
              debug(
                {
                  msg: `ClickHouse ${version} has no users made by SQL; not made: ${sqlUsers.map(({ name }) => name).join(', ')}`,
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

const metrics = {
  endpoint: '/metrics',
  port: 9363,
  metrics: true,
  events: true,
  asynchronous_metrics: true,
};

/** Where its packages come from: the repository of its makers, the version. */
function sourceTasks(version: string | undefined, repository: Repository | undefined): Task[] {
  const tasks: Task[] = [];
  if (repository !== undefined) {
    const { key: signedBy, ...rest } = repository;
    tasks.push(aptRepository({ name: 'clickhouse', signedBy, ...rest }, { name: 'repository clickhouse' }));
  }
  // Pinned, so that no upgrade of the host takes the database with it.
  if (version !== undefined)
    tasks.push(
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
    );
  return tasks;
}

/** SQL that is due while a file of the server is not there. */
function client(name: string, args: readonly string[], creates: string, stdin?: string): Task {
  return command(
    { argv: ['clickhouse-client', ...args], creates, stdin },
    // A server that has just been started takes some seconds to listen.
    { name, until: ({ result }) => result.rc === 0, retries: 30, delay: 1 },
  );
}

/** Only the hash goes to the host: users.xml has password_sha256_hex for it. */
function hashOf(password: Secret): Secret {
  return new Secret(() => createHash('sha256').update(password.expose()).digest('hex'), password.source);
}
