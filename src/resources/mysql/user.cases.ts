import { predict } from '../../contract/index.ts';
import { secret } from '../../secrets/index.ts';
import { planCases, type HostDescription } from '../../testing/index.ts';
import { mysqlAccount, type MysqlAccount, type MysqlLogin } from './mysql.probe.ts';
import { mysqlUser } from './user.ts';

const name = 'shop';
const here: MysqlLogin = { host: '', port: '', socket: '', config: '', user: '', isImplicit: false, secretFile: '' };
// What MariaDB keeps of "secret".
const hash = '*14E65567ABDB5135D0CFD9A70B3032C179A49EE7';
const shop: MysqlAccount = {
  plugin: 'mysql_native_password',
  hash,
  tls: 'NONE',
  limits: { MAX_USER_CONNECTIONS: 0 },
  grants: [
    `GRANT USAGE ON *.* TO \`shop\`@\`localhost\` IDENTIFIED BY PASSWORD '${hash}'`,
    'GRANT SELECT, INSERT (`b`, `a`) ON `shop`.* TO `shop`@`localhost` WITH GRANT OPTION',
    'GRANT `some role` TO `shop`@`localhost`',
  ],
};
const server = (
  now: Partial<MysqlAccount> | null,
  version = '10.11.6-MariaDB',
  host = 'localhost',
): HostDescription => ({
  answers: [predict(mysqlAccount(here, name, host), { version, account: now === null ? null : { ...shop, ...now } })],
});
const password = secret`secret`;
const sql = (...statements: readonly string[]): string[] => [
  `\nSET SESSION sql_mode = '';\n${statements.join('\n')}\n`,
];
const who = "'shop'@'localhost'";

