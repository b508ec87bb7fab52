import { expect, test } from 'vitest';
import { changeWords } from '../../src/report/change-words.ts';
import { hostsText, nameless } from '../../src/report/host-names.ts';

const from1To = (last: number, name: (n: number) => string): string[] =>
  Array.from({ length: last }, (_, at) => name(at + 1));
const webs = from1To(40, (n) => `web${n}.example.org`);

test.each<[readonly string[], readonly string[], string]>([
  [['web1'], ['web1', 'web2'], 'web1'],
  [['web1', 'web2'], ['web1', 'web2'], 'web1, web2'],
  [webs, webs, 'all 40 hosts'],
  [webs.filter((host) => !host.startsWith('web7.')), webs, 'all 40 hosts but web7.example.org'],
  [webs.slice(0, 12), webs, 'web[1:12].example.org'],
  [['db1', 'web1', 'web2', 'web3', 'web5'], webs, 'db1, web[1:3], web5'],
  [['web08', 'web09', 'web10'], webs, 'web[08:10]'],
  [['web8', 'web9', 'web10'], webs, 'web[8:10]'],
  [['web1', 'web01', 'web2'], webs, 'web1, web01, web2'],
  [from1To(3, (n) => `r1-web${n}`), webs, 'r1-web[1:3]'],
  [from1To(3, (n) => `r${n}-web1`), webs, 'r[1:3]-web1'],
  [['a', 'b', 'c'], ['a', 'b', 'c', 'd'], 'a, b, c'],
])('%j of %j', (hosts, all, text) => {
  expect(hostsText(hosts, all)).toBe(text);
});

test('only whole names of a host are taken out of a text', () => {
  const own = nameless('web1.example.org, web1: my-web1, web10, web1_x and /web1/', 'web1.example.org');
  expect(own).not.toBe(nameless('web1.example.org, web1: my-web2, web10, web1_x and /web1/', 'web1.example.org'));
  expect(own).toBe(nameless('web9.example.org, web9: my-web1, web10, web1_x and /web9/', 'web9.example.org'));
  // Of all hosts the same name: that is not their own.
  expect(nameless('primary: web1', 'web1')).not.toBe(nameless('primary: web1', 'web2'));
  expect(nameless('[a+b](x)', 'a+b')).toBe('[\0host\0](x)');
});

const absent = { from: 'absent' } as const;
const needs = (count: number): { what: string; from: string; to: string; along: true }[] =>
  from1To(count, (n) => `package lib${n}`).map((what) => ({ what, from: 'absent', to: '1', along: true }));
const text = (diff: string) => ({ path: '/etc/x', diff });

test.each<[Parameters<typeof changeWords>[0], readonly string[]]>([
  [
    [
      { what: 'content', to: 'new file', text: text('--- /dev/null\n+++ /etc/x\n@@ -0,0 +1,2 @@\n+a\n+++b\n') },
      { what: 'owner', to: 'root' },
      { what: 'group', to: 'adm' },
      { what: 'mode', to: '0644' },
    ],
    ['new file /etc/x, 0644 root:adm, 2 lines'],
  ],
  [[{ what: 'mode', from: '0644', to: '0600' }], ['mode 0644 -> 0600']],
  [
    [
      { what: 'content', text: text('--- /etc/x\n+++ /etc/x\n@@ -1,2 +1,1 @@\n a\n---\n') },
      { what: 'owner', from: 'root', to: 'bin' },
    ],
    ['content of /etc/x (-1)', 'owner root -> bin'],
  ],
  [
    [
      { what: 'state', ...absent, to: 'directory' },
      { what: 'mode', to: '0700' },
    ],
    ['new directory, 0700'],
  ],
  [[{ what: '/a', ...absent, to: 'directory' }], ['new directory /a']],
  [
    ['/a', '/a/b', '/a/b/c'].map((what) => ({ what, ...absent, to: 'directory' })),
    ['new directories /a and 2 below it'],
  ],
  [[{ what: 'package nginx', ...absent, to: '1.22' }, ...needs(14)], ['new package nginx 1.22 and 14 it needs']],
  [
    [...['a', 'b'].map((name) => ({ what: `package ${name}`, ...absent, to: '1' })), ...needs(1)],
    ['new packages a 1, b 1 and 1 they need'],
  ],
  // What goes is never only counted.
  [
    [...needs(3), ...from1To(9, (n) => `package old${n}`).map((what) => ({ what, from: '1', to: 'absent' }))],
    [...from1To(9, (n) => `package old${n} 1 -> absent`), '3 new packages that others need'],
  ],
  [
    from1To(9, (n) => `package p${n}`).map((what) => ({ what, from: '1', to: '2' })),
    ['9 packages in different versions: p1, p2, p3, p4, p5 and 4 more'],
  ],
  [
    from1To(20, (n) => `page${n}`).map((what) => ({ what, to: 'new file', text: text('') })),
    ['20 new files: page1, page2, page3, page4, page5 and 15 more'],
  ],
  [
    [{ what: 'content', to: 'new file', text: text('(not shown: the content is secret)\n') }],
    ['new file /etc/x, secret'],
  ],
  [
    [{ what: 'content', text: text('(rewritten: -40000 +40000 lines, sha256 a -> sha256 b)\n') }],
    ['content of /etc/x (-40000 +40000 lines)'],
  ],
  [
    [{ what: 'content', text: text('(binary: 1 bytes, sha256 a -> 2 bytes, sha256 b)\n') }],
    ['content of /etc/x (binary)'],
  ],
])('%j', (changes, words) => {
  expect(changeWords(changes, () => false)).toEqual(words);
});
