import { beforeAll, describe, expect, test } from 'vitest';
import type { TaskItem } from '../../src/playbook/index.ts';
import { command, copy, file, hold, mount, nftables, pip, supervisor } from '../../src/resources/index.ts';
import { Secret } from '../../src/secrets/index.ts';
import { useLawHost } from '../support/law-host.ts';
import { holdToLaws } from '../support/laws.ts';
import { runPlay } from '../support/run-play.ts';
import { npmCases, npmHere } from './cases/npm.ts';
import { userUnitCases } from './cases/user-units.ts';

const host = useLawHost('services', ['nftables', 'supervisor', 'python3-venv']);

describe('mount', () => {
  holdToLaws(host, [
    {
      name: 'in the table and mounted, at a place with an odd name',
      tasks: (dir) => [
        mount({
          path: `${dir.split('\n')[0]}/m n`,
          src: 'tmpfs',
          fstype: 'tmpfs',
          opts: 'size=1m,noexec,nofail',
          state: 'mounted',
        }),
      ],
      expect: ['changed'],
      open: 0,
      afterwards: `grep -Fq 'm\\040n tmpfs size=1m,noexec,nofail 0 0' /etc/fstab`,
    },
    {
      name: 'other options, mounted anew',
      setup: `mkdir -p /srv/m2; echo '# mine' >>/etc/fstab; echo 'tmpfs	/srv/m2	tmpfs	size=1m' >>/etc/fstab; mountpoint -q /srv/m2 || mount -t tmpfs tmpfs /srv/m2`,
      tasks: () => [mount({ path: '/srv/m2', src: 'tmpfs', fstype: 'tmpfs', opts: 'size=2m,ro', state: 'mounted' })],
      expect: ['changed'],
      afterwards: `findmnt -no OPTIONS /srv/m2 | grep -q 'ro,'; grep -q '^# mine' /etc/fstab`,
    },
    {
      name: 'unmounted, and gone',
      setup: `mkdir -p /srv/m3 /srv/m4; mount -t tmpfs tmpfs /srv/m3; mount -t tmpfs tmpfs /srv/m4; echo 'tmpfs /srv/m4 tmpfs defaults 0 0' >>/etc/fstab`,
      tasks: () => [mount({ path: '/srv/m3', state: 'unmounted' }), mount({ path: '/srv/m4', state: 'absent' })],
      expect: ['changed', 'changed'],
      afterwards: `! mountpoint -q /srv/m3; [ -d /srv/m3 ]; [ ! -e /srv/m4 ]; ! grep -q m4 /etc/fstab`,
    },
    {
      name: 'only in the table; only mounted; remounted',
      setup: 'umount /srv/m6 2>/dev/null; rm -rf /srv/m5',
      tasks: () => [
        mount({ path: '/srv/m5', src: 'tmpfs', fstype: 'tmpfs', boot: false, state: 'present' }),
        mount({ path: '/srv/m6', src: 'tmpfs', fstype: 'tmpfs', state: 'ephemeral' }),
        mount({ path: '/srv/m6', state: 'remounted', opts: 'ro' }),
      ],
      expect: ['changed', 'changed', 'changed'],
      again: ['ok', 'ok', 'changed'],
      afterwards: `[ ! -e /srv/m5 ]; grep -q '/srv/m5 tmpfs noauto' /etc/fstab; ! grep -q m6 /etc/fstab; findmnt -no OPTIONS /srv/m6 | grep -q ro`,
    },
    // What is mounted already is looked at, not only that something is.
    {
      name: 'another folder is bound there',
      setup:
        'mkdir -p /srv/b1 /srv/b2 /srv/m7; touch /srv/b1/OLD /srv/b2/NEW; mount --bind /srv/b1 /srv/m7; echo "/srv/b1 /srv/m7 none bind 0 0" >>/etc/fstab',
      tasks: () => [mount({ path: '/srv/m7', src: '/srv/b2', fstype: 'none', opts: 'bind', state: 'mounted' })],
      expect: ['changed'],
      afterwards: '[ -e /srv/m7/NEW ]; [ ! -e /srv/m7/OLD ]; [ "$(grep -c /srv/m7 /etc/fstab)" = 1 ]',
    },
    {
      name: 'another folder is bound there, and the table is right',
      setup: 'mkdir -p /srv/m8; mount --bind /srv/b1 /srv/m8; echo "/srv/b2 /srv/m8 none bind 0 0" >>/etc/fstab',
      tasks: () => [
        mount({ path: '/srv/m8', src: '/srv/b2', fstype: 'none', opts: 'bind', state: 'mounted' }),
        mount({ path: '/srv/m8', src: '/srv/b2', fstype: 'none', opts: 'bind', state: 'ephemeral' }),
      ],
      expect: ['changed', 'ok'],
      afterwards: '[ -e /srv/m8/NEW ]',
    },
    {
      name: 'mounted for the moment with another source is refused',
      setup: 'mkdir -p /srv/m9; mount --bind /srv/b1 /srv/m9',
      tasks: () => [mount({ path: '/srv/m9', src: '/srv/b2', fstype: 'none', opts: 'bind', state: 'ephemeral' })],
      expect: ['failed'],
      again: ['failed'],
      says: /b1 of .* is mounted at .* already/,
    },
    {
      name: 'another kind of file system is mounted there',
      setup: 'mkdir -p /srv/m10; mount --bind /srv/b1 /srv/m10',
      tasks: () => [mount({ path: '/srv/m10', src: 'tmpfs', fstype: 'tmpfs', opts: 'size=1m', state: 'mounted' })],
      expect: ['changed'],
      afterwards: '[ "$(findmnt -no FSTYPE /srv/m10 | tail -n 1)" = tmpfs ]',
    },
    {
      name: 'other options than those in the table, which is right',
      setup:
        'mkdir -p /srv/m11; mount -t tmpfs -o size=1m,noexec tmpfs /srv/m11; touch /srv/m11/kept; echo "tmpfs /srv/m11 tmpfs size=2m,nosuid 0 0" >>/etc/fstab',
      tasks: () => [
        mount({ path: '/srv/m11', src: 'tmpfs', fstype: 'tmpfs', opts: 'size=2m,nosuid', state: 'mounted' }),
      ],
      expect: ['changed'],
      afterwards: `o=$(findmnt -no OPTIONS /srv/m11); case $o in *noexec*) exit 1;; *nosuid*size=2048k*) ;; *) exit 2;; esac; [ -e /srv/m11/kept ]`,
    },
    {
      name: 'several over one another are all taken away',
      setup: 'mkdir -p /srv/m12; mount -t tmpfs tmpfs /srv/m12; mount -t tmpfs tmpfs /srv/m12',
      tasks: () => [mount({ path: '/srv/m12', state: 'unmounted' })],
      expect: ['changed'],
      afterwards: '! mountpoint -q /srv/m12',
    },
    {
      name: 'one that another hides is none',
      setup: 'mkdir -p /srv/m13/in; mount -t tmpfs tmpfs /srv/m13/in; mount -t tmpfs tmpfs /srv/m13',
      tasks: () => [mount({ path: '/srv/m13/in', state: 'unmounted' })],
      expect: ['ok'],
      afterwards: 'umount /srv/m13; umount /srv/m13/in',
    },
    {
      name: 'a file is bound to one that is not there yet',
      setup: 'echo bound >/srv/one-file; rm -rf /srv/m14',
      tasks: () => [
        mount({ path: '/srv/m14/f', src: '/srv/one-file', fstype: 'none', opts: 'bind,ro', state: 'mounted' }),
      ],
      expect: ['changed'],
      afterwards: 'grep -q bound /srv/m14/f; ! (echo x >>/srv/m14/f) 2>/dev/null',
    },
    {
      name: 'nothing to mount',
      tasks: () => [mount({ path: '/srv/m15', src: '/srv/not-there', fstype: 'none', opts: 'bind', state: 'mounted' })],
      expect: ['failed'],
      again: ['failed'],
      says: /there is no \/srv\/not-there/,
      afterwards: '! grep -q m15 /etc/fstab',
    },
    {
      name: 'no device of that number',
      tasks: () => [
        mount({ path: '/srv/m16', src: 'UUID=11111111-2222-3333-4444-555555555555', fstype: 'ext4', state: 'mounted' }),
      ],
      expect: ['failed'],
      again: ['failed'],
      says: /this host has no device UUID=1111/,
    },
    {
      name: 'several swaps',
      setup: 'echo "/swapfile none swap sw 0 0" >>/etc/fstab',
      tasks: () => [
        mount({ path: 'none', src: '/swapfile2', fstype: 'swap', opts: 'sw', state: 'present' }),
        mount({ path: 'none', src: '/swapfile', state: 'absent' }),
      ],
      expect: ['changed', 'changed'],
      afterwards: '! grep -q "^/swapfile " /etc/fstab; grep -qx "/swapfile2 none swap sw 0 0" /etc/fstab',
    },
    // What is planned on a mount point, and below it.
    {
      name: 'a new file system in memory is empty, with a mode of its own',
      setup: 'mkdir -p /srv/m17/sub; echo old >/srv/m17/f; chmod 0700 /srv/m17',
      tasks: () => [
        mount({ path: '/srv/m17', src: 'tmpfs', fstype: 'tmpfs', opts: 'mode=0750', state: 'ephemeral' }),
        file({ path: '/srv/m17', state: 'directory', mode: '0750' }),
        copy({ dest: '/srv/m17/f', content: 'old\n' }),
        copy({ dest: '/srv/m17/sub/f', content: 'x' }),
      ],
      expect: ['changed', 'ok', 'changed', 'failed'],
      again: ['ok', 'ok', 'ok', 'failed'],
      says: /\/srv\/m17\/sub does not exist/,
    },
    {
      name: 'what is mounted or uncovered by a task is not foreseen',
      setup: 'mkdir -p /srv/m18 /srv/m19; mount -t tmpfs tmpfs /srv/m19',
      tasks: () => [
        mount({ path: '/srv/m18', src: '/srv/b1', fstype: 'none', opts: 'bind', state: 'ephemeral' }),
        copy({ dest: '/srv/m18/OLD', content: '' }),
        mount({ path: '/srv/m19', state: 'unmounted' }),
        copy({ dest: '/srv/m19/f', content: 'x' }),
      ],
      expect: ['changed', 'ok', 'changed', 'changed'],
      again: ['ok', 'ok', 'ok', 'ok'],
      open: 2,
    },
    {
      name: 'the mount point goes with its line where it is empty',
      setup:
        'mkdir -p /srv/m20 /srv/m21/sub; printf "tmpfs /srv/m20 tmpfs defaults 0 0\ntmpfs /srv/m21 tmpfs defaults 0 0\n" >>/etc/fstab',
      tasks: () => [
        mount({ path: '/srv/m20', state: 'absent' }),
        mount({ path: '/srv/m21', state: 'absent' }),
        file({ path: '/srv/m20', state: 'directory' }),
        file({ path: '/srv/m21', state: 'directory' }),
      ],
      expect: ['changed', 'changed', 'changed', 'ok'],
      again: ['ok', 'ok', 'ok', 'ok'],
    },
  ]);
});

