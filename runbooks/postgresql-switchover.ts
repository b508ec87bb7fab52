import {
  assert,
  command,
  copy,
  debug,
  defineRunbook,
  option,
  PlayError,
  secret,
  shell,
  systemd,
  v,
  type HostView,
  type RunbookContext,
  type Task,
} from 'play';

const plain = v.regex(/^\w+$/, 'must be of letters, digits and _');
const vars = {
  postgresql_pair: option.text('The group of the two hosts.', 'postgresql'),
  postgresql_new_primary: option.text('The host that is the primary afterwards.'),
  postgresql_version: option.text('Which PostgreSQL.', '15', plain),
  postgresql_cluster: option.text("Which cluster of it, as Debian's tools call it.", 'main', plain),
  postgresql_port: option.port('Its port, on both hosts.', 5432),
  postgresql_address: v.optional(
    option.text('Of each host: where the other reaches it. Default: `ansible_host`, or its name.'),
  ),
  postgresql_replication_user: option.text('Whom a standby logs in as.', 'replicator', plain),
  postgresql_replication_password: v.optional(
    option.secret('The password of that user. Default: none, as pg_hba.conf goes by addresses.'),
  ),
  postgresql_most_lag: option.integer('Bytes that the standby may be behind when this begins.', 16 * 2 ** 20),
  postgresql_patience: option.integer('Seconds that each wait may take.', 60, v.minValue(1)),
  postgresql_rejoin: option.choice(
    'How the old primary comes to follow: `follow` is enough behind a clean stop; `rewind` (pg_rewind) takes back what it alone wrote since; `copy` makes a new base backup, and keeps the old data beside it.',
    ['follow', 'rewind', 'copy'],
    'follow',
  ),
};
type Vars = v.InferOutput<v.ObjectSchema<typeof vars, undefined>>;

interface Pair {
  /** The primary that is to be the standby. */
  readonly old: string;
  /** The standby that is to be the primary. */
  readonly next: string;
}

/** @throws PlayError where they are not a pair */
function pairOf({ vars: given, groups }: RunbookContext<Vars>): Pair {
  const next = given.postgresql_new_primary;
  const hosts = groups[given.postgresql_pair] ?? [];
  const old = hosts.find((one) => one !== next);
  if (old !== undefined && hosts.length === 2 && hosts.includes(next)) return { old, next };
  throw new PlayError(
    `"${given.postgresql_pair}" is no pair with ${next} in it: ${hosts.length === 0 ? 'it has no hosts' : hosts.join(', ')}`,
    {
      hint: 'Give a group of two hosts, a primary and its standby: -e postgresql_pair=GROUP -e postgresql_new_primary=HOST',
    },
  );
}

const unitOf = (given: Vars): string => `postgresql@${given.postgresql_version}-${given.postgresql_cluster}`;
const dataOf = (given: Vars): string => `/var/lib/postgresql/${given.postgresql_version}/${given.postgresql_cluster}`;

const addressOf = (host: HostView): string => {
  const given = host.vars['postgresql_address'] ?? host.vars['ansible_host'];
  return typeof given === 'string' ? given : host.name;
};

const asPostgres = { becomeUser: 'postgres' } as const;

const ask = (given: Vars, sql: string, name: string) =>
  command(
    { argv: ['psql', '-AtXqp', String(given.postgresql_port), '-c', sql], changes: 'never' },
    { name, ...asPostgres },
  );

/** What scripts read; the tools take all but the password from it. */
const environmentOf = (given: Vars, source: HostView) => ({
  PGHOST: addressOf(source),
  PGPORT: String(given.postgresql_port),
  PGUSER: given.postgresql_replication_user,
  ...(given.postgresql_replication_password === undefined ? {} : { PGPASSWORD: given.postgresql_replication_password }),
  PGCONNECT_TIMEOUT: '10',
  BIN: `/usr/lib/postgresql/${given.postgresql_version}/bin`,
  DATA: dataOf(given),
  ETC: `/etc/postgresql/${given.postgresql_version}/${given.postgresql_cluster}`,
  PATIENCE: String(given.postgresql_patience),
});

/** On the new primary, by whose clock the pause is told. */
const clock = '/run/play-switchover';

// The last thing a primary that is stopped cleanly writes is a checkpoint: who has replayed that has all.
const readEnd = `set -eu
"$BIN/pg_controldata" "$DATA" >/tmp/control.$$ && trap 'rm -f /tmp/control.$$' EXIT
state=$(sed -n 's/^Database cluster state: *//p' /tmp/control.$$)
[ "$state" = 'shut down' ] || { echo "the old primary is not stopped cleanly: $state" >&2; exit 1; }
sed -n "s/^Latest checkpoint location: *//p" /tmp/control.$$`;

const awaitEnd = `set -eu
n=0
until [ "$(psql -AtXqc "SELECT pg_wal_lsn_diff(pg_last_wal_replay_lsn(), '$END') > 0")" = t ]; do
  n=$((n + 1))
  [ "$n" -le $((PATIENCE * 10)) ] || { echo "the standby has replayed $(psql -AtXqc 'SELECT pg_last_wal_replay_lsn()'), and not all up to $END. --back starts the old primary again" >&2; exit 1; }
  sleep 0.1
done`;

