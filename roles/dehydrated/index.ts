import { apt, defineRole, file, systemd, systemdUnit, template, v, option, systemFiles } from 'play';
import { openPort } from 'play/roles/nftables';
import { nginxChanged } from 'play/roles/nginx';
import { certificateFolder } from '../certificates/paths.ts';

const challenges = '/var/lib/dehydrated/acme-challenges';
/**
 * Certificates of a public authority, by dehydrated. List it after `certificates`, whose certificates signed by
 * themselves stand until the authority has answered: nginx comes up without it, and where it cannot be reached they
 * stay. Asking is the timer's work, a minute after it was set up and twice a day; a run of this role never waits for
 * it.
 */
export const dehydrated = defineRole(import.meta, {
  vars: {
    acme_contact: v.optional(
      option.text(
        'Who is told when a certificate is about to end. Absent: no certificates of an authority.',
        v.email(),
      ),
    ),
    acme_directory: option.text('The authority: a URL, or a name dehydrated knows.', 'letsencrypt'),
    certificate_names: v.array(v.string()),
    certificate_also: v.optional(v.record(v.string(), v.array(v.string())), {}),
  },
  defaults: { ...systemFiles, installRecommends: false },
  tasks({ vars, host }) {
    if (vars.acme_contact === undefined) return [];
    return [
      apt({ name: ['dehydrated', 'curl'] }, { name: 'install dehydrated' }),
      file({ path: '/etc/dehydrated/conf.d', state: 'directory' }, { name: 'folder for settings of dehydrated' }),
      file({ path: challenges, state: 'directory' }, { name: 'folder for answers to the authority' }),
      template(
        {
          src: 'settings.sh.hbs',
          dest: '/etc/dehydrated/conf.d/ooni.sh',
          validate: 'bash -n %s',
          vars: { challenges },
        },
        { name: 'settings of dehydrated' },
      ),
      template(
        {
          src: 'domains.txt.hbs',
          dest: '/etc/dehydrated/domains.txt',
          vars: { lines: vars.certificate_names.map((name) => [name, ...(vars.certificate_also[name] ?? [])]) },
        },
        { name: 'names that get a certificate' },
      ),
      template(
        {
          src: 'hook.sh.hbs',
          dest: '/etc/dehydrated/hook.sh',
          mode: '0755',
          validate: 'bash -n %s',
          vars: { folder: certificateFolder },
        },
        { name: 'what is done with a new certificate' },
      ),
      template(
        {
          src: 'site.conf.hbs',
          dest: '/etc/nginx/sites-enabled/00-acme.conf',
          vars: { challenges },
        },
        { name: 'site that answers the authority', notify: nginxChanged },
      ),
      openPort(host, { port: 80, why: 'nginx: answers to the certificate authority, and the way to https' }),
      systemdUnit(
        {
          name: 'dehydrated.service',
          sections: {
            Unit: {
              Description: 'Certificates of a public authority',
              After: 'network-online.target nginx.service',
              Wants: 'network-online.target',
            },
            // Registering again is told, not wrong.
            Service: {
              Type: 'oneshot',
              ExecStartPre: '/usr/bin/dehydrated --register --accept-terms',
              ExecStart: '/usr/bin/dehydrated --cron --keep-going',
            },
          },
        },
        { name: 'service that asks the authority' },
      ),
      systemdUnit(
        {
          name: 'dehydrated.timer',
          sections: {
            Unit: { Description: 'Ask the authority for certificates' },
            Timer: { OnActiveSec: '1min', OnCalendar: '*-*-* 03,15:00', RandomizedDelaySec: '1h', Persistent: true },
            Install: { WantedBy: 'timers.target' },
          },
        },
        { name: 'timer that asks the authority' },
      ),
      systemd({ name: 'dehydrated.timer', state: 'started', enabled: true }, { name: 'start asking the authority' }),
    ];
  },
});
