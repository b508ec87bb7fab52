import { predict } from '../../contract/index.ts';
import { fingerprintsOf } from '../../formats/openpgp-key.ts';
import { planCases, type HostDescription, type PathEntry } from '../../testing/index.ts';
import { aptHost } from './apt-host.probe.ts';
import { aptRepository } from './apt-repository.ts';
import type { SourceAnswer } from './apt-source.probe.ts';

const file = '/etc/apt/sources.list.d/app.sources';
const keyFile = '/etc/apt/keyrings/app.gpg';
/** The shortest key there is: one packet with nothing that could be used. */
const key = Buffer.from([0x98, 3, 4, 0, 0]);
const [fingerprint = ''] = fingerprintsOf(key);

const fine: SourceAnswer = { is: 'fine' };
const having = (paths: Record<string, PathEntry> = {}, answer: SourceAnswer = fine): HostDescription => ({
  paths: { '/etc/apt/sources.list.d': { type: 'directory' }, ...paths },
  answers: [predict(aptHost, { listsAge: 60, refreshed: false, planned: [] })],
  answersOfKind: { 'apt-source': () => answer },
});
const source = (content: string): Record<string, PathEntry> => ({ [file]: { type: 'file', content } });
const app = { name: 'app', uris: 'https://deb.example.org', suites: 'stable', components: 'main' };
const text = 'Types: deb\nURIs: https://deb.example.org\nSuites: stable\nComponents: main\n';

export const cases = planCases(aptRepository, {
  'a new source: read beside all others, put in place, its lists fetched': {
    options: app,
    host: having(),
    changes: ['content new file'],
    writes: { [file]: text },
    result: { path: file },
  },
  'right already': { options: app, host: having(source(text)), result: { path: file } },
  'another suite': {
    options: { ...app, suites: ['stable', 'testing'] },
    host: having(source(text)),
    changes: ['content'],
    writes: { [file]: text.replace('stable', 'stable testing') },
  },
  'switched off, for other architectures': {
    options: { ...app, enabled: false, architectures: ['amd64', 'arm64'] },
    host: having(source(text)),
    changes: ['content'],
    writes: { [file]: `${text}Architectures: amd64 arm64\nEnabled: no\n` },
  },
  'a key of the role, its folder made': {
    options: { ...app, signedBy: 'app.gpg', fingerprint },
    role: { 'files/app.gpg': key },
    host: having(),
    changes: ['/etc/apt/keyrings absent -> directory', 'content new file', 'content new file'],
    writes: { [keyFile]: key.toString(), [file]: `${text}Signed-By: ${keyFile}\n` },
  },
  'another key than the wanted one': {
    options: { ...app, signedBy: 'app.gpg', fingerprint: '0'.repeat(40) },
    role: { 'files/app.gpg': key },
    fails:
      `aptRepository app: the key in \`signedBy\` is refused: it holds ${fingerprint}, ` +
      'which `fingerprint` does not name',
  },
  'something that is no key': {
    options: { ...app, signedBy: 'app.gpg' },
    role: { 'files/app.gpg': 'hello' },
    fails: 'aptRepository app: the key in `signedBy` is refused: it is no OpenPGP key',
  },
  'a key on the host': {
    options: { ...app, signedBy: '/usr/share/keyrings/app.gpg', fingerprint },
    host: having({ '/usr/share/keyrings/app.gpg': { type: 'file', content: key } }),
    changes: ['content new file'],
    writes: { [file]: `${text}Signed-By: /usr/share/keyrings/app.gpg\n` },
  },
  'another key on the host than the wanted one': {
    options: { ...app, signedBy: '/usr/share/keyrings/app.gpg', fingerprint: '0'.repeat(40) },
    host: having({ '/usr/share/keyrings/app.gpg': { type: 'file', content: key } }),
    fails: `the key /usr/share/keyrings/app.gpg is refused: it holds ${fingerprint}, which \`fingerprint\` does not name`,
  },
  'a key on the host that is not there': {
    options: { ...app, signedBy: '/usr/share/keyrings/app.gpg' },
    host: having(),
    fails: 'the key /usr/share/keyrings/app.gpg does not exist',
  },
  'a key that a command may bring': {
    options: { ...app, signedBy: '/usr/share/keyrings/app.gpg' },
    host: having(),
    behind: { command: true },
    may: 'the key /usr/share/keyrings/app.gpg does not exist yet ("a command" runs before)',
  },
  'removed, and the key that came with it': {
    options: { name: 'app', state: 'absent' },
    host: having({ ...source(text), [keyFile]: { type: 'file', content: key } }),
    changes: ['state file -> absent', 'state file -> absent'],
    steps: [`remove ${file}`, `remove ${keyFile}`],
  },
  'removed already': { options: { name: 'app', state: 'absent' }, host: having() },
  'at odds with another source, in check mode': {
    options: app,
    host: having({}, { is: 'at odds', said: 'Conflicting values set for option Signed-By' }),
    behind: {},
    changes: ['content new file'],
    fails: 'apt could no longer read its sources with app among them',
    hint:
      'Conflicting values set for option Signed-By\n' +
      'Nothing was changed. Remove the other source of that repository, or let both say the same.',
  },
  'lists that cannot be fetched, in check mode': {
    options: { ...app, uris: 'file:/srv/repo' },
    host: having({}, { is: 'not fetched', said: 'E: File not found' }),
    behind: {},
    changes: ['content new file'],
    fails: 'Could not fetch the lists of app',
    hint: 'E: File not found',
  },
  'lists that a command may put there': {
    options: { ...app, uris: 'file:/srv/repo' },
    host: having({}, { is: 'not fetched', said: 'E: File not found' }),
    behind: { command: true },
    changes: ['content new file'],
    may: 'its lists cannot be fetched now (E: File not found), but "a command" runs before',
  },
  'a short fingerprint can be forged': {
    options: { ...app, signedBy: 'app.gpg', fingerprint: '10458545' },
    role: { 'files/app.gpg': key },
    fails:
      'aptRepository: option "fingerprint" is "10458545" (a string), but ' +
      'must be a whole fingerprint, 40 hex digits; short ones can be forged',
  },
  'a flat repository has no components': {
    options: { ...app, suites: './' },
    fails: 'aptRepository: a suite that ends in "/" has no `components` (sources.list(5))',
  },
  'no components': {
    options: { name: 'app', uris: 'https://deb.example.org', suites: 'stable' },
    fails: 'aptRepository: give the `components`, such as main',
  },
});
