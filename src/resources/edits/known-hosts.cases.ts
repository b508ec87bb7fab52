import { createHmac } from 'node:crypto';
import { planCases, type HostDescription } from '../../testing/index.ts';
import { knownHosts } from './known-hosts.ts';

const name = 'git.example.org';
const path = '/etc/ssh/ssh_known_hosts';
const type = 'ssh-ed25519';
/** A key in the form of RFC 8709. */
function keyOf(fill: number): string {
  const part = (bytes: Buffer): Buffer => Buffer.concat([Buffer.from([0, 0, 0, bytes.length]), bytes]);
  return `${type} ${Buffer.concat([part(Buffer.from(type)), part(Buffer.alloc(32, fill))]).toString('base64')}`;
}
const [key, other] = [keyOf(1), keyOf(2)];
const has = (content: string): HostDescription => ({ paths: { [path]: { type: 'file', content } } });
const edited = (text: string) => ({ changes: ['content'], writes: { [path]: text } });
const salt = Buffer.alloc(20, 7);
const hashed = `|1|${salt.toString('base64')}|${createHmac('sha1', salt).update(name).digest('base64')}`;
const app: HostDescription = {
  users: [{ name: 'app', uid: 1000 }],
  groups: [{ name: 'app', gid: 1000 }],
  paths: { '/home/app': { type: 'directory', owner: 'app', group: 'app' } },
};

export const cases = planCases(knownHosts, {
  'a new key': { options: { name, key, path }, host: has(''), ...edited(`${name} ${key}\n`) },
  'right already': { options: { name, key, path }, host: has(`${name} ${key}\n`), result: { path } },
  'as ssh-keyscan prints it, with a comment': {
    options: { name, key: `# ${name}:22 SSH-2.0-OpenSSH\n${name} ${key}\n`, path },
    host: has(`${name} ${key}\n`),
  },
  'another key of the type is replaced': {
    options: { name, key, path },
    host: has(`a.example.org ${other}\n${name} ${other}\n`),
    ...edited(`a.example.org ${other}\n${name} ${key}\n`),
  },
  'other names on its line keep the old key': {
    options: { name, key, path },
    host: has(`${name},10.0.0.5 ${other}\n`),
    ...edited(`10.0.0.5 ${other}\n${name} ${key}\n`),
  },
  'a hashed name is found, and written plainly': {
    options: { name, key, path },
    host: has(`${hashed} ${key}\n`),
    ...edited(`${name} ${key}\n`),
  },
  'a hashed name that shall be one': { options: { name, key, path, hashHost: true }, host: has(`${hashed} ${key}\n`) },
  'large letters of a name mean the same': {
    options: { name: 'Git.Example.org', key, path },
    host: has(`${name} ${key}\n`),
  },
  'another port': {
    options: { name: '[10.0.0.5]:2222', key, path },
    host: has(`10.0.0.5 ${other}\n`),
    ...edited(`10.0.0.5 ${other}\n[10.0.0.5]:2222 ${key}\n`),
  },
  'a host goes': {
    options: { name, path, state: 'absent' },
    host: has(`a ${other}\n${name} ${key}\n`),
    ...edited(`a ${other}\n`),
  },
  'nothing to remove': { options: { name, path, state: 'absent' }, host: has(`a ${other}\n`) },
  'no file to remove it from': { options: { name, path, state: 'absent' } },
  'a last line without its end': {
    options: { name, key, path },
    host: has(`a ${other}`),
    ...edited(`a ${other}\n${name} ${key}\n`),
  },
  'in the home of who the task works as, with the folder': {
    options: { name, key },
    host: { ...app, as: 'app' },
    changes: ['/home/app/.ssh absent -> directory', 'mode of /home/app/.ssh 0700', 'content new file'],
    writes: { '/home/app/.ssh/known_hosts': `${name} ${key}\n` },
  },
  'a folder that was given is not made': {
    options: { name, key, path },
    fails: 'the directory /etc/ssh does not exist',
    hint: "Make it first: file({ path: '/etc/ssh', state: 'directory' })",
  },
  'a key of another host': {
    options: { name, key: `a.example.org ${key}`, path },
    fails: `knownHosts: this key belongs to a.example.org, not to ${name}`,
  },
  'no key at all': { options: { name, path }, fails: "knownHosts: give the host's `key`" },
  'what is no key': {
    options: { name, key: 'ssh-rsa AAAA', path },
    fails: 'knownHosts: this is not a host key: ssh-rsa AAAA',
  },
  'a key that lost letters': {
    options: { name, key: key.slice(0, 40), path },
    fails: `knownHosts: this is not a host key: ${key.slice(0, 40)}`,
  },
  'a name with a wildcard': {
    options: { name: '*.example.org', key, path },
    fails:
      'knownHosts: option "name" is "*.example.org" (a string), but must be one name or address, without blanks, commas and wildcards',
  },
});
