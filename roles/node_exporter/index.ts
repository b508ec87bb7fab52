import { apt, defineRole, handler, systemd, template, v } from 'play';

const unit = 'prometheus-node-exporter';

const restart = handler('restart node exporter', () => systemd({ name: unit, state: 'restarted' }));

/** The node exporter: what Prometheus asks every host for. */
export const nodeExporter = defineRole({
  name: 'node_exporter',
  dir: import.meta.dirname,
  vars: {
    node_exporter_listen: v.optional(
      v.pipe(v.string(), v.description("Where it listens: all addresses, as Prometheus asks by the host's name.")),
      ':9100',
    ),
  },
  handlers: [restart],
  tasks: () => [
    // Its recommended package is a set of collectors that write into the disk every few minutes; none of our rules
    // reads them.
    apt({ name: unit, installRecommends: false }, { name: 'install the node exporter' }),
    systemd({ name: unit, state: 'started', enabled: true }, { name: 'start the node exporter' }),
    template(
      { src: 'default.hbs', dest: `/etc/default/${unit}`, owner: 'root', group: 'root', mode: '0644' },
      { name: 'arguments of the node exporter', notify: restart },
    ),
  ],
});
