import { apt, capabilities, defineRole, handler, option, systemd, systemFiles, template, v } from 'play';
import { withUserAgent, modulesWith, moduleVariable } from './modules.ts';

export { modulesWith, moduleVariable } from './modules.ts';

const unit = 'prometheus-blackbox-exporter';
const binary = `/usr/bin/${unit}`;

const reload = handler('reload blackbox exporter', () => systemd({ name: unit, state: 'reloaded' }));
const restart = handler('restart blackbox exporter', () => systemd({ name: unit, state: 'restarted' }), {
  insteadOf: reload,
});

/** The blackbox exporter: it tries from outside what `blackbox_jobs` of the role prometheus names, pings included. */
export const blackboxExporter = defineRole(import.meta, {
  description:
    'The blackbox exporter, with modules for websites, TCP, TLS, ssh, mail and pings. What it tries is `blackbox_jobs` of the role prometheus.',
  vars: {
    blackbox_listen: option.text('Where it listens. Prometheus is on the same host.', '127.0.0.1:9115'),
    blackbox_user_agent: v.optional(option.text('Its User-Agent to web servers. Default: its name and version.')),
    blackbox_modules: moduleVariable,
  },
  defaults: { ...systemFiles, installRecommends: false },
  tasks: ({ vars }) => [
    apt({ name: [unit, 'libcap2-bin'] }, { name: 'install the blackbox exporter' }),
    capabilities(
      { path: binary, capability: 'cap_net_raw=ep' },
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
        vars: { config: { modules: withUserAgent(modulesWith(vars.blackbox_modules), vars.blackbox_user_agent) } },
      },
      { name: 'modules of the blackbox exporter', notify: reload },
    ),
  ],
});
