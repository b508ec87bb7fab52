import { apt, copy, defineRole, file, handler, systemd, template, user, v, secretOf, option, systemFiles } from 'play';
import { onionKey, throwawayKey } from './onion-key.ts';

const daemon = 'tor@default';
const restart = handler('restart tor', () => systemd({ name: daemon, state: 'restarted' }));
const data = '/var/lib/tor';
const torrc = '/etc/tor/torrc';
const ownedByTor = { owner: 'debian-tor', group: 'debian-tor' };

const onion = v.strictObject({
  name: option.text(
    'What the service is called here; its folder has the name too.',
    v.regex(/^[a-z0-9_]+$/, 'must be of small letters, digits and "_"'),
  ),
  port: option.port('The port of the onion address.', 80),
  to: option.text('Where requests go.', v.regex(/^[\w.:[\]-]+:\d+$/, 'must be HOST:PORT')),
  key: v.optional(option.secret('Its key: hs_ed25519_secret_key in base64. Whoever has it is the service.')),
});

/** Without `tor_onions` there is no tor. */
export const torOnions = defineRole(import.meta, {
  description:
    "Onion services whose addresses are known to others: the operator gives their keys, tor makes the addresses of them and writes each into its service's `hostname`.",
  vars: {
    tor_onions: option.list(
      'Onion services: name, port, where to; the key from a vault file or TOR_ONION_KEY_<NAME>_<HOST>.',
      onion,
      [],
    ),
  },
  // Not reloaded: a service that is there keeps the key it has.
  defaults: { ...systemFiles, installRecommends: false },
  tasks({ vars, host }) {
    if (vars.tor_onions.length === 0) return [];
    const folderOf = (name: string): string => `${data}/ooni_${name}`;
    return [
      // As the package makes them, whose service so finds its keys when it starts first.
      user(
        { name: 'debian-tor', system: true, home: data, createHome: false, shell: '/bin/false' },
        { name: 'user of tor' },
      ),
      // Debian's set-group-ID bit: its package and its unit set it again.
      file({ path: data, state: 'directory', ...ownedByTor, mode: '2700' }, { name: 'folder of tor' }),
      ...vars.tor_onions.flatMap(({ name, key }) => [
        // tor refuses a folder or key that others may look into.
        file(
          { path: folderOf(name), state: 'directory', ...ownedByTor, mode: '2700' },
          { name: `folder of the onion service ${name}` },
        ),
        copy(
          {
            content: onionKey(secretOf(host, `tor_onion_key_${name}`, key, { make: throwawayKey })),
            encoding: 'base64',
            dest: `${folderOf(name)}/hs_ed25519_secret_key`,
            ...ownedByTor,
            mode: '0600',
          },
          { name: `key of the onion service ${name}`, notify: restart },
        ),
      ]),
      apt({ name: 'tor' }, { name: 'install tor' }),
      template(
        {
          src: 'torrc.hbs',
          dest: torrc,
          // As its unit does before it starts it.
          validate: 'tor --defaults-torrc /usr/share/tor/tor-service-defaults-torrc -f %s --verify-config',
          vars: { services: vars.tor_onions.map(({ name, port, to }) => ({ folder: folderOf(name), port, to })) },
        },
        { name: 'configuration of tor', tags: 'conf', notify: restart },
      ),
      systemd({ name: daemon, state: 'started' }, { name: 'start tor' }),
      systemd({ name: 'tor', enabled: true }, { name: 'start tor at boot' }),
    ];
  },
});
