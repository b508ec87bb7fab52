import type { Task } from '../../../src/playbook/index.ts';
import {
  blockinfile,
  copy,
  file,
  htpasswd,
  iniFile,
  jsonFile,
  lineinfile,
  slurp,
} from '../../../src/resources/index.ts';
import type { LawCase } from '../../support/laws.ts';

const secret = 'known to root alone';
const theirs = `mkdir theirs victim; echo '${secret}' >victim/f; chmod -R go= victim; ln -s ../victim theirs/way; ln -s ../victim/f theirs/l; chown -hR daemon: theirs`;
const untouched = `[ "$(cat victim/f)" = '${secret}' ]; [ "$(ls -A victim)" = f ]; [ "$(stat -c '%a %U' victim victim/f)" = "700 root\n600 root" ]`;

/** A link in a folder of somebody else's, which leads to what is root's. */
function refused(name: string, task: (dir: string) => Task): LawCase {
  return {
    name: `refused by way of a link that others could turn: ${name}`,
    setup: theirs,
    tasks: (dir) => [task(dir)],
    expect: ['failed'],
    again: ['failed'],
    says: /is a link that others could turn, and leads to/,
    hidden: [secret],
    afterwards: untouched,
  };
}

/** Refused before anything is done, whichever tools the host has. */
export const refusedLinkCases: readonly LawCase[] = [
  refused('a new file', (dir) => copy({ dest: `${dir}/theirs/way/g`, content: 'x', owner: 'daemon' })),
  refused('a file rewritten', (dir) => copy({ dest: `${dir}/theirs/way/f`, content: 'x', mode: '0666', backup: true })),
  refused('a line', (dir) => lineinfile({ path: `${dir}/theirs/way/f`, line: 'x' })),
  refused("a line behind a link in the file's place", (dir) =>
    lineinfile({ path: `${dir}/theirs/l`, line: 'x', owner: 'daemon' }),
  ),
  refused('a block behind such a link', (dir) => blockinfile({ path: `${dir}/theirs/l`, block: 'x', owner: 'daemon' })),
  refused('an option behind such a link', (dir) =>
    iniFile({ path: `${dir}/theirs/l`, section: 's', option: 'o', value: 'v', mode: '0666' }),
  ),
  refused('a value behind such a link', (dir) => jsonFile({ path: `${dir}/theirs/l`, key: 'a', value: 1 })),
  refused('a password behind such a link', (dir) =>
    htpasswd({ path: `${dir}/theirs/way/g`, users: [{ name: 'a', password: 'b' }] }),
  ),
  refused('owner behind such a link', (dir) => file({ path: `${dir}/theirs/l`, owner: 'daemon' })),
  refused('mode', (dir) => file({ path: `${dir}/theirs/way/f`, mode: '0666' })),
  refused('a directory', (dir) => file({ path: `${dir}/theirs/way/a/b`, state: 'directory', owner: 'daemon' })),
  refused('a directory that is there', (dir) => file({ path: `${dir}/theirs/way`, state: 'directory', mode: '0777' })),
  refused('times', (dir) => file({ path: `${dir}/theirs/l`, state: 'touch' })),
  refused('an empty file', (dir) => file({ path: `${dir}/theirs/way/g`, state: 'touch' })),
  refused('a link', (dir) => file({ path: `${dir}/theirs/way/g`, state: 'link', src: 'f' })),
  refused('a hard link to what is there', (dir) =>
    file({ path: `${dir}/g`, state: 'hard', src: `${dir}/theirs/way/f` }),
  ),
  refused('a removal', (dir) => file({ path: `${dir}/theirs/way/f`, state: 'absent' })),
  refused('bytes that later tasks read', (dir) => slurp({ src: `${dir}/theirs/l` })),
];

