import { defineRole, file, systemd, template, systemFiles } from 'play';
import { certificateOf, keyOf } from 'play/roles/certificates';
import { hasInternalCertificate, internalAuthority, internalFiles } from 'play/roles/internal_certificate';
import { openPort } from 'play/roles/nftables';
import { nginxChanged } from 'play/roles/nginx';
import { apiVariables } from '../ooni_api/vars.ts';

/** Where the deployer puts its badges. */
const badges = '/var/www/package_badges';
const cacheFolder = '/var/cache/nginx/ooni-api';
export const apiSite = defineRole(import.meta, {
  description: "The API's site in nginx: one template for all stages, what differs is said by variables.",
  vars: {
    api_names: apiVariables.api_names,
    api_cache: apiVariables.api_cache,
    metrics_open_to: apiVariables.metrics_open_to,
    certificate_names: apiVariables.certificate_names,
    certificate_also: apiVariables.certificate_also,
    internal_ca_certificate: internalAuthority,
  },
  defaults: systemFiles,
  tasks({ vars, host }) {
    const [first = ''] = vars.certificate_names;
    const names = vars.api_names ?? [first, ...(vars.certificate_also[first] ?? [])];
    // Metrics go to who shows a certificate of our own authority; where there is none, the port stays shut.
    const hasMetrics = hasInternalCertificate(host, vars.internal_ca_certificate);
    return [
      file({ path: badges, state: 'directory' }, { name: 'folder for badges' }),
      ...(vars.api_cache
        ? [
            file(
              { path: cacheFolder, state: 'directory', owner: 'www-data', group: 'root', mode: '0700' },
              { name: 'folder for the cache of nginx' },
            ),
          ]
        : []),
      template(
        {
          src: 'api.conf.hbs',
          dest: '/etc/nginx/sites-enabled/10-ooni-api.conf',
          vars: {
            names,
            badges,
            cache_folder: cacheFolder,
            certificate: certificateOf(first),
            key: keyOf(first),
            metrics: hasMetrics ? internalFiles : null,
          },
        },
        { name: 'site of the API', tags: 'conf', notify: nginxChanged },
      ),
      systemd({ name: 'nginx', state: 'started', enabled: true }, { name: 'start nginx' }),
      openPort(host, { port: 443, why: 'nginx: the API' }),
      ...(hasMetrics && vars.metrics_open_to.length > 0
        ? [openPort(host, { port: 9443, why: 'nginx: metrics of the API', from: vars.metrics_open_to })]
        : []),
    ];
  },
});
