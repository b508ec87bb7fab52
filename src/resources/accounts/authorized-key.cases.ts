import { predict } from '../../contract/index.ts';
import { aclEntries } from '../../probes/index.ts';
import { planCases, type HostDescription } from '../../testing/index.ts';
import { authorizedKey } from './authorized-key.ts';

const type = 'ssh-ed25519';
/** A key in the form of RFC 8709. */
function keyOf(fill: number): string {
  const part = (bytes: Buffer): Buffer => Buffer.concat([Buffer.from([0, 0, 0, bytes.length]), bytes]);
  return `${type} ${Buffer.concat([part(Buffer.from(type)), part(Buffer.alloc(32, fill))]).toString('base64')}`;
}
const [key, other] = [keyOf(1), keyOf(2)];
const user = 'app';
const file = '/home/app/.ssh/authorized_keys';
const app = { users: [{ name: user, uid: 1000 }], groups: [{ name: user, gid: 1000 }] };
const theirs = { owner: user, group: user };
const home: HostDescription = { ...app, paths: { '/home/app': { type: 'directory', ...theirs } } };
const has = (content: string): HostDescription => ({
  ...app,
  paths: {
    '/home/app': { type: 'directory', ...theirs },
    '/home/app/.ssh': { type: 'directory', mode: '0700', ...theirs },
    [file]: { type: 'file', content, mode: '0600', ...theirs },
  },
});
const edited = (text: string) => ({ changes: ['content'], writes: { [file]: text } });

