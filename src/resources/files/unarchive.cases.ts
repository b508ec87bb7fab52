import { createHash } from 'node:crypto';
import { predict } from '../../contract/index.ts';
import { tar, type TarEntry } from '../../formats/archive/tar.ts';
import { archiveMembers, type ArchiveAnswer } from '../../probes/archive.ts';
import { planCases, type HostDescription, type PathEntry } from '../../testing/index.ts';
import { unarchive } from './unarchive.ts';

const some = (content: string): PathEntry => ({ type: 'file', content });
const member = (name: string, text: string, mode = '0644'): TarEntry => ({ name, mode, content: Buffer.from(text) });
const role = { 'files/tool.tar': tar([member('tool/bin/tool', 'run\n', '0755'), member('tool/README', 'read\n')]) };
const dest = '/opt';
const tool = { src: 'tool.tar', dest };
const there: Readonly<Record<string, PathEntry>> = {
  '/opt/tool/bin/tool': { type: 'file', content: 'run\n', mode: '0755' },
  '/opt/tool/README': some('read\n'),
};
const app: HostDescription = { users: [{ name: 'app', uid: 1000 }], groups: [{ name: 'app', gid: 1000 }] };

const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex');
const remote = { src: '/root/tool.tgz', dest, remoteSrc: true };
const listed: ArchiveAnswer = {
  sha256: hashOf('an archive'),
  isZip: false,
  members: [
    {
      name: 'a.txt',
      type: 'file',
      mode: '0644',
      uid: 0,
      gid: 0,
      owner: 'root',
      group: 'root',
      size: 2,
      accessed: 0,
      modified: 0,
      changed: 0,
      target: '',
      sha256: hashOf('a\n'),
    },
  ],
};
const onHost = (answer: ArchiveAnswer, paths: Readonly<Record<string, PathEntry>> = {}): HostDescription => ({
  paths: { [remote.src]: some('an archive'), ...paths },
  answers: [predict(archiveMembers(remote.src), answer)],
});

export const cases = planCases(unarchive, {
  'into a folder that is there': {
    options: tool,
    role,
    changes: [
      'tool absent -> directory',
      'tool/README new file',
      'tool/bin absent -> directory',
      'tool/bin/tool new file',
    ],
    steps: ['write the files below /opt'],
  },
  'unpacked already': {
    options: tool,
    role,
    host: { paths: there },
    result: { dest, written: [], deleted: [], files: [] },
  },
  'only what differs': {
    options: tool,
    role,
    host: { paths: { ...there, '/opt/tool/README': some('old\n') } },
    changes: ['tool/README'],
    writes: { '/opt/tool/README': 'read\n' },
  },
  'a mode that differs': {
    options: tool,
    role,
    host: { paths: { ...there, '/opt/tool/bin/tool': some('run\n') } },
    changes: ['mode of tool/bin/tool 0644 -> 0755'],
  },
  'without the leading folder': {
    options: { ...tool, dest: '/opt/tool', extraOpts: ['--strip-components=1'] },
    role,
    host: { paths: there },
  },
  'only what fits a pattern': {
    options: { ...tool, include: ['tool/README'] },
    role,
    changes: ['tool absent -> directory', 'tool/README new file'],
  },
  'a pattern that fits nothing': {
    options: { ...tool, include: ['*.md'] },
    role,
    fails: 'The archive cannot be unpacked: nothing in it matches "*.md" of `include`',
  },
  'without what is excluded': {
    options: { ...tool, exclude: ['bin'] },
    role,
    changes: ['tool absent -> directory', 'tool/README new file'],
  },
  'an owner': {
    options: { ...tool, owner: 'app' },
    role,
    host: { ...app, paths: there },
    changes: [
      'owner of tool root -> app',
      'owner of tool/README root -> app',
      'owner of tool/bin root -> app',
      'owner of tool/bin/tool root -> app',
    ],
  },
  'the names of all that is in it': {
    options: { ...tool, listFiles: true },
    role,
    host: { paths: there },
    result: { dest, written: [], deleted: [], files: ['tool/bin/tool', 'tool/README'] },
  },
  'nothing is done where `creates` is there': {
    options: { ...tool, creates: '/opt/tool/README' },
    role,
    host: { paths: { '/opt/tool/README': some('another') } },
  },
  'the folder is missing': {
    options: { ...tool, dest: '/opt/x' },
    role,
    fails: 'the directory /opt/x does not exist',
    hint: "Make it first: file({ path: '/opt/x', state: 'directory' })",
  },
  'a file in the place of the folder': {
    options: { ...tool, dest: '/opt/x' },
    role,
    host: { paths: { '/opt/x': some('') } },
    fails: '/opt/x is not a directory',
  },
  'a name that leads out of the folder': {
    options: { src: 'evil.tar', dest },
    role: { 'files/evil.tar': tar([member('../etc/passwd', 'x')]) },
    fails: 'The archive holds "../etc/passwd", which is outside the place where it is unpacked',
  },
  'no archive': {
    options: { src: 'a.txt', dest },
    role: { 'files/a.txt': 'text\n' },
    fails: 'This is not a tar archive, or it is damaged',
  },
  'an archive of the host': {
    options: remote,
    host: onHost(listed),
    changes: ['a.txt absent -> file'],
    steps: ['write the files below /opt'],
  },
  'an archive of the host, unpacked already': {
    options: remote,
    host: onHost(listed, { '/opt/a.txt': some('a\n') }),
    result: { dest, written: [], deleted: [], files: [] },
  },
  'no archive on the host': {
    options: remote,
    fails: '/root/tool.tgz is not a file on the host',
  },
  'an archive that a command may put on the host': {
    options: remote,
    behind: { command: true },
    changes: ['content what is in /root/tool.tgz'],
    may: '/root/tool.tgz is not a file on the host yet ("a command" runs before)',
  },
  'what cannot be unpacked there': {
    options: remote,
    host: onHost({ error: 'the host has no unzip; install it before: apt({ name: "unzip" })' }),
    fails: '/root/tool.tgz cannot be unpacked',
    hint: 'the host has no unzip; install it before: apt({ name: "unzip" })',
  },
  'what the host cannot unpack yet is read here, where all of it is known': {
    options: remote,
    host: {
      paths: { [remote.src]: { type: 'file', content: tar([member('a.txt', 'a\n')]) } },
      answers: [predict(archiveMembers(remote.src), { error: 'the host has no unzip' })],
    },
    behind: {},
    changes: ['a.txt absent -> file'],
  },
  'another option of tar': {
    options: { ...tool, extraOpts: ['--overwrite'] },
    fails:
      'unarchive: option "extraOpts", at 0, is "--overwrite" (a string), but must be `--strip-components=N`; for `--exclude` there is the option `exclude`',
  },
});
