import { git } from '../../../src/resources/index.ts';
import type { LawCase } from '../../support/laws.ts';

/** Repositories without a working copy, of `/srv/up` and of such as a case makes. @param up the path of the first */
export const bareCases = (up: string): readonly LawCase[] => [
  {
    name: 'bare repositories: new, into an empty directory, and of an empty one',
    setup: 'mkdir e; git init -q --bare nothing',
    tasks: (dir) => [
      git({ repo: up, dest: `${dir}/p/-c.git`, bare: true }),
      git({ repo: `file://${up}`, dest: `${dir}/e`, bare: true, remote: 'other' }),
      git({ repo: `${dir}/nothing`, dest: `${dir}/n.git`, bare: true }),
    ],
    expect: ['changed', 'changed', 'changed'],
    afterwards: `cd p/-c.git; [ "$(git rev-parse --is-bare-repository) $(git symbolic-ref HEAD)" = 'true refs/heads/main' ]; [ "$(git for-each-ref)" = "$(git -C ${up} for-each-ref)" ]; git fsck --connectivity-only; [ "$(git -C ../../e config remote.other.url)" = file://${up} ]; [ ! -e play-unfinished ]`,
  },
  {
    name: 'a bare repository as Ansible makes it, whose remote moves; it was begun and killed, too',
    setup: `git clone -q ${up} r; git clone -q --bare r c; cp -a c killed; touch killed/play-unfinished killed/refs/heads/main.lock; mkdir begun; touch begun/play-unfinished; cd r; git commit -q --allow-empty -m more; git tag more; git branch -m main trunk`,
    tasks: (dir) => [
      git({ repo: `${dir}/r`, dest: `${dir}/c`, bare: true }),
      git({ repo: `${dir}/r`, dest: `${dir}/killed`, bare: true }),
      git({ repo: `${dir}/r`, dest: `${dir}/begun`, bare: true }),
    ],
    expect: ['changed', 'changed', 'changed'],
    afterwards:
      'for d in c killed begun; do [ "$(git -C $d symbolic-ref HEAD) $(git -C $d rev-parse HEAD)" = "refs/heads/trunk $(git -C r rev-parse more)" ] && git -C $d rev-parse -q --verify more && [ -z "$(git -C $d for-each-ref refs/play)" ]; done; git -C c rev-parse -q --verify main',
  },
  {
    name: 'commits pushed to a bare repository are not lost, but by force; what the remote takes back is',
    setup: `git clone -q ${up} r; git clone -q --bare r c; git clone -q c w; git -C w commit -q --allow-empty -m mine; git -C w push -q; cp -a c f; git -C r commit -q --allow-empty -m theirs`,
    tasks: (dir) => [
      git({ repo: `${dir}/r`, dest: `${dir}/f`, bare: true, force: true }),
      git({ repo: `${dir}/r`, dest: `${dir}/c`, bare: true }),
    ],
    expect: ['changed', 'failed'],
    again: ['changed', 'failed'],
    says: /commits that were pushed to main of .* would be lost.* mine; push them there/s,
    afterwards: `git -C r reset -q --hard HEAD~2; [ "$(git -C f rev-parse main)" != "$(git -C c rev-parse main)" ]`,
  },
  {
    name: 'where a bare repository is to be: a working copy, and one of somebody else',
    setup: `git clone -q ${up} w; git clone -q --bare ${up} theirs; chown -R nobody theirs`,
    tasks: (dir) => [
      git({ repo: up, dest: `${dir}/w`, bare: true }, { ignoreErrors: true }),
      git({ repo: up, dest: `${dir}/theirs`, bare: true }),
    ],
    expect: ['failed', 'failed'],
    again: ['failed', 'failed'],
    says: /is not a bare git repository|as root git is not run in/,
  },
];
