import { apt, copy, defineRole, file, handler, systemd, template, v, secretOf, option } from 'play';
import { repositoryTasks, repositoryVariable } from '../ooni/repository.ts';

/** Where it listens: nginx is on the same host. */
export const grafanaListen = '127.0.0.1:3000';
export const grafanaName = option.text(
  'Its name in the DNS.',
  'grafana.ooni.org',
  v.regex(/^[a-z0-9.-]+$/, 'must be a host name'),
);

const folder = '/etc/grafana';
const passwordFile = `${folder}/admin_password`;
const readByGrafana = { owner: 'root', group: 'grafana', mode: '0640' };

const restart = handler('restart grafana', () => systemd({ name: 'grafana-server', state: 'restarted' }));

/** Its own logins; Prometheus is where it gets figures from. */
export const grafana = defineRole(import.meta, {
  description: "Grafana, from its makers' repository; without one it is not there.",
  vars: {
    grafana_repository: repositoryVariable("The makers' repository. Absent: no Grafana."),
    grafana_name: grafanaName,
    grafana_admin_password: v.optional(
      option.secret('Password of its user `admin`: what it is made with, so changed in Grafana later on.'),
    ),
    prometheus_listen: v.optional(v.string(), '127.0.0.1:9090'),
  },
  defaults: { installRecommends: false },
  tasks({ vars, host }) {
    if (vars.grafana_repository === undefined) return [];
    return [
      ...repositoryTasks('grafana', vars.grafana_repository),
      apt({ name: 'grafana' }, { name: 'install grafana' }),
      copy(
        {
          content: secretOf(host, 'grafana_admin_password', vars.grafana_admin_password, { shared: true }),
          dest: passwordFile,
          ...readByGrafana,
        },
        { name: 'first password of grafana' },
      ),
      // All of it is ours; what is not said is as in /usr/share/grafana/conf/defaults.ini.
      template(
        {
          src: 'grafana.ini.hbs',
          dest: `${folder}/grafana.ini`,
          ...readByGrafana,
          vars: { listen: splitAddress(grafanaListen), password_file: passwordFile },
        },
        { name: 'settings of grafana', notify: restart },
      ),
      file(
        {
          path: `${folder}/provisioning/datasources`,
          state: 'directory',
          owner: 'root',
          group: 'grafana',
          mode: '0750',
        },
        { name: 'folder for sources of figures' },
      ),
      template(
        { src: 'prometheus.yaml.hbs', dest: `${folder}/provisioning/datasources/prometheus.yaml`, ...readByGrafana },
        { name: 'Prometheus as a source of figures', notify: restart },
      ),
      systemd({ name: 'grafana-server', state: 'started', enabled: true }, { name: 'start grafana' }),
    ];
  },
});

function splitAddress(listen: string): { readonly address: string; readonly port: string } {
  const [address = '', port = ''] = listen.split(':');
  return { address, port };
}
