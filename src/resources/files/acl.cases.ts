import { predict } from '../../contract/index.ts';
import { aclEntries, type AclEntry } from '../../probes/index.ts';
import { planCases, type HostDescription, type PathEntry } from '../../testing/index.ts';
import { acl } from './acl.ts';

const path = '/srv/log';
const own: readonly AclEntry[] = [
  { isDefault: false, type: 'user', name: '', id: '', permissions: 7 },
  { isDefault: false, type: 'group', name: '', id: '', permissions: 5 },
  { isDefault: false, type: 'other', name: '', id: '', permissions: 5 },
];
const mask: AclEntry = { isDefault: false, type: 'mask', name: '', id: '', permissions: 5 };
const adm = (permissions: number, isDefault = false): AclEntry => ({
  isDefault,
  type: 'group',
  name: 'adm',
  id: '4',
  permissions,
});
const host = (entries: readonly AclEntry[], test: unknown = { paths: 1 }): HostDescription => ({
  paths: { [path]: { type: 'directory' } },
  answers: [predict(aclEntries(path), entries)],
  answersOfKind: { acl: () => test },
});
const some: PathEntry = { type: 'file', content: '' };
const rx = { path, etype: 'group', entity: 'adm', permissions: 'rx' } as const;

export const cases = planCases(acl, {
  'a new entry': {
    options: rx,
    host: host(own),
    changes: ['acl group:adm:rx'],
    steps: ['set the access control list of /srv/log'],
    result: { path },
  },
  'right already': { options: rx, host: host([...own, adm(5), mask]), result: { path } },
  'X is x for a directory': { options: { ...rx, permissions: 'rX' }, host: host([...own, adm(5), mask]) },
  'X is nothing for a file that nobody may execute': {
    options: { ...rx, permissions: 'rX' },
    host: {
      paths: { [path]: some },
      answers: [
        predict(aclEntries(path), [
          { isDefault: false, type: 'user', name: '', id: '', permissions: 6 },
          { isDefault: false, type: 'group', name: '', id: '', permissions: 4 },
          adm(4),
          { ...mask, permissions: 4 },
          { isDefault: false, type: 'other', name: '', id: '', permissions: 4 },
        ]),
      ],
    },
  },
  'other permissions': { options: rx, host: host([...own, adm(4), mask]), changes: ['acl group:adm:rx'] },
  'an entry that the mask keeps down': {
    options: { ...rx, permissions: 'rwx' },
    host: host([...own, adm(7), mask]),
    changes: ['acl group:adm:rwx'],
  },
  'the group by its number': { options: { ...rx, entity: '4' }, host: host([...own, adm(5), mask]) },
  'an entry goes': {
    options: { path, etype: 'group', entity: 'adm', state: 'absent' },
    host: host([...own, adm(5), mask]),
    changes: ['acl without group:adm'],
  },
  'an entry is gone already': {
    options: { path, etype: 'group', entity: 'adm', state: 'absent' },
    host: host(own),
  },
  'of a path that is not there no entry has to go': {
    options: { path, etype: 'group', entity: 'adm', state: 'absent' },
  },
  'a default entry': {
    options: { ...rx, default: true },
    host: host(own),
    changes: ['acl default:group:adm:rx'],
  },
  'a default entry beside one that is none': {
    options: { ...rx, default: true },
    host: host([...own, adm(5), mask]),
    changes: ['acl default:group:adm:rx'],
  },
  'a default entry of a file': {
    options: { ...rx, default: true },
    host: { paths: { [path]: some } },
    fails: '/srv/log is not a directory: only a directory has default entries',
  },
  'an entry as setfacl writes it': {
    options: { path, entry: 'default:group:adm:rx' },
    host: host(own),
    changes: ['acl default:group:adm:rx'],
  },
  'a whole tree': {
    options: { ...rx, recursive: true },
    host: host(own, { paths: 3 }),
    changes: ['acl of 3 paths group:adm:rx'],
  },
  'a whole tree that is right already': { options: { ...rx, recursive: true }, host: host(own, { paths: 0 }) },
  'a group that does not exist': {
    options: { ...rx, entity: 'www' },
    host: host(own),
    fails: 'there is no group www on this host',
    hint: "Make it first: group({ name: 'www' })",
  },
  'nothing there': { options: rx, fails: '/srv/log is not there' },
  'nothing there yet': {
    options: rx,
    behind: { command: true },
    may: '/srv/log is not there yet ("a command" runs before)',
  },
  'no setfacl': {
    options: rx,
    host: { paths: { [path]: { type: 'directory' } }, answersOfKind: { acl: () => ({ missing: 'setfacl' }) } },
    fails: 'setfacl is not installed',
    hint: "Install it first: apt({ name: 'acl' })",
  },
  'no setfacl, which may be planned': {
    options: rx,
    host: { paths: { [path]: { type: 'directory' } }, answersOfKind: { acl: () => ({ missing: 'setfacl' }) } },
    behind: {},
    changes: ['acl group:adm:rx'],
  },
  'a whole tree, and no setfacl, which may be planned': {
    options: { ...rx, recursive: true },
    host: { paths: { [path]: { type: 'directory' } }, answersOfKind: { acl: () => ({ missing: 'setfacl' }) } },
    behind: {},
    changes: ['acl group:adm:rx'],
    may: 'what earlier tasks change below /srv/log cannot be examined yet',
  },
  'a whole tree, and a group that is not there yet': {
    options: { ...rx, entity: 'www', recursive: true },
    host: host(own, { problem: 'setfacl: Option -m: Invalid argument near character 3' }),
    behind: { command: true },
    changes: ['acl group:www:rx'],
    may: 'what earlier tasks change below /srv/log cannot be examined yet',
    assumed: ['the group www exists by then ("a command" runs before)'],
  },
  'a file system without lists': {
    options: rx,
    host: host(own, { problem: 'setfacl: /srv/log: Operation not supported' }),
    fails: 'setfacl refuses group:adm:rx for /srv/log: setfacl: /srv/log: Operation not supported',
  },
  'an immutable directory': {
    options: rx,
    host: { ...host(own), paths: { [path]: { type: 'directory', flags: 'i' } } },
    fails: '/srv/log is immutable; take that off first: chattr -i',
  },
  'both ways to say it': {
    options: { ...rx, entry: 'group:adm:rx' },
    fails: 'acl: give `entry`, or `etype`, `entity` and `permissions`',
  },
  'no permissions': { options: { path, etype: 'group', entity: 'adm' }, fails: 'acl: give the `permissions`' },
});
