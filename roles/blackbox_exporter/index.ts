import { apt, command, defineRole, handler, systemd, template, v } from 'play';
import { blackboxJobs } from './jobs.ts';

const unit = 'prometheus-blackbox-exporter';
const binary = '/usr/bin/prometheus-blackbox-exporter';

const reload = handler('reload blackbox exporter', () => systemd({ name: unit, state: 'reloaded' }));
const restart = handler('restart blackbox exporter', () => systemd({ name: unit, state: 'restarted' }));

/** The blackbox exporter: its modules are the template's, and may ping. */
export const blackboxExporter = defineRole({
  name: 'blackbox_exporter',
  dir: import.meta.dirname,
  vars: {
    blackbox_listen: v.optional(
      v.pipe(v.string(), v.description('Where it listens. Prometheus is on the same host.')),
      '127.0.0.1:9115',
    ),
    blackbox_user_agent: v.optional(
      v.pipe(v.string(), v.description('What it says it is.')),
      'ooni-monitoring (blackbox exporter)',
    ),
    // Read here too, so that a job with a module the template lacks is refused also by `-t blackbox_exporter`.
    blackbox_jobs: v.optional(blackboxJobs, []),
  },
  // Reloaded before it is restarted: a SIGHUP in the first moments of a process would end it.
  handlers: [reload, restart],
  tasks: ({ vars }) => [
    apt(
      { name: ['prometheus-blackbox-exporter', 'libcap2-bin'], installRecommends: false },
      { name: 'install the blackbox exporter' },
    ),
    command(
      { argv: ['setcap', 'cap_net_raw=ep', binary], unless: `getcap ${binary} | grep -q cap_net_raw=ep` },
      { name: 'let the blackbox exporter ping', tags: 'exporter_cap_net_raw', notify: restart },
    ),
    systemd({ name: unit, state: 'started', enabled: true }, { name: 'start the blackbox exporter' }),
    template(
      { src: 'default.hbs', dest: `/etc/default/${unit}`, owner: 'root', group: 'root', mode: '0644' },
      { name: 'arguments of the blackbox exporter', notify: restart },
    ),
    template(
      {
        src: 'blackbox.yml.hbs',
        dest: '/etc/prometheus/blackbox.yml',
        owner: 'root',
        group: 'root',
        mode: '0644',
        validate: `${binary} --config.check --config.file=%s`,
        vars: { blackbox_user_agent: vars.blackbox_user_agent },
      },
      { name: 'modules of the blackbox exporter', notify: reload },
    ),
  ],
});