/** Ends well where a standby has all that the other ever wrote. */
function hasAll(given: Vars, { old, next }: Pair, hostOf: (name: string) => HostView): readonly Task[] {
  const { PATIENCE, PGPORT, ...environment } = environmentOf(given, hostOf(next));
  const end = shell(
    { cmd: readEnd, environment, changes: 'always' },
    { name: `where ${old} has ended`, changedWhen: false, delegateTo: old, ...asPostgres },
  );
  return [
    end,
    shell(
      {
        cmd: awaitEnd,
        environment: ({ results }) => ({ END: results(end).stdout, PATIENCE, PGPORT }),
        changes: 'always',
      },
      { name: 'the standby has replayed all of it', changedWhen: false, ...asPostgres },
    ),
  ];
}

/** What pg_rewind calls on the other server, by its manual. */
const rewindReads = [
  'pg_ls_dir(text, boolean, boolean)',
  'pg_stat_file(text, boolean)',
  'pg_read_binary_file(text)',
  'pg_read_binary_file(text, bigint, bigint, boolean)',
].map((one) => `pg_catalog.${one}`);

/** On the new primary, and only for as long as it takes. */
function rewindRights(given: Vars, next: string, work: 'GRANT' | 'REVOKE'): Task[] {
  const on = rewindReads.join(', ');
  const sql = `${work} EXECUTE ON FUNCTION ${on} ${work === 'GRANT' ? 'TO' : 'FROM'} ${given.postgresql_replication_user}`;
  return given.postgresql_rejoin === 'rewind'
    ? [
        command(
          { argv: ['psql', '-Xqp', String(given.postgresql_port), '-c', sql], changes: 'always' },
          {
            name: work === 'GRANT' ? 'let pg_rewind read' : 'pg_rewind may read no more',
            delegateTo: next,
            ...asPostgres,
          },
        ),
      ]
    : [];
}

const rejoin = {
  follow: ':',
  rewind: `"$BIN/pg_rewind" --target-pgdata="$DATA" --source-server='dbname=postgres' --config-file="$ETC/postgresql.conf"`,
  copy: `mv -- "$DATA" "$DATA.$(date +%Y%m%dT%H%M%S)"
"$BIN/pg_basebackup" --pgdata="$DATA" --checkpoint=fast`,
};

