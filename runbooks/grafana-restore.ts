import { apt, copy, defineRunbook, file, option, shell, systemd, uri, v, type Task } from 'play';
import { grafanaVariables, proveDump } from './sqlite/grafana.ts';

/** By a name of its own first: whoever opens it finds a whole one. The journal of the old one is not for it. */
const replace = 'cat >"$1.new" && rm -f "$1-wal" "$1-shm" && mv "$1.new" "$1"';

/**
 * With the rights of the database's owner, to whom its folder belongs: a link that lies in the way there leads root
 * nowhere.
 */
function asOwner(
  name: string,
  database: string,
  work: string,
  when: { readonly creates: string } | { readonly changes: 'always' },
): Task {
  const [inner, input = ''] = work.split(/ (?=<)/);
  return shell(
    {
      cmd: `set -eu; umask 027; owner=$(stat -c %U -- "$DATABASE"); runuser -u "$owner" -- sh -eu -c "$WORK" sh "$DATABASE" ${input}`,
      environment: { DATABASE: database, WORK: inner ?? '' },
      ...when,
    },
    { name },
  );
}

interface Grafana {
  readonly grafana_unit: string;
  readonly grafana_health?: string | undefined;
}

const startGrafana = ({ grafana_unit: name, grafana_health: url }: Grafana): Task[] => [
  systemd({ name, state: 'started' }),
  ...(url === undefined ? [] : [uri({ url, retries: 24, delay: 5 })]),
];

const folder = '/var/backups/grafana-restore';

/** The way back from what `grafana-backup` made. */
export default defineRunbook({
  title: 'Restore Grafana',
  description:
    'Puts a dump that `grafana-backup` made in the place of the database of Grafana: proves it first, stops Grafana, keeps the old database, and starts Grafana again. `--back` puts the old database back.',
  vars: {
    ...grafanaVariables,
    grafana_dump: option.text('The dump: a path on this machine, seen from runbooks/ unless it is absolute.'),
    grafana_unit: option.text('The unit of Grafana.', 'grafana-server'),
    grafana_health: v.optional(
      option.url('What answers 200 when Grafana is well, asked on the host. Default: nothing is asked.'),
    ),
  },
  steps: [
    {
      name: 'prove the dump',
      hosts: 'monitoring',
      become: true,
      tasks: ({ vars }) => [
        apt({ name: 'sqlite3' }),
        file({ path: folder, state: 'directory', owner: 'root', group: 'root', mode: '0700' }),
        copy({ src: vars.grafana_dump, dest: `${folder}/dump.sql`, mode: '0600' }),
        proveDump({ dump: `${folder}/dump.sql`, question: vars.grafana_question }),
        shell(
          {
            cmd: 'umask 077; rm -f restored.db; sqlite3 -bail restored.db <dump.sql',
            chdir: folder,
            changes: 'always',
          },
          { name: 'restore it beside the database' },
        ),
      ],
    },
    {
      name: 'put it in place',
      hosts: 'monitoring',
      become: true,
      confirm: {
        question: 'Grafana gets the dashboards, users and alerts of the dump, and loses what was changed since.',
        type: ({ hosts }) => hosts.join(' '),
      },
      tasks: ({ vars }) => [
        systemd({ name: vars.grafana_unit, state: 'stopped' }),
        // The old one is kept once: doing this again must not put the new one in its place.
        asOwner('keep the old database', vars.grafana_database, 'cp -p "$1" "$1.before"', {
          creates: `${vars.grafana_database}.before`,
        }),
        asOwner('the new database', vars.grafana_database, `${replace} <${folder}/restored.db`, { changes: 'always' }),
        file({ path: folder, state: 'absent' }),
        ...startGrafana(vars),
      ],
      back: ({ vars }) => [
        systemd({ name: vars.grafana_unit, state: 'stopped' }),
        asOwner('the old database', vars.grafana_database, `${replace} <"$DATABASE.before"`, { changes: 'always' }),
        ...startGrafana(vars),
      ],
    },
    {
      name: 'look',
      question: 'Log in to Grafana: are the dashboards there? The old database stays beside the new one, as `.before`.',
    },
  ],
});
