import { predict } from '../../contract/index.ts';
import { linkTarget, stat } from '../../probes/index.ts';
import { planCases, type HostDescription, type PathEntry } from '../../testing/index.ts';
import { alternativesOf, type Alternative, type Alternatives } from './alternatives.probe.ts';
import { alternatives } from './alternatives.ts';

const name = 'editor';
const link = '/usr/bin/editor';
const vim = '/usr/bin/vim.basic';
const nano = '/usr/bin/nano';
const program: PathEntry = { type: 'file', mode: '0755', content: '' };
const at = (path: string, priority: number): Alternative => ({ path, priority, followers: new Map() });

/** nano and vim stand for the name, nano by its priority. */
const both: Alternatives = {
  link,
  followerLinks: new Map(),
  auto: true,
  value: nano,
  all: [at(nano, 40), at(vim, 30)],
  at: 'link',
  lost: [],
};
const having = (now: Partial<Alternatives> | null, paths: Record<string, PathEntry> = {}): HostDescription => ({
  answers: [predict(alternativesOf(name), now && { ...both, ...now })],
  paths: {
    [link]: { type: 'link', target: '/etc/alternatives/editor' },
    '/etc/alternatives/editor': { type: 'link', target: nano },
    [vim]: program,
    [nano]: program,
    ...paths,
  },
});
const turned = { type: 'link', mode: '0777', uid: 0, gid: 0, owner: 'root', group: 'root', size: 9 } as const;
const fresh: HostDescription = {
  answers: [predict(alternativesOf(name), null)],
  paths: { [vim]: program, '/usr/share/man/man1/vim.1.gz': program, '/etc/alternatives': { type: 'directory' } },
};

export const cases = planCases(alternatives, {
  'another program is chosen': {
    options: { name, path: vim },
    host: having({}),
    changes: [`program ${nano} -> ${vim}`],
    steps: [`choose ${vim} for editor`],
    leaves: [predict(linkTarget('/etc/alternatives/editor'), vim)],
    result: { name, path: vim },
  },
  'who is not root': {
    options: { name, path: vim },
    host: { ...having({}), users: [{ name: 'alice', uid: 1000 }], as: 'alice' },
    fails: 'only root may change alternatives, and this runs as alice',
  },
  'right already': { options: { name, path: vim }, host: having({ value: vim, auto: false }) },
  'chosen by priority is chosen enough': { options: { name, path: nano }, host: having({}) },
  'registered, not chosen': { options: { name, path: vim, state: 'present' }, host: having({}) },
  'a new program': {
    options: { name, path: vim, state: 'present', priority: 20 },
    host: having({ all: [at(nano, 40)] }),
    changes: [`alternative ${vim} (20)`],
    args: [[link, name, vim, '20']],
  },
  'a new program with the highest priority is chosen by itself': {
    options: { name, path: vim, state: 'present', priority: 90 },
    host: having({ all: [at(nano, 40)] }),
    changes: [`alternative ${vim} (90)`, `program ${nano} -> ${vim}`],
    steps: [`register ${vim} for editor`],
  },
  'another priority': {
    options: { name, path: vim, state: 'present', priority: 35 },
    host: having({}),
    changes: ['priority 30 -> 35'],
  },
  'priorities choose again': {
    options: { name, path: vim, state: 'auto' },
    host: having({ value: vim, auto: false }),
    changes: ['choice manual -> auto', `program ${vim} -> ${nano}`],
    steps: ['let priorities choose editor'],
  },
  'of equal priorities the first by its path counts': {
    options: { name, path: vim, state: 'auto' },
    host: having({ value: '/usr/bin/old', auto: false, all: [at(nano, 40), at(vim, 40)] }),
    changes: ['choice manual -> auto', `program /usr/bin/old -> ${nano}`],
  },
  'the last one takes the name along': {
    options: { name, path: nano, state: 'absent' },
    host: having({ all: [at(nano, 40)] }),
    changes: [`alternative ${nano} -> absent`, `program ${nano} -> none`],
  },
  'behind a task that turns the link': {
    options: { name, path: vim },
    host: having({}),
    behind: {
      planned: [
        predict(stat('/etc/alternatives/editor'), turned),
        predict(linkTarget('/etc/alternatives/editor'), vim),
      ],
    },
  },
  'taken away': {
    options: { name, path: nano, state: 'absent' },
    host: having({}),
    changes: [`alternative ${nano} -> absent`, `program ${nano} -> ${vim}`],
    steps: [`take ${nano} from editor`],
  },
  'taken away already': { options: { name, path: '/usr/bin/emacs', state: 'absent' }, host: having({}) },
  'a name that is new, with its manual page': {
    options: {
      name,
      path: vim,
      link,
      subcommands: [
        { name: 'editor.1.gz', path: '/usr/share/man/man1/vim.1.gz', link: '/usr/share/man/man1/editor.1.gz' },
      ],
    },
    host: fresh,
    changes: [
      `alternative ${vim} (50)`,
      'subcommands none -> /usr/share/man/man1/editor.1.gz -> /usr/share/man/man1/vim.1.gz',
      `program ${vim}`,
    ],
    args: [
      [
        link,
        name,
        vim,
        '50',
        '--slave',
        '/usr/share/man/man1/editor.1.gz',
        'editor.1.gz',
        '/usr/share/man/man1/vim.1.gz',
      ],
      [name, vim],
    ],
  },
  'a name that is new, without a link': {
    options: { name, path: vim },
    host: fresh,
    fails: 'the name editor is new on this host',
    hint: 'Give its `link`, such as /usr/bin/editor.',
  },
  'something of somebody else in the way': {
    options: { name, path: vim, link },
    host: { ...fresh, paths: { ...fresh.paths, [link]: program } },
    fails: `${link} is there, and is no link of editor: update-alternatives leaves it alone`,
    hint: 'Remove it first.',
  },
  'a link of that very name is no obstacle': {
    options: { name, path: vim, link },
    host: {
      ...fresh,
      paths: { ...fresh.paths, [link]: { type: 'link', target: '/etc/alternatives/editor' } },
    },
    changes: [`alternative ${vim} (50)`, `program ${vim}`],
  },
  'a program that is not there': {
    options: { name, path: '/usr/bin/emacs' },
    host: having({}),
    fails: '/usr/bin/emacs is not there',
  },
  'a program that a command may bring': {
    options: { name, path: '/usr/bin/emacs' },
    host: having({}),
    behind: { command: true },
    may: '/usr/bin/emacs is not there yet ("a command" runs before)',
  },
  'the link was removed': {
    options: { name, path: nano, state: 'present' },
    host: having({ at: 'nothing' }),
    changes: ['link absent -> /usr/bin/editor'],
  },
  'a subcommand twice': {
    options: {
      name,
      path: vim,
      subcommands: [
        { name: 'a', path: '/a' },
        { name: 'a', path: '/b' },
      ],
    },
    fails: 'alternatives: the subcommand a is given twice',
  },
});