describe('nftables', () => {
  const other = 'nft -f - <<E\ntable inet mine { chain c { tcp dport 1 accept; }; }\nE\n';
  holdToLaws(host, [
    {
      name: 'a table from data, beside others',
      setup: other,
      tasks: () => [
        nftables({
          table: 'law1',
          rules: {
            input: [
              'type filter hook input priority 10; policy accept;',
              'iifname "lo" accept',
              'tcp dport {443, 80} accept comment "flush me"',
              'tcp dport 9090 counter drop',
            ],
          },
        }),
      ],
      expect: ['changed'],
      afterwards: `nft list table inet mine | grep -q 'dport 1 accept'; nft list table inet law1 | grep -q 9090; systemctl is-enabled play-nftables-law1 >/dev/null; nft delete table inet law1; systemctl restart play-nftables-law1; nft list table inet law1 | grep -q 9090`,
    },
    {
      name: 'other rules',
      setup: `${other}nft -f - <<E\ntable inet law2 { chain input { tcp dport 2 accept; }; }\nE\n`,
      tasks: () => [
        nftables({
          table: 'law2',
          rules: 'set ok { type ipv4_addr; elements = { 10.0.0.1 }; }\nchain input { ip saddr @ok accept; }',
        }),
      ],
      expect: ['changed'],
      afterwards: `nft list table inet law2 | grep -q 10.0.0.1; ! nft list table inet law2 | grep 'dport 2'`,
    },
    {
      name: 'gone',
      setup: 'nft add table inet law3; touch /etc/nftables-law3.nft',
      tasks: () => [nftables({ table: 'law3', state: 'absent' }), nftables({ table: 'law3never', state: 'absent' })],
      expect: ['changed', 'ok'],
      afterwards: '! nft list table inet law3 2>/dev/null; [ ! -e /etc/nftables-law3.nft ]',
    },
    {
      name: 'with the files of a folder, one of them written just before',
      setup: `mkdir -p /srv/law5.d; echo 'tcp dport 51 accept' >/srv/law5.d/51.nft`,
      tasks: () => [
        copy({ dest: '/srv/law5.d/52.nft', content: 'tcp dport 52 accept\n' }),
        nftables({ table: 'law5', include: '/srv/law5.d', rules: 'chain input {\n  include "/srv/law5.d/*.nft"\n}' }),
      ],
      expect: ['changed', 'changed'],
      afterwards: `nft list table inet law5 | grep -q 51; nft list table inet law5 | grep -q 52; systemctl restart play-nftables-law5; nft list table inet law5 | grep -q 52`,
    },
    {
      name: 'a file of the folder that nft refuses',
      setup: `mkdir -p /srv/law6.d; echo 'nonsense' >/srv/law6.d/1.nft`,
      tasks: () => [
        nftables({ table: 'law6', include: '/srv/law6.d', rules: 'chain input {\n  include "/srv/law6.d/*.nft"\n}' }),
      ],
      expect: ['failed'],
      again: ['failed'],
      says: /nonsense/,
    },
    {
      name: 'rules that nft refuses',
      tasks: () => [nftables({ table: 'law4', rules: 'chain input { nonsense; }' })],
      expect: ['failed'],
      again: ['failed'],
      says: /nft refuses/,
    },
  ]);
});

