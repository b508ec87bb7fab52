import { predict, type PathState } from '../../contract/index.ts';
import { sha256, stat, tree, type Tree } from '../../probes/index.ts';
import { listing } from '../../probes/listing.ts';
import { planCases, type HostDescription, type PathEntry } from '../../testing/index.ts';
import { file } from './file.ts';

const path = '/srv/app';
const directory: PathEntry = { type: 'directory' };
const some: PathEntry = { type: 'file', content: 'x' };
const at = (entry: PathEntry): HostDescription => ({ paths: { [path]: entry } });
const app: HostDescription = { users: [{ name: 'app', uid: 1000 }], groups: [{ name: 'app', gid: 1000 }] };
const link = (target: string): PathEntry => ({ type: 'link', target });
const hardLink: PathState = {
  type: 'file',
  mode: '0644',
  uid: 0,
  gid: 0,
  owner: 'root',
  group: 'root',
  size: 1,
  identity: '1:2',
};
const mounted: Tree = { entries: [], mounts: ['/srv/app/data'] };

export const cases = planCases(file, {
  'a new directory': {
    options: { path, state: 'directory' },
    changes: ['state absent -> directory'],
    steps: ['make the directory /srv/app'],
    result: { path, state: 'directory' },
  },
  'a new directory with all above it, which get the same permissions': {
    options: { path: '/srv/a/b/c', state: 'directory', mode: '0700' },
    changes: [
      '/srv/a absent -> directory',
      '/srv/a/b absent -> directory',
      '/srv/a/b/c absent -> directory',
      'mode 0700',
    ],
    steps: ['make the directory /srv/a/b/c'],
  },
  'a directory that is right already': { options: { path, state: 'directory' }, host: at(directory), steps: [] },
  'a slash at the end is no other path': { options: { path: '/srv//app/', state: 'directory' }, host: at(directory) },
  'a symbolic mode gives x to directories': {
    options: { path, state: 'directory', mode: 'u=rwX,g=rX,o=' },
    host: at(directory),
    changes: ['mode 0755 -> 0750'],
  },
  'owner, group and mode of a directory': {
    options: { path, state: 'directory', owner: 'app', group: 'app', mode: '2770' },
    host: { ...app, ...at(directory) },
    changes: ['owner root -> app', 'group root -> app', 'mode 0755 -> 2770'],
    steps: ['set the permissions of /srv/app'],
  },
  'the set-group-ID bit goes where the mode says so': {
    options: { path, state: 'directory', mode: '0755' },
    host: at({ ...directory, mode: '2755' }),
    changes: ['mode 2755 -> 0755'],
  },
  'a file where the directory should be': {
    options: { path, state: 'directory' },
    host: at(some),
    fails: '/srv/app is a file',
  },
  'a file above the directory': {
    options: { path: '/srv/app/x/y', state: 'directory' },
    host: at(some),
    fails: '/srv/app is a file',
  },
  'a link to a directory is a directory': {
    options: { path, state: 'directory', mode: '0700' },
    host: { paths: { [path]: link('/opt/app'), '/opt/app': directory } },
    changes: ['mode 0755 -> 0700'],
    steps: ['set the permissions of /opt/app'],
  },
  'what a link to nothing points to is made': {
    options: { path, state: 'directory' },
    host: at(link('/opt/app')),
    changes: ['state absent -> directory'],
    steps: ['make the directory /opt/app'],
  },
  'all below a directory': {
    options: { path, state: 'directory', recurse: true, owner: 'app', mode: 'u=rwX,go=rX' },
    host: {
      ...app,
      paths: { '/srv/app/bin/run': { ...some, mode: '0700' }, '/srv/app/a': { ...some, mode: '0600' } },
    },
    changes: ['owner root -> app', 'owner of 3 entries below app', 'mode of 2 entries below u=rwX,go=rX'],
    steps: ['set the permissions of /srv/app', 'set the permissions below /srv/app'],
  },
  'all below is right already': {
    options: { path, recurse: true, owner: 'root', mode: 'u=rwX,go=rX' },
    host: { paths: { '/srv/app/a': some, '/srv/app/b/c': some, '/srv/app/b/l': link('c') } },
  },
  'a file below that is changed under another name of its own': {
    options: { path, recurse: true, mode: 'u=rwX,go=rX' },
    host: {
      ...at(directory),
      answers: [predict(listing(path), [{ ...hardLink, name: 'a', accessed: 0, modified: 0, changed: 0, target: '' }])],
    },
    behind: { planned: [predict(stat('/srv/other'), { ...hardLink, mode: '0600' })] },
    changes: ['mode of 1 entry below u=rwX,go=rX'],
  },
  'something immutable in a tree that is to go': {
    options: { path, state: 'absent' },
    host: { paths: { '/srv/app/b/c': { ...some, flags: '----i---' } } },
    fails: '/srv/app/b/c is immutable; take that off first: chattr -i',
  },
  'something append-only in a tree that is to change': {
    options: { path, recurse: true, owner: 'app' },
    host: { ...app, paths: { '/srv/app/log': { ...some, flags: '-----a--' } } },
    fails: '/srv/app/log is append-only; take that off first: chattr -a',
  },
  'something immutable that is right already': {
    options: { path, recurse: true, mode: 'u=rwX,go=rX' },
    host: { paths: { '/srv/app/a': { ...some, flags: '----i---' }, '/srv/app/b': { ...some, mode: '0600' } } },
    changes: ['mode of 1 entry below u=rwX,go=rX'],
  },
  'a directory goes with all below': {
    options: { path, state: 'absent' },
    host: { paths: { '/srv/app/a': some, '/srv/app/b/c': some } },
    changes: ['state directory (3 entries below) -> absent'],
    steps: ['remove /srv/app'],
    result: { path, state: 'absent' },
  },
  'a file goes': { options: { path, state: 'absent' }, host: at(some), changes: ['state file -> absent'] },
  'a link goes, and not what it points to': {
    options: { path, state: 'absent' },
    host: { paths: { [path]: link('/opt/app'), '/opt/app/x': some } },
    changes: ['state link -> absent'],
  },
  'nothing there to remove': { options: { path, state: 'absent' }, result: { path, state: 'absent' } },
  'a mount point below is not removed': {
    options: { path, state: 'absent' },
    host: { ...at(directory), answers: [predict(tree(path), mounted)] },
    fails: '/srv/app is not removed: /srv/app/data is a mount point',
    hint: 'Unmount first.',
  },
  'an immutable file is not removed': {
    options: { path, state: 'absent' },
    host: at({ ...some, flags: 'i' }),
    fails: '/srv/app is immutable; take that off first: chattr -i',
  },
  'an append-only file is not removed': {
    options: { path, state: 'absent' },
    host: at({ ...some, flags: 'a' }),
    fails: '/srv/app is append-only; take that off first: chattr -a',
  },
  '/ is not removed': {
    options: { path: '/', state: 'absent' },
    fails: 'file: / is not removed: name the path itself, without `.` and `..`, and never /',
  },
  'no way round by ..': {
    options: { path: '/srv/app/..', state: 'absent' },
    fails: 'file: /srv/app/.. is not removed: name the path itself, without `.` and `..`, and never /',
  },
  'a new empty file': {
    options: { path, state: 'touch', mode: '0600' },
    changes: ['state absent -> file', 'mode 0600'],
    steps: ['touch /srv/app'],
  },
  'a file behind a link, in a folder that is missing': {
    options: { path, state: 'touch' },
    host: at({ type: 'link', target: '/none/a' }),
    fails: '/srv/app is a link that points nowhere',
  },
  'a file is touched every time': {
    options: { path, state: 'touch' },
    host: at(some),
    changes: ['times now'],
  },
  'times that are kept change nothing': {
    options: { path, state: 'touch', accessTime: 'preserve', modificationTime: 'preserve' },
    host: at(some),
  },
  'permissions of a file that is not there': {
    options: { path, state: 'file', mode: '0600' },
    fails: '/srv/app is not there',
    hint: "Make it with copy() or template(), or write state: 'touch' or 'directory'.",
  },
  'permissions of a file that a command may make': {
    options: { path, state: 'file', mode: '0600' },
    behind: { command: true },
    may: '/srv/app is not there yet ("a command" runs before)',
  },
  'permissions of a file that is removed before': {
    options: { path, mode: '0600' },
    host: at(some),
    behind: { planned: [predict(stat(path), { type: 'absent' })] },
    fails: '/srv/app is not there',
  },
  'without a state the task is about what is there': {
    options: { path, mode: '0700' },
    host: at(directory),
    changes: ['mode 0755 -> 0700'],
    result: { path, state: 'directory' },
  },
  'an immutable file keeps its permissions': {
    options: { path, mode: '0600' },
    host: at({ ...some, flags: 'i' }),
    fails: '/srv/app is immutable; take that off first: chattr -i',
  },
  'a source without a link': {
    options: { path, src: '/opt' },
    fails: "file: `src` needs state 'link' or 'hard'; to copy a file, write copy({ src, dest })",
  },
  'a mode of a link': {
    options: { path, state: 'link', src: '/opt', mode: '0777' },
    fails: 'file: a link has no permissions of its own; set `mode` on what it points to',
  },
  'a link that is not followed is itself what owner and group are of': {
    options: { path, follow: false, owner: 'app', mode: '0600' },
    host: { ...app, paths: { [path]: link('/opt/app'), '/opt/app': some } },
    changes: ['owner root -> app'],
    steps: ['set the permissions of /srv/app'],
    result: { path, state: 'link' },
  },
  'a link that is not followed is no file': {
    options: { path, follow: false, state: 'file' },
    host: { paths: { [path]: link('/opt/app'), '/opt/app': some } },
    fails: '/srv/app is a link',
  },
  'a link that is not followed is no directory': {
    options: { path, follow: false, state: 'directory' },
    host: { paths: { [path]: link('/opt/app'), '/opt/app': directory } },
    fails: '/srv/app is a link',
  },
  "a time of one's own": {
    options: { path, modificationTime: '2027-01-31T13:00:00+01:00' },
    host: { ...at(some), answersOfKind: { 'file-times': () => ({ accessed: 7, modified: 0 }) } },
    changes: ['modification time 2027-01-31T12:00:00Z'],
    steps: ['set the times of /srv/app'],
  },
  "a time of one's own that is right already, in the zone of the host": {
    options: { path, state: 'touch', accessTime: 'preserve', modificationTime: '202701311300.00' },
    host: {
      ...at(some),
      answersOfKind: {
        'file-times': () => ({ accessed: 7, modified: 1801396800 }),
        'local-moment': ([text]) => (text === '2027-01-31 13:00:00' ? 1801396800 : 0),
      },
    },
  },
  'a time in a format of its own': {
    options: { path, accessTime: '31/1/2027 13', accessTimeFormat: '%d/%m/%Y %H' },
    host: {
      ...at(some),
      answersOfKind: {
        'file-times': () => ({ accessed: 7, modified: 0 }),
        'local-moment': ([text]) => (text === '2027-01-31 13:00:00' ? 1801396800 : 0),
      },
    },
    changes: ['access time 2027-01-31T12:00:00Z'],
  },
  'a time of a file that is written before': {
    options: { path, modificationTime: '1970-01-01T00:00:00Z' },
    host: { ...at(some), answersOfKind: { 'file-times': () => ({ accessed: 7, modified: 0 }) } },
    behind: { planned: [predict(stat(path), { ...hardLink, identity: undefined }), predict(sha256(path), 'x')] },
    changes: ['modification time 1970-01-01T00:00:00Z'],
  },
  'a day that no month has': {
    options: { path, modificationTime: '202702301300.00' },
    fails:
      "file: `modificationTime` must be 'now', 'preserve', a time such as '2027-01-31T12:00:00Z', or one as `modificationTimeFormat` has it (%Y%m%d%H%M.%S), which 202702301300.00 is not",
  },
  'a file becomes immutable': {
    options: { path, attributes: '+i', mode: '0600' },
    host: at({ ...some, flags: '--------------e-------' }),
    changes: ['mode 0644 -> 0600', 'attributes none -> i'],
    steps: ['set the permissions of /srv/app', 'set the attributes of /srv/app'],
  },
  'what is immutable already': {
    options: { path, attributes: 'ie', mode: '0644' },
    host: at({ ...some, flags: '----i---------e-------' }),
  },
  'what the task itself makes immutable it changes': {
    options: { path, attributes: '+i', mode: '0600' },
    host: at({ ...some, flags: '----i---------e-------' }),
    changes: ['mode 0644 -> 0600'],
    steps: ['take i off /srv/app', 'set the permissions of /srv/app', 'set the attributes of /srv/app'],
  },
  'no other flags than these': {
    options: { path, attributes: '=A' },
    host: at({ ...some, flags: '----i--A--d---e-------' }),
    changes: ['attributes Adi -> A'],
    steps: ['set the attributes of /srv/app'],
  },
  'flags where there are none': {
    options: { path, attributes: '+i' },
    host: at(some),
    fails: '/srv/app has no attributes that can be read',
    hint: 'lsattr(1) of the package e2fsprogs reads them, and not every file system has them.',
  },
  'a name with blanks and quotes': {
    options: { path: `/srv/a 'b' "c" ü`, state: 'directory' },
    changes: ['state absent -> directory'],
    steps: [`make the directory /srv/a 'b' "c" ü`],
  },
  'an account makes a directory at home': {
    options: { path: '/home/app/.config/app', state: 'directory' },
    host: { ...app, as: 'app', paths: { '/home/app': { type: 'directory', owner: 'app', group: 'app' } } },
    changes: ['/home/app/.config absent -> directory', '/home/app/.config/app absent -> directory'],
  },
  'an account makes none where it may not write': {
    options: { path, state: 'directory' },
    host: { ...app, as: 'app' },
    fails: 'app may not write in /srv (root:root, 0755)',
  },
  'an account removes nothing of others in a sticky folder': {
    options: { path: '/tmp/x', state: 'absent' },
    host: { ...app, as: 'app', paths: { '/tmp/x': some } },
    fails: 'app may not replace or remove what is not theirs in /tmp, which is sticky (root:root, 0644)',
  },
});
