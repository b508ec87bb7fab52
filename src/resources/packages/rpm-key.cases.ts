import { predict } from '../../contract/index.ts';
import { fingerprintsOf } from '../../formats/openpgp-key.ts';
import { planCases, type HostDescription } from '../../testing/index.ts';
import { rpmKey } from './rpm-key.ts';
import { rpmKeys, type RpmKey } from './rpm-keys.probe.ts';

/** A packet of a public key (RFC 9580, 5.5.2), as short as can be. */
const packet = Buffer.from([0xc6, 6, 4, 0, 0, 0, 1, 1]);
const key = `-----BEGIN PGP PUBLIC KEY BLOCK-----\n\n${packet.toString('base64')}\n-----END PGP PUBLIC KEY BLOCK-----\n`;
const [fingerprint = ''] = fingerprintsOf(packet);
const other = 'A'.repeat(40);
const own: RpmKey = { package: 'gpg-pubkey-1-1', fingerprint };
const url = 'https://example.org/key.asc';

const host = (...keys: readonly RpmKey[]): HostDescription => ({
  paths: { '/etc/pki/key': { type: 'file', content: key } },
  answers: [predict(rpmKeys, keys)],
});
const changes = [`key ${fingerprint} trusted`];

export const cases = planCases(rpmKey, {
  'a key': {
    options: { key, fingerprint },
    host: host(),
    changes,
    steps: ['import the key'],
    result: { fingerprints: [fingerprint] },
  },
  'of a file on the host': {
    options: { key: '/etc/pki/key' },
    host: host(),
    changes,
    steps: ['import the key /etc/pki/key'],
  },
  'of an address': {
    options: { key: url, fingerprint: `${fingerprint.slice(0, 4)} ${fingerprint.slice(4).toLowerCase()}` },
    host: host(),
    changes,
    args: [[url, fingerprint]],
  },
  'trusted already': { options: { key }, host: host(own) },
  'another key': {
    options: { key: '/etc/pki/key', fingerprint: other },
    host: host(),
    fails: `the key /etc/pki/key is refused: it holds ${fingerprint}, which \`fingerprint\` does not name`,
  },
  'a file that is not there': {
    options: { key: '/etc/pki/none' },
    host: host(),
    fails: 'the key /etc/pki/none does not exist',
  },
  'no more': {
    options: { key, state: 'absent' },
    host: host(own, { package: 'gpg-pubkey-2-2', fingerprint: other }),
    changes: [`key ${fingerprint} absent`],
    args: [['gpg-pubkey-1-1']],
  },
  'no more, by its id': {
    options: { key: `0x${fingerprint.slice(-8).toLowerCase()}`, state: 'absent' },
    host: host(own),
    changes: [`key ${fingerprint} absent`],
  },
  'never was': { options: { key, state: 'absent' }, host: host() },
  'a host without rpm': {
    options: { key },
    host: { answers: [predict(rpmKeys, 'no rpm')] },
    fails: 'rpm is not installed',
    hint: "Install it first: apt({ name: 'rpm' })",
  },
  'an address alone': {
    options: { key: url },
    fails: 'rpmKey: a key at an address needs its `fingerprint`: nothing else shows that it is the right one',
  },
  'trusted by its id': {
    options: { key: 'DEADBEEF' },
    fails: 'rpmKey: an id is not enough to trust a key: give the key, or its file',
  },
});
