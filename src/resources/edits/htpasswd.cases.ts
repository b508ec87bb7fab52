import { genSaltSync, hashSync } from 'bcryptjs';
import { Secret } from '../../secrets/index.ts';
import { planCases, type HostDescription } from '../../testing/index.ts';
import { htpasswd } from './htpasswd.ts';

const path = '/etc/nginx/htpasswd';
const folder: HostDescription = { paths: { '/etc/nginx': { type: 'directory' } } };
const has = (content: string): HostDescription => ({ paths: { [path]: { type: 'file', content } } });
const alice = { name: 'alice', password: new Secret('s3cret-alice') };
const hash = hashSync('s3cret-alice', genSaltSync(4));
const users = { path, users: [alice], cost: 4 };

export const cases = planCases(htpasswd, {
  'a new file': {
    options: { ...users, mode: '0640' },
    host: folder,
    changes: ['content new file', 'user alice added', 'mode 0640'],
    steps: ['write /etc/nginx/htpasswd'],
    result: { path },
  },
  'no hash is shown': { options: users, host: has(''), changes: ['user alice added'], writes: {} },
  'right already': { options: users, host: has(`alice:${hash}\n`), result: { path } },
  'a right hash of another cost is kept': { options: { ...users, cost: 5 }, host: has(`alice:${hash}\n`) },
  'right already, without an end of the last line': { options: users, host: has(`alice:${hash}`) },
  'another password': {
    options: { path, users: [{ name: 'alice', password: new Secret('s3cret-other') }], cost: 4 },
    host: has(`alice:${hash}\n`),
    changes: ['user alice new password'],
  },
  'a weak hash is replaced': {
    options: users,
    host: has('alice:$apr1$x$y\n'),
    changes: ['user alice new password'],
  },
  'others stay': { options: users, host: has(`bob:x\nalice:${hash}\n`) },
  'others go': {
    options: { ...users, exclusive: true },
    host: has(`# people\nbob:x\nalice:${hash}\n`),
    changes: ['user bob removed'],
  },
  'nobody': {
    options: { path, users: [], exclusive: true },
    host: has('bob:x\n'),
    changes: ['user bob removed'],
  },
  'a second line of a user goes': {
    options: users,
    host: has(`alice:${hash}\nalice:old\n`),
    changes: ['user alice removed'],
  },
  'a group that does not exist': {
    options: { ...users, group: 'www-data' },
    host: folder,
    fails: 'there is no group www-data on this host',
    hint: "Make it first: group({ name: 'www-data' })",
  },
  'the folder is missing': {
    options: users,
    fails: 'the directory /etc/nginx does not exist',
    hint: "Make it first: file({ path: '/etc/nginx', state: 'directory' })",
  },
  'a directory': {
    options: users,
    host: { paths: { [path]: { type: 'directory' } } },
    fails: '/etc/nginx/htpasswd is a directory',
  },
  'a password that bcrypt would cut off': {
    options: { path, users: [{ name: 'alice', password: new Secret('x'.repeat(73)) }] },
    host: folder,
    fails: 'the password of "alice" has more than 72 bytes, and bcrypt ignores the rest',
  },
  'a user twice': {
    options: { path, users: [alice, alice] },
    fails: 'htpasswd: the user "alice" is listed twice',
  },
});
