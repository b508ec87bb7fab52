// A hundred tasks of ten kinds, as data: what playbooks/mixed.ts says to play, for all it is compared with.

const times = (count, make) => Array.from({ length: count }, (_, i) => make(i + 1));

/** What a template holds, `{{n}}` being its number. */
export const templateText = (n) => `# Written for bench1\nnumber = ${n}\nhost = bench1\n`;

export const mixedTasks = [
  { kind: 'directory', path: '/srv/bench', mode: '0755' },
  ...times(9, (n) => ({ kind: 'directory', path: `/srv/bench/dir${n}`, mode: '0750' })),
  ...times(30, (n) => ({ kind: 'file', path: `/srv/bench/copy${n}`, content: `This is file ${n}.\n`, mode: '0644' })),
  ...times(20, (n) => ({ kind: 'template', path: `/srv/bench/template${n}`, n, mode: '0640' })),
  ...times(15, (n) => ({ kind: 'line', path: `/srv/bench/copy${n}`, line: `This is file ${n}.` })),
  ...times(5, (n) => ({ kind: 'link', path: `/srv/bench/link${n}`, target: `/srv/bench/copy${n}` })),
  ...times(5, (n) => ({ kind: 'group', name: `bench${n}` })),
  ...times(5, (n) => ({ kind: 'user', name: `bench${n}`, group: `bench${n}` })),
  ...['bash', 'coreutils', 'dpkg', 'sed', 'tar'].map((name) => ({ kind: 'package', name })),
  ...times(5, () => ({ kind: 'service', name: 'ssh' })),
];

/** Undoes them, so that each tool has the same to do. */
export const clearMixed =
  'for n in 1 2 3 4 5; do userdel bench$n; groupdel bench$n; done 2>/dev/null; rm -rf /srv/bench; :';

/** Prints what they left, as one digest: names, kinds, permissions, owners, contents, and the accounts. */
export const mixedDigest = `cd /srv/bench && {
  find . -printf "%p %y %m %U %G %l\\n" | sort
  find . -type f -exec sha256sum {} + | sort
  getent passwd bench1 bench2 bench3 bench4 bench5 | cut -d: -f1,6,7
  getent group bench1 bench2 bench3 bench4 bench5 | cut -d: -f1,4
  for n in 1 2 3 4 5; do id -gn bench$n; done
} | sha256sum`;
