import { apt, defineRole, handler, option, systemd, systemFiles, template } from 'play';

const unit = 'prometheus-node-exporter';
const restart = handler('restart node exporter', () => systemd({ name: unit, state: 'restarted' }));

/** The node exporter: the host's metrics, for Prometheus. */
export const nodeExporter = defineRole(import.meta, {
  description: "The node exporter: the host's metrics, for Prometheus.",
  vars: {
    node_exporter_listen: option.text('Where it listens; without an address, on all of them.', ':9100'),
  },
  defaults: { ...systemFiles, installRecommends: false },
  tasks: () => [
    // What it recommends is a set of collectors that write to the disk every few minutes.
    apt({ name: unit }, { name: 'install the node exporter' }),
    systemd({ name: unit, state: 'started', enabled: true }, { name: 'start the node exporter' }),
    template(
      { src: 'default.hbs', dest: `/etc/default/${unit}` },
      { name: 'arguments of the node exporter', notify: restart },
    ),
  ],
});