describe('units of accounts', () => holdToLaws(host, userUnitCases));

describe('pip', () => {
  beforeAll(
    async () =>
      void (await host.sh(`mkdir -p /srv/wheels; cd /srv/wheels; python3 -c '
import zipfile
for v in ("1.0", "1.1"):
    i = "lawpkg-%s.dist-info/" % v
    with zipfile.ZipFile("lawpkg-%s-py3-none-any.whl" % v, "w") as z:
        z.writestr("lawpkg.py", "v = %r" % v)
        z.writestr(i + "METADATA", "Metadata-Version: 2.1\\nName: lawpkg\\nVersion: %s\\n" % v)
        z.writestr(i + "WHEEL", "Wheel-Version: 1.0\\nGenerator: t\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
        z.writestr(i + "RECORD", "")
'`)),
  );
  const extraArgs = ['--no-index', '--find-links', '/srv/wheels'];
  const venv = '/srv/venv';
  holdToLaws(host, [
    {
      name: 'an environment, a version, the newest, none',
      setup: 'rm -rf /srv/venv',
      tasks: () => [pip({ virtualenv: venv, name: 'lawpkg==1.0', extraArgs })],
      expect: ['changed'],
      afterwards: '[ "$(/srv/venv/bin/python -c "import lawpkg; print(lawpkg.v)")" = 1.0 ]',
    },
    {
      name: 'a version that will do',
      tasks: () => [pip({ virtualenv: venv, name: ['lawpkg>=1.0,<2', 'nothing; python_version < "3"'], extraArgs })],
      expect: ['ok'],
    },
    {
      name: 'the newest',
      tasks: () => [pip({ virtualenv: venv, name: 'lawpkg', state: 'latest', extraArgs })],
      expect: ['changed'],
      afterwards: '[ "$(/srv/venv/bin/python -c "import lawpkg; print(lawpkg.v)")" = 1.1 ]',
    },
    {
      name: 'a requirements file',
      setup: 'echo "lawpkg==1.0 # x" >/srv/r2.txt; printf -- "--no-index\\n-r r2.txt\\n" >/srv/r.txt',
      tasks: () => [pip({ virtualenv: venv, requirements: '/srv/r.txt', extraArgs })],
      expect: ['changed'],
    },
    {
      name: 'a program of an environment that is planned',
      setup: 'rm -rf /srv/venv2',
      tasks: () => [
        pip({ virtualenv: '/srv/venv2', name: 'lawpkg', extraArgs }),
        command({ cmd: '/srv/venv2/bin/python -V', changes: 'always' }),
      ],
      expect: ['changed', 'changed'],
      again: ['ok', 'changed'],
      open: 1,
    },
    {
      name: 'none',
      tasks: () => [pip({ virtualenv: venv, name: ['lawpkg', 'never'], state: 'absent' })],
      expect: ['changed'],
      afterwards: '! /srv/venv/bin/python -c "import lawpkg" 2>/dev/null',
    },
    {
      name: 'an environment whose Python is broken',
      setup: `rm -rf /srv/broken; mkdir -p /srv/broken/bin; printf '#!/bin/sh\\necho "{broken"\\n' >/srv/broken/bin/python; chmod 0755 /srv/broken/bin/python`,
      tasks: () => [pip({ virtualenv: '/srv/broken', name: 'lawpkg', extraArgs })],
      expect: ['failed'],
      again: ['failed'],
      says: /Python cannot say what is installed/,
      open: 0,
    },
    {
      name: 'the packages of a Python that is there, which may belong to the distribution',
      setup: `d=/usr/local/lib/python3.*/dist-packages; python3 -m zipfile -e /usr/share/python-wheels/pip-*.whl $d; printf '#!/usr/bin/python3\\nimport sys\\nfrom pip._internal.cli.main import main\\nsys.exit(main())\\n' >/usr/local/bin/lawpip; chmod 0755 /usr/local/bin/lawpip; mkdir /srv/theirs; cp /usr/local/bin/lawpip /srv/theirs/pip; chown -R nobody /srv/theirs; /srv/venv/bin/pip3 install -q --no-index --find-links /srv/wheels lawpkg==1.0; d=$(python3 -c 'import sysconfig; print(sysconfig.get_path("stdlib"))'); : >"$d/EXTERNALLY-MANAGED"`,
      tasks: () => [
        pip({ name: 'lawpkg', executable: 'no-such-pip' }, { ignoreErrors: true }),
        pip({ name: 'lawpkg', state: 'latest', executable: '/srv/venv/bin/pip3', extraArgs }),
        pip({ name: 'lawpkg==1.0', executable: 'lawpip', extraArgs, breakSystemPackages: true }),
        pip({ name: 'never', executable: 'lawpip', state: 'absent' }),
        pip({ name: 'lawpkg==1.1', executable: 'lawpip', extraArgs }, { ignoreErrors: true }),
        pip({ name: 'lawpkg', executable: '/srv/theirs/pip' }),
      ],
      expect: ['failed', 'changed', 'changed', 'ok', 'failed', 'failed'],
      again: ['failed', 'ok', 'ok', 'ok', 'failed', 'failed'],
      says: /belongs to the distribution|belongs to nobody|no-such-pip is not installed/,
      afterwards: '[ "$(python3 -c "import lawpkg; print(lawpkg.v)")" = 1.0 ]',
    },
    {
      name: 'one that is nowhere',
      tasks: () => [pip({ virtualenv: venv, name: 'nowhere', extraArgs })],
      expect: ['failed'],
      again: ['failed'],
      says: /Could not install nowhere/,
      open: 0,
    },
  ]);
});

