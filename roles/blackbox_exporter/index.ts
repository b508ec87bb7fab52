import { apt, command, defineRole, handler, systemd, template, v, option, systemFiles } from 'play';
import { blackboxJobs } from './jobs.ts';

const unit = 'prometheus-blackbox-exporter';
const binary = '/usr/bin/prometheus-blackbox-exporter';

const reload = handler('reload blackbox exporter', () => systemd({ name: unit, state: 'reloaded' }));
const restart = handler('restart blackbox exporter', () => systemd({ name: unit, state: 'restarted' }));

/** The blackbox exporter: its modules are the template's, and may ping. */
export const blackboxExporter = defineRole(import.meta, {
  vars: {
    blackbox_listen: option.text('Where it listens. Prometheus is on the same host.', '127.0.0.1:9115'),
    blackbox_user_agent: option.text('What it says it is.', 'ooni-monitoring (blackbox exporter)'),
    // Read here too, so that a job with a module the template lacks is refused also by `-t blackbox_exporter`.
    blackbox_jobs: v.optional(blackboxJobs, []),
  },
  // Reloaded before it is restarted: a SIGHUP in the first moments of a process would end it.
  defaults: { ...systemFiles, installRecommends: false },
  tasks: ({ vars }) => [
    apt({ name: ['prometheus-blackbox-exporter', 'libcap2-bin'] }, { name: 'install the blackbox exporter' }),
    command(
      { argv: ['setcap', 'cap_net_raw=ep', binary], unless: `getcap ${binary} | grep -q cap_net_raw=ep` },
      { name: 'let the blackbox exporter ping', tags: 'exporter_cap_net_raw', notify: restart },
    ),
    systemd({ name: unit, state: 'started', enabled: true }, { name: 'start the blackbox exporter' }),
    template(
      { src: 'default.hbs', dest: `/etc/default/${unit}` },
      { name: 'arguments of the blackbox exporter', notify: restart },
    ),
    template(
      {
        src: 'blackbox.yml.hbs',
        dest: '/etc/prometheus/blackbox.yml',
        validate: `${binary} --config.check --config.file=%s`,
        vars: { blackbox_user_agent: vars.blackbox_user_agent },
      },
      { name: 'modules of the blackbox exporter', notify: reload },
    ),
  ],
});
