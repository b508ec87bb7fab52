import {
  debug,
  defineRole,
  file,
  htpasswd,
  PlayError,
  systemd,
  template,
  v,
  secretOf,
  option,
  sandboxSecretFile,
  systemFiles,
  type HostView,
} from 'play';
import { certificateOf, keyOf } from 'play/roles/certificates';
import { openPort } from 'play/roles/nftables';
import { nginxChanged } from 'play/roles/nginx';
import { grafanaListen, grafanaName } from '../grafana/index.ts';
import { jupyterName, jupyterPackages, jupyterSocket } from '../jupyter/index.ts';
import { repositoryVariable } from '../ooni/repository.ts';

const passwordFile = '/etc/nginx/monitoring.htpasswd';
// Not below /var/www: an installation script of nginx makes that, so the first check run could not know of it.
const frontPageFolder = '/srv/monitoring';

const passwordVariable = (user: string): string => `monitoring_password_${user}`;

export const monitoringWeb = defineRole(import.meta, {
  description: 'The web interfaces of the monitoring host: nginx before them, a password before all of them.',
  vars: {
    web_front_page: option.text('Name under which a page lists the interfaces; also what unknown names get.'),
    web_interfaces: option.list(
      'What nginx stands before.',
      v.strictObject({
        name: option.text('Its name in the DNS.'),
        upstream: option.text(
          'Where it listens.',
          v.regex(/^(?:[\w.-]+:\d+|unix:\/[\w./-]+)$/, 'must be HOST:PORT or unix:/PATH'),
        ),
        own_login: option.flag('It asks for a password itself: nginx does not.', false),
      }),
    ),
    certificate_names: v.array(v.string()),
    grafana_repository: repositoryVariable('Of Grafana: with it, Grafana is one of them.'),
    grafana_name: grafanaName,
    jupyter_packages: jupyterPackages,
    jupyter_name: jupyterName,
    acme_contact: v.optional(v.string()),
    monitoring_users: option.list(
      'Who may get in.',
      v.strictObject({
        name: option.text(
          'What is typed as user name.',
          v.regex(/^[a-z][a-z0-9_-]*$/, 'must be a user name of small letters'),
        ),
        purpose: option.text('Whose it is: who may be asked before it is taken away.'),
      }),
      v.minLength(1, 'must name somebody, else nobody can get in'),
    ),
    monitoring_passwords: option.record('Their passwords, by name.', option.secret('A password.'), {}),
  },
  defaults: systemFiles,
  tasks: ({ vars, host }) => {
    const grafana =
      vars.grafana_repository === undefined
        ? []
        : [{ name: vars.grafana_name, upstream: grafanaListen, own_login: true }];
    const jupyter =
      vars.jupyter_packages === undefined
        ? []
        : [{ name: vars.jupyter_name, upstream: `unix:${jupyterSocket}`, own_login: false }];
    const interfaces = [...vars.web_interfaces, ...grafana, ...jupyter];
    for (const name of [vars.web_front_page, ...interfaces.map((one) => one.name)]) {
      if (!vars.certificate_names.includes(name)) {
        throw new PlayError(`${host.name}: nginx serves ${name}, for which there is no certificate`, {
          hint: 'Add it to certificate_names, beside web_interfaces.',
        });
      }
    }
    const site = (name: string) => ({ name, certificate: certificateOf(name), key: keyOf(name) });
    return [
      htpasswd(
        {
          path: passwordFile,
          // Who is taken off the list is out.
          exclusive: true,
          users: vars.monitoring_users.map(({ name }) => ({
            name,
            password: secretOf(host, passwordVariable(name), vars.monitoring_passwords[name], { shared: true }),
          })),
          owner: 'root',
          group: 'www-data',
          mode: '0640',
        },
        // nginx reads it anew for each request.
        { name: 'who may see the web interfaces', tags: 'htpasswd' },
      ),
      file({ path: frontPageFolder, state: 'directory' }, { name: 'folder for the front page' }),
      template(
        { src: 'index.html.hbs', dest: `${frontPageFolder}/index.html`, vars: { interfaces } },
        { name: 'front page' },
      ),
      template(
        {
          src: 'sites.conf.hbs',
          dest: '/etc/nginx/sites-enabled/10-monitoring.conf',
          vars: {
            password_file: passwordFile,
            front_page: { ...site(vars.web_front_page), root: frontPageFolder },
            interfaces: interfaces.map(({ name, upstream, own_login }) => ({ ...site(name), upstream, own_login })),
            // dehydrated has a site of its own there.
            answers_on_80: vars.acme_contact === undefined,
          },
        },
        { name: 'sites of nginx', notify: nginxChanged },
      ),
      systemd({ name: 'nginx', state: 'started', enabled: true }, { name: 'start nginx' }),
      openPort(host, { port: 443, why: 'nginx: web interfaces' }),
      ...(vars.acme_contact === undefined ? [openPort(host, { port: 80, why: 'nginx: the way to https' })] : []),
      ...(host.isSandbox
        ? [
            debug(
              { msg: howToGetIn(host, vars.web_front_page, vars.monitoring_users[0]?.name ?? '') },
              { name: 'how to get in' },
            ),
          ]
        : []),
    ];
  },
});

/** For who watches the throwaway host come up: the address is in `play sandbox list`. */
function howToGetIn(host: HostView, page: string, user: string): string {
  return `https://${page}/ asks for a password: that of "${user}" is in ${sandboxSecretFile(host, passwordVariable(user), { shared: true })}`;
}