describe('npm', () => {
  beforeAll(() => npmHere(host));
  holdToLaws(host, npmCases);
});

describe('supervisor', () => {
  const program = { command: '/bin/sh -c "sleep 1000"', startsecs: 1 };
  holdToLaws(host, [
    {
      name: 'a program, with a secret',
      tasks: () => [
        supervisor({ name: 'law1', program, environment: { TOKEN: new Secret('t0ken-"100%" x;y', 'a test') } }),
      ],
      expect: ['changed'],
      hidden: ['t0ken-'],
      afterwards: `supervisorctl status law1 | grep -q RUNNING; tr '\\0' '\\n' <"/proc/$(supervisorctl pid law1)/environ" | grep -Fqx 'TOKEN=t0ken-"100%" x;y'; [ "$(stat -c %a /etc/supervisor/conf.d/law1.conf)" = 600 ]`,
    },
    {
      name: 'other settings',
      tasks: () => [supervisor({ name: 'law1', program: { ...program, command: '/bin/sleep 2000' } })],
      expect: ['changed'],
      afterwards: `tr '\\0' ' ' <"/proc/$(supervisorctl pid law1)/cmdline" | grep -q 2000`,
    },
    {
      name: 'stopped, started, restarted',
      tasks: () => [
        supervisor({ name: 'law1', state: 'stopped' }),
        supervisor({ name: 'law1' }),
        supervisor({ name: 'law1', state: 'restarted' }),
      ],
      expect: ['changed', 'changed', 'changed'],
      again: ['changed', 'changed', 'changed'],
    },
    {
      name: 'gone',
      tasks: () => [supervisor({ name: 'law1', state: 'absent' }), supervisor({ name: 'law1never', state: 'absent' })],
      expect: ['changed', 'ok'],
      afterwards: '! supervisorctl status | grep law1',
    },
    {
      name: 'one that dies at once',
      setup: 'rm -f /etc/supervisor/conf.d/law2.conf; supervisorctl update >/dev/null',
      tasks: () => [supervisor({ name: 'law2', program: { command: '/bin/false', startretries: 0 } })],
      expect: ['failed'],
      again: ['failed'],
      says: /Could not start law2/,
      open: 0,
    },
  ]);

  test('one that is held is left alone, by tasks and by plain commands, until the hold is taken off', async () => {
    await host.sh(
      'printf "[program:law3]\\ncommand=/bin/sleep 1000\\nautostart=false\\n" >/etc/supervisor/conf.d/law3.conf; supervisorctl update >/dev/null',
    );
    const holding = { unit: 'supervisor:law3', holder: 'a test', reason: 'its queue is red' };
    const there = { inventory: 'services,', connect: host.connect };
    const run = async (tasks: () => readonly TaskItem[], check = false) =>
      (await runPlay({ hosts: 'services', tasks }, { ...there, check })).tasks.map(({ status }) => status);
    const start = () => [
      supervisor({ name: 'law3', state: 'started' }),
      command({ cmd: 'supervisorctl restart law3', changes: 'always' }),
    ];
    expect(await run(() => [hold(holding)])).toEqual(['changed']);
    expect(await run(start, true)).toEqual(['held', 'held']);
    expect(await run(start)).toEqual(['held', 'held']);
    expect(await host.sh('supervisorctl status law3 || true')).toMatch(/STOPPED/);
    expect(await run(() => [hold({ ...holding, state: 'absent' }), ...start()])).toEqual([
      'changed',
      'changed',
      'changed',
    ]);
    await host.sh('supervisorctl stop law3; rm /etc/supervisor/conf.d/law3.conf; supervisorctl update');
  });
});