export const cases = planCases(mysqlUser, {
  'made, with what it may do': {
    options: { name, password, priv: { 'shop.*': 'all', '`lo``gs`.`e``v`': 'SELECT(b, a), insert' } },
    host: server(null),
    changes: [
      'state absent -> present',
      'password none -> set',
      'privileges on `shop`.* none -> ALL PRIVILEGES',
      'privileges on `lo``gs`.`e``v` none -> INSERT, SELECT(a), SELECT(b)',
    ],
    steps: ['make the account shop@localhost'],
    stdin: sql(
      `CREATE USER ${who} IDENTIFIED WITH mysql_native_password AS '${hash}';`,
      `GRANT ALL PRIVILEGES ON \`shop\`.* TO ${who};`,
      `GRANT INSERT, SELECT (\`a\`, \`b\`) ON \`lo\`\`gs\`.\`e\`\`v\` TO ${who};`,
    ),
    result: { name, host: 'localhost' },
  },
  'right already': {
    options: { name, password, priv: 'shop.*:INSERT(a,b),SELECT,GRANT' },
    host: server({}),
    result: { name, host: 'localhost' },
  },
  'right already, by what is kept of the password': {
    options: { name, password: hash, encrypted: true },
    host: server({}),
  },
  'another password leaves other ways to log in': {
    options: { name, password: secret`other` },
    host: server({}),
    changes: ['password another -> set'],
    stdin: sql(`SET PASSWORD FOR ${who} = '*023494FBCDFBF9C93B6B2663B348A1C4A939B247';`),
  },
  'another password is left alone': {
    options: { name, password: secret`other`, updatePassword: 'onCreate' },
    host: server({}),
  },
  'a password in place of a plugin': {
    options: { name, password },
    host: server({ plugin: 'unix_socket', hash: '' }),
    changes: ['password unix_socket -> set'],
    stdin: sql(`ALTER USER ${who} IDENTIFIED WITH mysql_native_password AS '${hash}';`),
  },
  'a plugin': {
    options: { name, plugin: 'unix_socket' },
    host: server({}),
    changes: ['plugin mysql_native_password -> unix_socket'],
    stdin: sql(`ALTER USER ${who} IDENTIFIED WITH unix_socket;`),
  },
  'what is not asked for goes': {
    options: { name, priv: 'shop.*:SELECT' },
    host: server({}),
    changes: ['privileges on `shop`.* INSERT(a), INSERT(b), SELECT, GRANT -> SELECT'],
    stdin: sql(
      `REVOKE INSERT (\`a\`, \`b\`) ON \`shop\`.* FROM ${who};`,
      `REVOKE GRANT OPTION ON \`shop\`.* FROM ${who};`,
    ),
  },
  'what is asked for is added': {
    options: { name, priv: 'shop.*:SELECT,DELETE/*.*:REPLICATION CLIENT', appendPrivs: true },
    host: server({}),
    changes: [
      'privileges on `shop`.* INSERT(a), INSERT(b), SELECT, GRANT -> DELETE, INSERT(a), INSERT(b), SELECT, GRANT',
      'privileges on *.* none -> BINLOG MONITOR',
    ],
    stdin: sql(`GRANT DELETE ON \`shop\`.* TO ${who};`, `GRANT BINLOG MONITOR ON *.* TO ${who};`),
  },
  'what is asked for is taken away': {
    options: { name, priv: 'shop.*:SELECT', subtractPrivs: true },
    host: server({}),
    changes: ['privileges on `shop`.* INSERT(a), INSERT(b), SELECT, GRANT -> INSERT(a), INSERT(b), GRANT'],
    stdin: sql(`REVOKE SELECT ON \`shop\`.* FROM ${who};`),
  },
  'less than all': {
    options: { name, priv: 'shop.*:SELECT' },
    host: server({ grants: ['GRANT ALL PRIVILEGES ON `shop`.* TO `shop`@`localhost`'] }),
    changes: ['privileges on `shop`.* ALL PRIVILEGES -> SELECT'],
    stdin: sql(`REVOKE ALL PRIVILEGES ON \`shop\`.* FROM ${who};`, `GRANT SELECT ON \`shop\`.* TO ${who};`),
  },
  'connections and limits': {
    options: { name, tlsRequires: { SUBJECT: "/CN=o'x" }, resourceLimits: { MAX_USER_CONNECTIONS: 3 } },
    host: server({}),
    changes: ["TLS NONE -> SUBJECT '/CN=o''x'", 'max user connections 0 -> 3'],
    stdin: sql(`ALTER USER ${who} REQUIRE SUBJECT '/CN=o''x' WITH MAX_USER_CONNECTIONS 3;`),
  },
  'kept out of the binary log, from anywhere': {
    options: { name, host: '%', sqlLogBin: false },
    host: server(null, '10.11.6-MariaDB', '%'),
    changes: ['state absent -> present'],
    stdin: sql('SET sql_log_bin = 0;', "CREATE USER 'shop'@'%';"),
  },
  'removed': {
    options: { name, state: 'absent' },
    host: server({}),
    changes: ['state present -> absent'],
    stdin: sql(`DROP USER ${who};`),
  },
  'removed already': { options: { name, state: 'absent' }, host: server(null) },
  "MySQL's accounts are others": {
    options: { name },
    host: server(null, '8.0.36'),
    fails: "the server is MySQL 8.0.36, whose accounts and passwords differ from MariaDB's",
    hint: "Use Ansible's own module there: ansibleModule({ module: 'community.mysql.mysql_user', args: { ... } })",
  },
  'privileges that are none': {
    options: { name, priv: 'shop:ALL' },
    fails: 'mysqlUser: "shop" in `priv` is not DATABASE.TABLE',
  },
  'statements among privileges': {
    options: { name, priv: 'shop.*:SELECT; DROP' },
    fails: 'mysqlUser: "SELECT; DROP" in `priv` is not a privilege',
  },
  'what is kept of no password': {
    options: { name, password: secret`x`, encrypted: true },
    fails: 'mysqlUser: `encrypted` wants a `password` of `*` and 40 hexadecimal digits',
  },
  'a password for an account that goes': {
    options: { name, password, state: 'absent' },
    fails: 'mysqlUser: `password` needs state `present`',
  },
  'a password of nobody': {
    options: { name, loginPassword: secret`x` },
    fails: 'mysqlUser: `loginPassword` needs `loginUser`',
  },
});
