import { Secret } from '../../secrets/index.ts';
import { planCases, type HostDescription } from '../../testing/index.ts';
import { yumRepository } from './yum-repository.ts';

const path = '/etc/yum.repos.d/epel.repo';
const options = {
  name: 'epel',
  description: 'EPEL 9',
  baseurl: ['https://a.example.org/', 'https://b.example.org/'],
  gpgcheck: true,
  gpgkey: 'file:///etc/pki/rpm-gpg/EPEL',
};
const text = `[epel]
name = EPEL 9
baseurl = https://a.example.org/ https://b.example.org/
gpgcheck = 1
gpgkey = file:///etc/pki/rpm-gpg/EPEL
`;
const host = (content?: string): HostDescription => ({
  paths: {
    '/etc/yum.repos.d': { type: 'directory' },
    ...(content === undefined ? {} : { [path]: { type: 'file', content, mode: '0644' } }),
  },
});

export const cases = planCases(yumRepository, {
  'a new one': {
    options,
    host: host(),
    changes: ['content new file'],
    writes: { [path]: text },
    result: { repo: 'epel', path },
  },
  'right already': { options, host: host(text) },
  'right already, as others spell it': {
    options,
    host: host(
      '# theirs\n[epel]\ngpgkey=file:///etc/pki/rpm-gpg/EPEL\ngpgcheck=yes\nname=EPEL 9\nbaseurl=https://a.example.org/\n  https://b.example.org/\n',
    ),
  },
  'what is not given goes, and other sections stay': {
    options,
    host: host(`[main]\nx=1\n\n[epel]\nname = EPEL 9\npriority = 5\n\n# last\n[other]\ny=2\n`),
    changes: ['content'],
    writes: { [path]: `[main]\nx=1\n\n${text}\n# last\n[other]\ny=2\n` },
  },
  'a file of several': {
    options,
    host: host('[other]\ny=2'),
    changes: ['content'],
    writes: { [path]: `[other]\ny=2\n\n${text}` },
  },
  'with a secret': {
    options: { ...options, password: new Secret('hunter2hunter2', 'a test') },
    host: host(),
    changes: ['content new file', 'mode 0600'],
  },
  'no more, and its file with it': {
    options: { name: 'epel', state: 'absent' },
    host: host(`# ours\n${text}`),
    changes: ['state file -> absent'],
  },
  'no more, but others are': {
    options: { name: 'epel', state: 'absent' },
    host: host(`[other]\ny=2\n${text}`),
    changes: ['content'],
    writes: { [path]: '[other]\ny=2\n' },
  },
  'never was': { options: { name: 'epel', state: 'absent' }, host: host() },
  'twice in the file': {
    options,
    host: host(`${text}${text}`),
    fails: `${path}: the section [epel] stands 2 times; leave one of them`,
  },
  'without an address': {
    options: { name: 'epel', description: 'x' },
    fails: 'yumRepository: give `baseurl`, `mirrorlist` or `metalink`',
  },
  'without a name for people': {
    options: { name: 'epel', baseurl: 'https://a.example.org/' },
    fails: 'yumRepository: give a `description`: its name for people to read',
  },
});
