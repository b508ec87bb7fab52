import { apt, copy, defineRole, file, handler, option, systemd, systemdUnit, systemFiles, template, v } from 'play';
import { certificateFolder, certificatesOf, certificateVariables } from 'play/roles/certificates';
import { openPort } from 'play/roles/nftables';
import { nginxChanged } from 'play/roles/nginx';

const challenges = '/var/lib/dehydrated/acme-challenges';
const timer = 'dehydrated.timer';
const askSoon = handler('ask the authority soon', () => systemd({ name: timer, state: 'restarted' }));

/** Certificates of a public authority (ACME), by dehydrated. */
export const dehydrated = defineRole(import.meta, {
  description:
    "Certificates from a public authority such as Let's Encrypt, with dehydrated. List it after `nftables`, `nginx` and `certificates`: the self-signed ones are used until the authority has answered. A timer asks it, a minute after setup or a change of names, and twice a day; no run waits for it.",
  vars: {
    acme_contact: v.optional(
      option.text('Mail address given to the authority. Absent: no certificates from an authority.', v.email()),
    ),
    acme_directory: option.text('The authority: a URL, or a name dehydrated knows.', 'letsencrypt'),
    ...certificateVariables,
  },
  defaults: { ...systemFiles, installRecommends: false },
  tasks({ vars, host }) {
    if (vars.acme_contact === undefined) return [];
    const lines = certificatesOf(vars, host).map(({ names }) => `${names.join(' ')}\n`);
    return [
      apt({ name: ['dehydrated', 'curl'] }),
      file({ path: '/etc/dehydrated/conf.d', state: 'directory' }),
      file({ path: challenges, state: 'directory' }),
      template(
        {
          src: 'settings.sh.hbs',
          dest: '/etc/dehydrated/conf.d/local.sh',
          validate: 'bash -n %s',
          vars: { challenges },
        },
        { notify: askSoon },
      ),
      // One certificate a line.
      copy({ content: lines.join(''), dest: '/etc/dehydrated/domains.txt' }, { notify: askSoon }),
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
        { src: 'site.conf.hbs', dest: '/etc/nginx/sites-enabled/00-acme.conf', vars: { challenges } },
        { name: 'site that answers the authority', notify: nginxChanged },
      ),
      systemd({ name: 'nginx', state: 'started', enabled: true }),
      openPort(host, { port: 80, why: 'nginx: answers to the certificate authority, and the way to https' }),
      systemdUnit({
        name: 'dehydrated.service',
        sections: {
          Unit: {
            Description: 'Certificates of a public authority',
            After: 'network-online.target nginx.service',
            Wants: 'network-online.target',
          },
          // Registering once more does nothing and succeeds.
          Service: {
            Type: 'oneshot',
            ExecStartPre: '/usr/bin/dehydrated --register --accept-terms',
            ExecStart: '/usr/bin/dehydrated --cron --keep-going',
          },
        },
      }),
      systemdUnit({
        name: timer,
        sections: {
          Unit: { Description: 'Ask the authority for certificates' },
          Timer: { OnActiveSec: '1min', OnCalendar: `*-*-* 03,15:${minuteOf(host.name)}`, Persistent: true },
          Install: { WantedBy: 'timers.target' },
        },
      }),
      systemd({ name: timer, state: 'started', enabled: true }),
    ];
  },
});

/** Spreads hosts over the hour. RandomizedDelaySec= would also delay the first time. */
function minuteOf(name: string): string {
  const minute = [...name].reduce((sum, letter) => (sum * 31 + (letter.codePointAt(0) ?? 0)) % 60, 0);
  return String(minute).padStart(2, '0');
}