/** Makes the standby the primary, and the primary the standby. */
export default defineRunbook({
  title: 'Switch PostgreSQL over to its standby',
  description:
    'To work at the primary, or to move it. The primary is stopped, the standby promoted once it has all that the primary ever wrote, and the old primary follows it. No row is lost that was acknowledged; writers wait for some seconds. The way back is the same runbook with the other host. Clients have to find the primary by themselves, as with `target_session_attrs=read-write`, or by what you do between the steps.',
  vars,
  steps: (context) => {
    const { old, next } = pairOf(context);
    return [
      {
        name: 'look',
        description:
          'That the two are what they are taken for, that the standby is close behind, and that the old primary will be let in by the new one.',
        hosts: [old, next],
        become: true,
        tasks: ({ vars: given, host, hostOf }) => {
          const isStandby = host.name === next;
          const recovery = ask(given, 'SELECT pg_is_in_recovery()', 'whether it is a standby');
          const role = assert(
            {
              that: ({ results }) => results(recovery).stdout === (isStandby ? 't' : 'f'),
              failMsg: isStandby
                ? `${host.name} is no standby: it is the primary already, or alone`
                : `${host.name} is not the primary`,
            },
            { name: `it is the ${isStandby ? 'standby' : 'primary'}` },
          );
          if (isStandby) return [recovery, role];
          const lag = ask(
            given,
            "SELECT max(pg_wal_lsn_diff(pg_current_wal_lsn(), replay_lsn)) FROM pg_stat_replication WHERE state = 'streaming'",
            'how far the standby is behind, in bytes',
          );
          return [
            recovery,
            role,
            lag,
            assert(
              {
                that: ({ results }) => [
                  { that: results(lag).stdout !== '', msg: 'no standby streams from it' },
                  {
                    that: Number(results(lag).stdout) <= given.postgresql_most_lag,
                    msg: `the standby is ${results(lag).stdout} bytes behind`,
                  },
                ],
              },
              { name: 'the standby is close behind' },
            ),
            shell(
              {
                cmd: `psql 'dbname=postgres replication=true' -Atc IDENTIFY_SYSTEM`,
                environment: environmentOf(given, hostOf(next)),
                changes: 'never',
              },
              { name: `${next} lets it in as a standby`, ...asPostgres },
            ),
          ];
        },
      },
      {
        name: 'stop the old primary',
        hosts: old,
        become: true,
        confirm: { question: `Writers wait from now on, until ${next} is the primary.`, type: next },
        tasks: ({ vars: given }) => [
          // A checkpoint now makes that of the stop a short one.
          command(
            { argv: ['psql', '-Xqp', String(given.postgresql_port), '-c', 'CHECKPOINT'], changes: 'always' },
            { name: 'checkpoint', changedWhen: false, ...asPostgres },
          ),
          shell(
            { cmd: `date +%s%N >${clock}`, changes: 'always' },
            { name: 'note the time', changedWhen: false, delegateTo: next },
          ),
          systemd({ name: unitOf(given), state: 'stopped' }),
        ],
        back: ({ vars: given }) => [systemd({ name: unitOf(given), state: 'started' })],
      },
      {
        name: 'wait until the standby has all',
        hosts: next,
        become: true,
        tasks: ({ vars: given, hostOf }) => hasAll(given, { old, next }, hostOf),
      },
      {
        name: 'promote the standby',
        description: 'It is looked at once more, as the old primary may have been started meanwhile.',
        hosts: next,
        become: true,
        irreversible: true,
        tasks: ({ vars: given, hostOf }) => {
          const { PGPORT, PATIENCE } = environmentOf(given, hostOf(next));
          return [
            ...hasAll(given, { old, next }, hostOf),
            shell(
              {
                // Done again, behind a run that was killed in it, there is nothing to promote any more.
                cmd: `[ "$(psql -AtXqc 'SELECT pg_is_in_recovery()')" = f ] || [ "$(psql -AtXqc "SELECT pg_promote(true, $PATIENCE)")" = t ]`,
                environment: { PGPORT, PATIENCE },
                changes: 'always',
              },
              { name: 'promote it', ...asPostgres },
            ),
          ];
        },
        after: ({ vars: given }) => {
          const pause = shell(
            {
              cmd: `[ "$(runuser -u postgres -- psql -AtXqp "$PGPORT" -c 'SELECT pg_is_in_recovery()')" = f ] || { echo 'it is a standby' >&2; exit 1; }
[ ! -e ${clock} ] || { echo "writes stood still for $(( ($(date +%s%N) - $(cat ${clock})) / 1000000 )) ms"; rm -f ${clock}; }`,
              environment: { PGPORT: String(given.postgresql_port) },
              changes: 'always',
            },
            { name: 'it is the primary', changedWhen: false },
          );
          return [
            pause,
            debug(
              { msg: ({ results }) => results(pause).stdout || `${next} is the primary` },
              { name: 'how long it took' },
            ),
          ];
        },
      },
      {
        name: 'let the old primary follow',
        hosts: old,
        become: true,
        before: ({ vars: given }) => rewindRights(given, next, 'GRANT'),
        always: ({ vars: given }) => rewindRights(given, next, 'REVOKE'),
        tasks: ({ vars: given, hostOf }) => {
          const environment = environmentOf(given, hostOf(next));
          const password = given.postgresql_replication_password;
          if (password !== undefined && /['\\\s]/.test(password.expose()))
            throw new PlayError('The password of the replication user has quotes, backslashes or blanks in it', {
              hint: 'Set another, which primary_conninfo can hold as it is.',
            });
          const conninfo = `host=${environment.PGHOST} port=${environment.PGPORT} user=${environment.PGUSER}`;
          return [
            systemd({ name: unitOf(given), state: 'stopped' }),
            shell(
              {
                // What an earlier base backup wrote there would outweigh the file below.
                cmd: `set -eu\n${rejoin[given.postgresql_rejoin]}\nsed -i '/^primary_conninfo/d' "$DATA/postgresql.auto.conf"`,
                environment,
                changes: 'always',
              },
              { name: 'make its data those of a standby', ...asPostgres },
            ),
            copy({
              dest: `${environment.DATA}/standby.signal`,
              owner: 'postgres',
              group: 'postgres',
              mode: '0600',
              content: '',
            }),
            copy({
              dest: `${environment.ETC}/conf.d/standby.conf`,
              owner: 'postgres',
              group: 'postgres',
              mode: '0600',
              content:
                password === undefined
                  ? `primary_conninfo = '${conninfo}'\n`
                  : secret`primary_conninfo = '${conninfo} password=${password}'\n`,
            }),
            systemd({ name: unitOf(given), state: 'started' }),
          ];
        },
        after: ({ vars: given }) => [
          shell(
            {
              cmd: `n=0
until [ "$(psql -AtXqc "SELECT count(*) FROM pg_stat_wal_receiver WHERE status = 'streaming'")" = 1 ]; do
  n=$((n + 1)); [ "$n" -le $((PATIENCE * 5)) ] || { echo 'it does not follow. See its log; -e postgresql_rejoin=rewind, or copy, with --from this step' >&2; exit 1; }
  sleep 0.2
done`,
              environment: { PGPORT: String(given.postgresql_port), PATIENCE: String(given.postgresql_patience) },
              changes: 'always',
            },
            { name: `it follows ${next}`, changedWhen: false, ...asPostgres },
          ),
        ],
      },
    ];
  },
});