export const cases = planCases(authorizedKey, {
  'a home that its user may not enter': {
    options: { user, key },
    host: {
      ...app,
      paths: {
        '/home/app': { type: 'directory', mode: '0750' },
        '/home/app/.ssh': { type: 'directory', mode: '0700', ...theirs },
      },
    },
    fails: `app may not enter /home/app, but ${file} is changed with the rights of app`,
    hint: "Make them its owner: file({ path: '/home/app', owner: 'app' })",
  },
  'a home that its user may enter by an access control list': {
    options: { user, key },
    host: {
      ...app,
      paths: {
        '/home/app': { type: 'directory', mode: '0750' },
        '/home/app/.ssh': { type: 'directory', mode: '0700', ...theirs },
      },
      answers: [
        predict(aclEntries('/home/app'), [
          { isDefault: false, type: 'user', name: user, id: '1000', permissions: 5 },
          { isDefault: false, type: 'mask', name: '', id: '', permissions: 5 },
        ]),
      ],
    },
    changes: ['content new file', 'owner app', 'group app', 'mode 0600'],
  },
  'the first key, with file and folder': {
    options: { user, key: `${key} alice@laptop` },
    host: home,
    changes: [
      'state absent -> directory',
      'owner app',
      'group app',
      'mode 0700',
      'content new file',
      'owner app',
      'group app',
      'mode 0600',
    ],
    writes: { [file]: `${key} alice@laptop\n` },
    result: { path: file },
  },
  'one more': { options: { user, key }, host: has(`${other}\n`), ...edited(`${other}\n${key}\n`) },
  'right already': { options: { user, key }, host: has(`${key} alice\n`), result: { path: file } },
  'a comment is kept where none is given': { options: { user, key }, host: has(`${key} alice\n`) },
  'another comment': {
    options: { user, key, comment: 'bob' },
    host: has(`${key} alice\n`),
    ...edited(`${key} bob\n`),
  },
  'options before the key': {
    options: { user, key, keyOptions: 'no-pty,from="10.0.0.*, x"' },
    host: has(`${key} alice\n`),
    ...edited(`no-pty,from="10.0.0.*, x" ${key} alice\n`),
  },
  'options that are not given go': {
    options: { user, key },
    host: has(`no-pty ${key}\n`),
    ...edited(`${key}\n`),
  },
  'several keys, as in a file': {
    options: { user, key: `# admins\n${key}\n\n${other}\n` },
    host: has(''),
    ...edited(`${key}\n${other}\n`),
  },
  'all other keys go, comments stay': {
    options: { user, key, exclusive: true },
    host: has(`# keys\n${other}\n${key}\n`),
    ...edited(`# keys\n${key}\n`),
  },
  'no key at all': { options: { user, key: [], exclusive: true }, host: has(`${other}\n`), ...edited('') },
  'a key goes, whatever its options': {
    options: { user, key, state: 'absent' },
    host: has(`no-pty ${key} x\n${other}\n`),
    ...edited(`${other}\n`),
  },
  'a key is gone already': { options: { user, key, state: 'absent' }, host: has(`${other}\n`) },
  'no file to remove it from': { options: { user, key, state: 'absent' }, host: home },
  'of a user who is gone no key has to go': { options: { user, key, state: 'absent' } },
  'a last line without its end': { options: { user, key }, host: has(other), ...edited(`${other}\n${key}\n`) },
  'a file and folder that are open to others': {
    options: { user, key },
    host: {
      ...app,
      paths: {
        '/home/app': { type: 'directory', ...theirs },
        '/home/app/.ssh': { type: 'directory', ...theirs },
        [file]: { type: 'file', content: `${key}\n`, mode: '0666', ...theirs },
      },
    },
    changes: ['mode 0755 -> 0700', 'mode 0666 -> 0600'],
  },
  'a file that is root’s': {
    options: { user, key, path: '/etc/ssh/keys/app', manageDir: false },
    host: { ...home, paths: { '/etc/ssh/keys/app': { type: 'file', content: '' } } },
    changes: ['content', 'owner root -> app', 'group root -> app', 'mode 0644 -> 0600'],
    writes: { '/etc/ssh/keys/app': `${key}\n` },
  },
  'a folder that the user made a link': {
    options: { user, key },
    host: {
      ...app,
      paths: {
        '/home/app': { type: 'directory', ...theirs },
        '/home/app/.ssh': { type: 'link', target: '/root/.ssh', ...theirs },
        '/root/.ssh': { type: 'directory', mode: '0700' },
      },
    },
    fails: '/home/app/.ssh is a symbolic link, which app can point anywhere',
    hint: 'Remove it, or leave the folder to the user with `manageDir: false`.',
  },
  'a file that the user made a link to what is not theirs': {
    options: { user, key, manageDir: false },
    host: {
      ...app,
      paths: {
        '/home/app/.ssh': { type: 'directory', mode: '0700', ...theirs },
        [file]: { type: 'link', target: '/etc/shadow', ...theirs },
        '/etc/shadow': { type: 'file', content: '' },
      },
    },
    fails: `${file} is a symbolic link of app to /etc/shadow, which is not theirs`,
    hint: 'Remove it.',
  },
  'a user who does not exist': {
    options: { user, key },
    fails: 'there is no user app on this host',
    hint: "Make it first: user({ name: 'app' })",
  },
  'a user that a command may make': {
    options: { user, key },
    behind: { command: true },
    may: 'there is no user app on this host yet ("a command" runs before)',
  },
  'what is no key': {
    options: { user, key: 'alice@laptop' },
    fails: 'authorizedKey: this is not a public key: alice@laptop',
  },
  'a key that lost letters': {
    options: { user, key: key.slice(0, 40) },
    fails: `authorizedKey: this is not a public key: ${key.slice(0, 40)}`,
  },
  'a private key': {
    options: { user, key: '-----BEGIN OPENSSH PRIVATE KEY-----' },
    fails: 'authorizedKey: this is not a public key: -----BEGIN OPENSSH PRIVATE KEY-----',
  },
  'an address': {
    options: { user, key: 'https://github.com/alice.keys' },
    fails:
      'authorizedKey: keys are not fetched from https://github.com/alice.keys during a run: put them into the repository',
  },
  'nothing': { options: { user, key: '' }, fails: 'authorizedKey: `key` holds no key' },
});
