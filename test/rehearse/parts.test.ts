import { expect, test } from 'vitest';
import { compareServices, decodeUnits } from '../../src/cli/commands/rehearse/services.ts';
import { sourcesOf } from '../../src/sandbox/release.ts';
import { mergeAccounts } from '../../src/sandbox/twin/accounts.ts';
import { choosePackages, readInstalled, readMadison } from '../../src/sandbox/twin/packages.ts';
import { maskedInTwin } from '../../src/sandbox/twin/units.ts';

test.each([
  ['sources.list', 'deb http://m.example/debian bookworm main', 'deb http://m.example/debian trixie main\n'],
  [
    'sources.list',
    'deb [signed-by=/k.gpg] http://m.example/debian-security bookworm-security main non-free-firmware # x',
    'deb [signed-by=/k.gpg] http://m.example/debian-security trixie-security main non-free-firmware\n',
  ],
  [
    'debian.sources',
    'Types: deb\n# no\nURIs: http://m.example/debian\nSuites: bookworm bookworm-updates\nComponents: main contrib\nSigned-By: /k.gpg\n',
    'Types: deb\nURIs: http://m.example/debian\nSuites: trixie trixie-updates\nComponents: main contrib\nSigned-By: /k.gpg\n',
  ],
])("Debian's own entry in %s is that of another release: %j", (name, text, expected) => {
  const path = `/etc/apt/${name}`;
  expect(sourcesOf('trixie', 'bookworm', [{ path, text }])).toEqual([{ path, text: expected }]);
});

test('bullseye has no firmware of its own, and others may not have it at all', () => {
  const text = `deb http://m.example/debian bookworm main non-free-firmware
deb https://download.docker.example/linux/debian bookworm stable
deb http://apt.postgresql.example/pub/repos/apt bookworm-pgdg main
deb-src http://m.example/debian bookworm main
`;
  expect(sourcesOf('bullseye', 'bookworm', [{ path: '/etc/apt/sources.list', text }])).toEqual([
    { path: '/etc/apt/sources.list', text: 'deb http://m.example/debian bullseye main\n' },
  ]);
});

test("a machine without Debian's own sources is told so", () => {
  const text = 'deb http://archive.ubuntu.example/ubuntu noble universe\n';
  expect(() => sourcesOf('trixie', 'noble', [{ path: '/etc/apt/sources.list', text }])).toThrow(
    "a host of trixie cannot be made: none of this machine's apt sources is Debian's for noble",
  );
});

const accounts = (passwd: string, group: string): Parameters<typeof mergeAccounts>[0] => ({
  passwd,
  group,
  shadow: passwd.replace(/^(\w+):.*$/gm, '$1:*:1:0:99999:7:::'),
  gshadow: group.replace(/^(\w+):.*$/gm, '$1:*::'),
});

test('accounts of a twin have the numbers of the host, and those to log in with stay', () => {
  const host = accounts(
    'root:x:0:0::/root:/bin/sh\nsshd:x:105:65534::/run/sshd:/x\nann:x:1000:1000::/home/ann:/bin/sh\n',
    'root:x:0:\nsudo:x:27:ann\nann:x:1000:\nssl:x:101:\n',
  );
  const base = accounts(
    'root:x:0:0::/root:/bin/sh\nsshd:x:101:65534::/run/sshd:/x\nadmin:x:1000:1000::/home/admin:/bin/bash\noperator:x:1001:37::/home/operator:/bin/bash\n',
    'root:x:0:\nsudo:x:27:operator\noperator:x:37:\nadmin:x:1000:\n_ssh:x:101:\n',
  );
  const merged = mergeAccounts(host, base, '$6$hash');
  expect(merged.passwd).toBe(
    `${host.passwd}admin:x:1001:1001::/home/admin:/bin/bash\noperator:x:1002:37::/home/operator:/bin/bash\n`,
  );
  expect(merged.group).toBe(
    'root:x:0:\nsudo:x:27:ann,operator\nann:x:1000:\nssl:x:101:\noperator:x:37:\nadmin:x:1001:\n_ssh:x:102:\n',
  );
  expect(merged.shadow).toMatch(/^operator:\$6\$hash:1:/m);
  expect([...merged.uids]).toEqual([
    [101, 105],
    [1000, 1001],
    [1001, 1002],
  ]);
  expect([...merged.gids]).toEqual([
    [1000, 1001],
    [101, 102],
  ]);
});

