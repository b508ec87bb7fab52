import { apt, copy, defineRole, file, handler, systemd, template, user, v } from 'play';
import { secretOf, secretVariable } from '../ooni/secrets.ts';
import { onionKey, throwawayKey } from './onion-key.ts';

const daemon = 'tor@default';
const restart = handler('restart tor', () => systemd({ name: daemon, state: 'restarted' }));
const data = '/var/lib/tor';
const torrc = '/etc/tor/torrc';
const ownedByTor = { owner: 'debian-tor', group: 'debian-tor' };

const onion = v.strictObject({
  name: v.pipe(
    v.string(),
    v.regex(/^[a-z0-9_]+$/, 'must be of small letters, digits and "_"'),
    v.description('What the service is called here; its folder has the name too.'),
  ),
  port: v.optional(
    v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(65_535), v.description('The port of the onion address.')),
    80,
  ),
  to: v.pipe(v.string(), v.regex(/^[\w.:[\]-]+:\d+$/, 'must be HOST:PORT'), v.description('Where requests go.')),
  key: secretVariable('Its key: hs_ed25519_secret_key in base64. Whoever has it is the service.'),
});

/**
 * Onion services whose addresses are known to others: the operator gives their keys, tor makes the addresses of them
 * and writes each into its service's `hostname`. Without `tor_onions` there is no tor.
 */
export const torOnions = defineRole({
  name: 'tor_onions',
  dir: import.meta.dirname,
  vars: {
    tor_onions: v.optional(
      v.pipe(
        v.array(onion),
        v.description(
          'Onion services: name, port, where to; the key from a vault file or TOR_ONION_KEY_<NAME>_<HOST>.',
        ),
      ),
      [],
    ),
  },
  // Not reloaded: a service that is there keeps the key it has.
  handlers: [restart],
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
            content: onionKey(secretOf(host, `tor_onion_key_${name}`, key, throwawayKey)),
            encoding: 'base64',
            dest: `${folderOf(name)}/hs_ed25519_secret_key`,
            ...ownedByTor,
            mode: '0600',
          },
          { name: `key of the onion service ${name}`, notify: restart },
        ),
      ]),
      apt({ name: 'tor', installRecommends: false }, { name: 'install tor' }),
      template(
        {
          src: 'torrc.hbs',
          dest: torrc,
          owner: 'root',
          group: 'root',
          mode: '0644',
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
