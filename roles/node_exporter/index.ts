import { apt, defineRole, handler, systemd, template, option, systemFiles } from 'play';

const unit = 'prometheus-node-exporter';

const restart = handler('restart node exporter', () => systemd({ name: unit, state: 'restarted' }));

/** The node exporter: what Prometheus asks every host for. */
export const nodeExporter = defineRole(import.meta, {
  vars: {
    node_exporter_listen: option.text(
      "Where it listens: all addresses, as Prometheus asks by the host's name.",
      ':9100',
    ),
  },
  defaults: { ...systemFiles, installRecommends: false },
  tasks: () => [
    // Its recommended package is a set of collectors that write into the disk every few minutes; none of our rules
    // reads them.
    apt({ name: unit }, { name: 'install the node exporter' }),
    systemd({ name: unit, state: 'started', enabled: true }, { name: 'start the node exporter' }),
    template(
      { src: 'default.hbs', dest: `/etc/default/${unit}` },
      { name: 'arguments of the node exporter', notify: restart },
    ),
  ],
});