export const turnedLinkCases: readonly LawCase[] = [
  {
    name: 'refused alike where the link is only planned',
    setup: 'mkdir theirs victim; chown daemon theirs',
    tasks: (dir) => [
      file({ path: `${dir}/theirs/way`, state: 'link', src: '../victim', owner: 'daemon' }),
      copy({ dest: `${dir}/theirs/way/f`, content: 'x' }),
    ],
    expect: ['changed', 'failed'],
    again: ['ok', 'failed'],
    says: /could turn/,
    afterwards: '[ -z "$(ls victim)" ]',
  },
  {
    name: "a link of somebody's to a folder and to a file of their own is followed",
    setup: `mkdir -p theirs/releases/3; ln -s releases/3 theirs/current; echo a >theirs/releases/3/f; ln -s current/f theirs/l; chown -hR daemon: theirs`,
    tasks: (dir) => [
      copy({ dest: `${dir}/theirs/current/g`, content: 'x' }),
      lineinfile({ path: `${dir}/theirs/l`, line: 'b' }),
      file({ path: `${dir}/theirs/current/a/b`, state: 'directory', owner: 'daemon' }),
      file({ path: `${dir}/theirs/l`, mode: '0600' }),
    ],
    expect: ['changed', 'changed', 'changed', 'changed'],
    afterwards: `[ -L theirs/l ]; [ "$(cat theirs/releases/3/f theirs/releases/3/g)" = "$(printf 'a\nb\nx')" ]; [ -d theirs/releases/3/a/b ]; [ "$(stat -c %a theirs/releases/3/f)" = 600 ]`,
  },
  {
    name: "a link of somebody's is followed anywhere where the task says so",
    setup: theirs,
    tasks: (dir) => [
      copy({ dest: `${dir}/theirs/way/g`, content: 'x', follow: true }),
      lineinfile({ path: `${dir}/theirs/l`, line: 'x', follow: true }),
      file({ path: `${dir}/theirs/way/d`, state: 'directory', follow: true }),
    ],
    expect: ['changed', 'changed', 'changed'],
    afterwards: `[ "$(cat victim/g)" = x ]; [ "$(cat victim/f)" = "$(printf '${secret}\nx')" ]; [ -d victim/d ]`,
  },
  {
    name: 'a link in the place of a file that is put there whole is replaced',
    setup: theirs,
    tasks: (dir) => [
      copy({ dest: `${dir}/theirs/l`, content: 'x', owner: 'daemon', mode: '0666', backup: true }),
      file({ path: `${dir}/theirs/way`, state: 'absent' }),
    ],
    expect: ['changed', 'changed'],
    afterwards: `${untouched}; [ ! -L theirs/l ] && [ "$(cat theirs/l)" = x ]; ! [ -L theirs/way ]`,
  },
  {
    name: 'a link where a temporary file of an earlier run would be goes, and leads nowhere',
    setup: `${theirs}; h=$(printf %s "$1/theirs/n" | sha256sum | cut -c 1-16); ln -s ../victim/f "theirs/.play-$h-1"; ln -s ../none "theirs/.play-$h-2"; ln -s ../victim "theirs/.play-$h-3"`,
    tasks: (dir) => [copy({ dest: `${dir}/theirs/n`, content: 'x', owner: 'daemon', mode: '0666' })],
    expect: ['changed'],
    afterwards: `${untouched}; [ "$(ls -A theirs | grep -c play)" = 0 ]`,
  },
  {
    name: 'in a folder that a group may write to, and in a sticky one, links of others and of root',
    setup:
      'mkdir shared sticky victim; chgrp daemon shared; chmod 2775 shared; chmod 1777 sticky; ln -s ../victim shared/way; ln -s ../victim sticky/root; mkdir shared/d',
    tasks: (dir) => [
      copy({ dest: `${dir}/shared/d/f`, content: 'x' }),
      lineinfile({ path: `${dir}/shared/d/g`, line: 'y', create: true }),
      copy({ dest: `${dir}/sticky/f`, content: 'x' }),
      copy({ dest: `${dir}/sticky/root/f`, content: 'x' }),
      copy({ dest: `${dir}/shared/way/g`, content: 'x' }),
    ],
    expect: ['changed', 'changed', 'changed', 'changed', 'failed'],
    again: ['ok', 'ok', 'ok', 'ok', 'failed'],
    says: /could turn/,
    afterwards: '[ "$(ls victim)" = f ]',
  },
  {
    name: "a link of somebody's in a sticky folder",
    setup: 'mkdir sticky victim; chmod 1777 sticky; ln -s ../victim sticky/way; chown -h daemon sticky/way',
    tasks: (dir) => [copy({ dest: `${dir}/sticky/way/f`, content: 'x' })],
    expect: ['failed'],
    again: ['failed'],
    says: /could turn/,
    afterwards: '[ -z "$(ls victim)" ]',
  },
  {
    name: "a link of root's that leads on to one of somebody's",
    setup: `${theirs}; ln -s theirs/way ours`,
    tasks: (dir) => [copy({ dest: `${dir}/ours/g`, content: 'x' })],
    expect: ['failed'],
    again: ['failed'],
    says: /could turn/,
    afterwards: untouched,
  },
];
