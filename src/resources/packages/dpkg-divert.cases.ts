import { predict } from '../../contract/index.ts';
import { planCases, type HostDescription } from '../../testing/index.ts';
import { diversion, type Diversion } from './diversion.probe.ts';
import { dpkgDivert } from './dpkg-divert.ts';

const path = '/usr/bin/tool';
const file = { type: 'file', content: 'x', mode: '0755' } as const;
const host = (now: Diversion, ...paths: readonly string[]): HostDescription => ({
  answers: [predict(diversion(path), now)],
  paths: Object.fromEntries(paths.map((one) => [one, file])),
});
const none: Diversion = { holder: null, divert: path };
const local: Diversion = { holder: 'LOCAL', divert: `${path}.distrib` };

export const cases = planCases(dpkgDivert, {
  'a file of a package is diverted': {
    options: { path },
    host: host(none, path),
    changes: ['diversion /usr/bin/tool.distrib'],
    steps: ['divert /usr/bin/tool to /usr/bin/tool.distrib'],
    args: [[path, `${path}.distrib`, 'LOCAL', '--no-rename', '', '']],
    result: { path, divert: `${path}.distrib` },
  },
  'right already': { options: { path }, host: host(local), steps: [], result: { path, divert: `${path}.distrib` } },
  'right already is not moved, as in Ansible': { options: { path, rename: true }, host: host(local, path), steps: [] },
  'and moved aside': {
    options: { path, rename: true, holder: 'mine', divert: '/usr/lib/tool' },
    host: host(none, path, '/usr/lib/other'),
    changes: ['diversion /usr/lib/tool', 'file moved to /usr/lib/tool'],
    args: [[path, '/usr/lib/tool', 'mine', '--rename', '', '']],
  },
  'nothing there to move': {
    options: { path, rename: true },
    host: host(none),
    changes: ['diversion /usr/bin/tool.distrib'],
  },
  'something in the way of the move': {
    options: { path, rename: true },
    host: host(none, path, `${path}.distrib`),
    fails: '/usr/bin/tool cannot be moved to /usr/bin/tool.distrib: something is there',
    hint: 'Remove it first, or give `force: true`: it is lost then.',
  },
  'that is lost by force': {
    options: { path, rename: true, force: true },
    host: host(none, path, `${path}.distrib`),
    changes: ['diversion /usr/bin/tool.distrib', 'file moved to /usr/bin/tool.distrib'],
    args: [[path, `${path}.distrib`, 'LOCAL', '--rename', '', 'y']],
  },
  'to another place': {
    options: { path, divert: '/usr/lib/tool', rename: true },
    host: host(local, path, `${path}.distrib`, '/usr/lib/other'),
    changes: ['diversion /usr/bin/tool.distrib -> /usr/lib/tool', '/usr/bin/tool.distrib moved to /usr/lib/tool'],
    args: [[path, '/usr/lib/tool', 'LOCAL', '--rename', 'y', '']],
  },
  "another's diversion is left alone": {
    options: { path },
    host: host({ holder: 'dash', divert: `${path}.dash` }),
    fails: '/usr/bin/tool is diverted to /usr/bin/tool.dash by dash already',
    hint: "To take that away: dpkgDivert({ path: '/usr/bin/tool', holder: 'dash', state: 'absent' })",
  },
  'no more, and moved back': {
    options: { path, state: 'absent', rename: true },
    host: host(local, `${path}.distrib`),
    changes: ['diversion /usr/bin/tool.distrib -> none', '/usr/bin/tool.distrib moved to /usr/bin/tool'],
    args: [[path, '', 'LOCAL', '--rename', 'y', '']],
    result: { path, divert: path },
  },
  'never was': { options: { path, state: 'absent' }, host: host(none), steps: [] },
  'a directory': {
    options: { path },
    host: { ...host(none), paths: { [path]: { type: 'directory' } } },
    fails: '/usr/bin/tool is a directory',
  },
  'a host without dpkg': {
    options: { path },
    host: host('no dpkg'),
    fails: 'dpkg-divert is not installed',
    hint: "Install it first: apt({ name: 'dpkg' })",
  },
  'a name that dpkg does not take': {
    options: { path: '/usr/a\nb' },
    fails: 'dpkgDivert: option "path" is "/usr/a\\nb" (a string), but must be one line: dpkg takes no other',
  },
  'to itself': { options: { path, divert: path }, fails: 'dpkgDivert: `divert` is `path` itself' },
  'force without a move': { options: { path, force: true }, fails: 'dpkgDivert: `force` needs `rename`' },
});