test('packages are taken in the version of the host where the archive has it', () => {
  const wanted = [
    ['same', '1'],
    ['older', '1-1'],
    ['newer', '9'],
    ['gone', '3'],
    ['base', '1'],
    ['linux-image-6.1.0-18-amd64', '1'],
  ].map(([name = '', version = '']) => ({ name, version, architecture: 'all', isManual: true, isHeld: false }));
  const installed = readInstalled('same\tall\t1\tii \nbase\tall\t2\tii \nremoved\tall\t1\trc \n');
  const archive = readMadison(' older | 1-2 | x\n older | 1-1 | x\n newer | 10 | x\n base | 2 | x\n');
  expect([...installed.keys()]).toEqual(['same', 'base']);
  expect(choosePackages(wanted, installed, archive)).toEqual({
    exact: ['older=1-1'],
    other: ['newer'],
    missing: [wanted[3]],
    leftOut: ['linux-image-6.1.0-18-amd64'],
  });
});

test('what belongs to the machine does not run in a twin', () => {
  expect(
    maskedInTwin(['nginx.service', 'systemd-networkd.service', 'cloud-init.service', 'cron.service', 'ssh.service']),
  ).toEqual(['cloud-init.service', 'ssh.socket', 'systemd-networkd.service']);
});

const unit = (id: string, active: string, more = ''): string =>
  `Id=${id}\nLoadState=loaded\nActiveState=${active}\nSubState=x\nUnitFileState=enabled\n${more}`;

test('names that lead elsewhere are no units', () => {
  const { units } = decodeUnits(
    `${unit('getty@/../../../../etc/x.service', 'active')}\n---\n../y.service enabled\n---\n`,
  );
  expect([...units.keys()]).toEqual([]);
});

test('services are compared before and after', () => {
  const before = decodeUnits(
    `${[
      unit('a.service', 'active', 'Result=success\nInvocationID=1'),
      unit('b.service', 'active', 'InvocationID=1'),
      unit('c.service', 'inactive'),
      unit('d.service', 'active', 'InvocationID=1'),
      unit('user@0.service', 'active'),
      'Id=e.service\nLoadState=not-found\nActiveState=inactive',
    ].join(
      '\n\n',
    )}\n---\n---\ntcp   LISTEN 0      511          0.0.0.0:80        0.0.0.0:*    users:(("nginx",pid=1,fd=6))\n`,
  );
  const after = decodeUnits(
    `${[
      unit('a.service', 'failed', 'Result=exit-code\nInvocationID=2'),
      unit('b.service', 'active', 'InvocationID=2'),
      unit('c.service', 'active'),
      unit('d.service', 'activating', 'InvocationID=2').replace('SubState=x', 'SubState=auto-restart'),
    ].join('\n\n')}\n---\nf.service disabled enabled\n---\n`,
  );
  expect(compareServices(before, after)).toEqual({
    changed: [
      { unit: 'a.service', before: 'active, enabled', after: 'failed (exit-code), enabled', isBroken: true },
      { unit: 'c.service', before: 'inactive, enabled', after: 'active, enabled', isBroken: false },
      {
        unit: 'd.service',
        before: 'active, enabled',
        after: 'activating (keeps restarting), enabled',
        isBroken: true,
      },
      { unit: 'f.service', before: 'absent', after: 'inactive, disabled', isBroken: false },
    ],
    restarted: ['b.service'],
    failed: ['a.service', 'd.service'],
    listensNoMore: ['tcp 0.0.0.0:80 nginx'],
    listensNow: [],
  });
});
