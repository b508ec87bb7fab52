import { planCases, type HostDescription, type PathEntry } from '../../testing/index.ts';
import { sudoers } from './sudoers.ts';

const name = 'deploy';
const path = '/etc/sudoers.d/deploy';
const folder: HostDescription = { paths: { '/etc/sudoers.d': { type: 'directory', mode: '0750' } } };
const rule = { name, user: 'deploy', commands: '/usr/bin/systemctl restart app' };
const text = 'deploy ALL=NOPASSWD: /usr/bin/systemctl restart app\n';
const has = (content: string, more: { readonly mode?: string } = {}): HostDescription => {
  const entry: PathEntry = { type: 'file', content, mode: '0440', ...more };
  return { paths: { [path]: entry } };
};
const made = (content: string) => ({
  changes: ['content new file', 'owner root', 'group root', 'mode 0440'],
  writes: { [path]: content },
});

export const cases = planCases(sudoers, {
  'a new rule': {
    options: rule,
    host: folder,
    ...made(text),
    validates: 'visudo -cf "$PLAY_STAGED"',
    result: { path },
  },
  'right already': { options: rule, host: has(text), result: { path } },
  'another rule': {
    options: rule,
    host: has('deploy ALL= ALL\n'),
    changes: ['content'],
    writes: { [path]: text },
  },
  'a mode that sudo would refuse': { options: rule, host: has(text, { mode: '0664' }), changes: ['mode 0664 -> 0440'] },
  'the folder is made': {
    options: rule,
    changes: [
      '/etc/sudoers.d absent -> directory',
      'mode of /etc/sudoers.d 0750',
      'content new file',
      'owner root',
      'group root',
      'mode 0440',
    ],
  },
  'a group, as somebody, with a password': {
    options: { name, group: 'dba', runas: 'postgres', commands: 'ALL', nopassword: false },
    host: folder,
    ...made('%dba ALL=(postgres) ALL\n'),
  },
  'several commands, with all tags': {
    options: { ...rule, commands: ['/bin/a', '/bin/b x'], setenv: true, noexec: true },
    host: folder,
    ...made('deploy ALL=NOEXEC:NOPASSWD:SETENV: /bin/a, /bin/b x\n'),
  },
  'a group with a blank in its name': {
    options: { name, group: 'domain admins', commands: 'ALL' },
    host: folder,
    ...made('%domain\\ admins ALL=NOPASSWD: ALL\n'),
  },
  'a rule goes': {
    options: { name, state: 'absent' },
    host: has(text),
    changes: ['state file -> absent'],
    steps: [`remove ${path}`],
  },
  'a rule is gone already': { options: { name, state: 'absent' }, host: folder },
  'a directory in its place': {
    options: { name, state: 'absent' },
    host: { paths: { [path]: { type: 'directory' } } },
    fails: '/etc/sudoers.d/deploy is a directory',
  },
  'checked where visudo is there': {
    options: { ...rule, validation: 'detect' },
    host: folder,
    ...made(text),
    validates: 'if command -v visudo >/dev/null; then visudo -cf "$PLAY_STAGED"; fi',
  },
  'not checked': { options: { ...rule, validation: 'absent' }, host: folder, ...made(text), validates: '' },
  'who is not root': {
    options: rule,
    host: { ...folder, users: [{ name: 'app', uid: 1000 }], groups: [{ name: 'app', gid: 1000 }], as: 'app' },
    fails: 'app may not write in /etc/sudoers.d (root:root, 0750)',
  },
  'a name that sudo would pass over': {
    options: { ...rule, name: 'deploy.conf' },
    fails:
      'sudoers: option "name" is "deploy.conf" (a string), but must be a file name without dots, slashes, blanks and "~", because sudo ignores other files',
  },
  'a command of two lines': {
    options: { ...rule, commands: 'ALL\nroot ALL=ALL' },
    fails: 'sudoers: option "commands" is "ALL\\nroot ALL=ALL" (a string), but must be one line',
  },
  'nobody': { options: { name, commands: 'ALL' }, fails: 'sudoers: give either `user` or `group`' },
  'nothing to run': {
    options: { name, user: 'deploy' },
    fails: 'sudoers: give `commands`: what they may run',
  },
});
