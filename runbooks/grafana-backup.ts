import { apt, command, defineRunbook, fetch, file, option, shell, v } from 'play';
import { grafanaVariables, proveDump } from './sqlite/grafana.ts';

const today = new Date().toISOString().slice(0, 10);

/** Dashboards, users and alerts of Grafana, out of its SQLite database. */
export default defineRunbook({
  title: 'Back Grafana up',
  description:
    'Copies the database of Grafana while it runs, dumps the copy as SQL, restores the dump to see that it is whole and answers as the copy does, and brings it to this machine. Figures are in Prometheus, and not in it.',
  vars: {
    ...grafanaVariables,
    grafana_backups: v.optional(
      option.path('The folder of the host for backups. Default `/var/backups/grafana`.'),
      '/var/backups/grafana',
    ),
    grafana_backups_here: option.text('The folder of this machine, seen from runbooks/.', '../backups'),
    grafana_backup_name: option.text('The name of this backup.', today, v.regex(/^[\w][\w.-]*$/, 'must be a name')),
  },
  steps: [
    {
      name: 'dump',
      hosts: 'monitoring',
      become: true,
      tasks: ({ vars }) => {
        const base = `${vars.grafana_backups}/grafana-${vars.grafana_backup_name}`;
        return [
          apt({ name: 'sqlite3' }),
          file({ path: vars.grafana_backups, state: 'directory', owner: 'root', group: 'root', mode: '0700' }),
          // By SQLite itself: a copy of a file that is written to is none.
          command(
            { argv: ['sqlite3', vars.grafana_database, `.backup '${base}.db'`], creates: `${base}.db` },
            { name: 'copy the database' },
          ),
          shell(
            {
              cmd: 'umask 077; sqlite3 "$BASE.db" .dump >"$BASE.sql.part" && mv "$BASE.sql.part" "$BASE.sql"',
              environment: { BASE: base },
              creates: `${base}.sql`,
            },
            { name: 'dump the copy' },
          ),
        ];
      },
    },
    {
      name: 'prove',
      hosts: 'monitoring',
      become: true,
      tasks: ({ vars }) => {
        const base = `${vars.grafana_backups}/grafana-${vars.grafana_backup_name}`;
        return [proveDump({ dump: `${base}.sql`, question: vars.grafana_question, database: `${base}.db` })];
      },
    },
    {
      name: 'bring it here',
      hosts: 'monitoring',
      become: true,
      tasks: ({ vars, host }) => [
        fetch({
          src: `${vars.grafana_backups}/grafana-${vars.grafana_backup_name}.sql`,
          dest: `${vars.grafana_backups_here}/${host.name}/`,
          flat: true,
        }),
        file({ path: `${vars.grafana_backups}/grafana-${vars.grafana_backup_name}.db`, state: 'absent' }),
      ],
    },
  ],
});
