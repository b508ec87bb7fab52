/**
 * The runbook that grows a disk, with the real xfs_growfs and resize2fs on loop devices that are mounted. The kernel of the
 * machine this was written on has neither md nor device mapper, so mdadm and LVM's tools are stand-ins that say they are,
 * and make the loop device larger.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { arrayOf } from '../../runbooks/disk/raid-array.ts';
import { useHosts } from '../support/sandbox.ts';
import { skipTests } from '../support/skip-tests.ts';
import { runbookProject, sh } from './runbook-project.ts';

const reason =
  process.getuid?.() !== 0 || !existsSync('/dev/loop-control')
    ? 'only root of a machine with loop devices can attach files to them'
    : undefined;

/** ext4 asks for it to grow while it is mounted, from root too. */
const mayResize = (): boolean => {
  const [, rights = '0'] = /^CapEff:\s*(\w+)/m.exec(readFileSync('/proc/self/status', 'utf8')) ?? [];
  return (BigInt(`0x${rights}`) & (1n << 24n)) !== 0n;
};

/** What `mdadm --detail` of mdadm 4.2 prints, of an array that has got a spare and then grows. */
const detail = (array: string, state: string): string => `echo "${array}:
           Version : 1.2
        Raid Level : raid5
      Raid Devices : $(cat devices)
             State : ${state}
$(cat reshape)
    Number   Major   Minor   RaidDevice State
       0     259        1        0      active sync   /dev/nvme0n1p1
       1     259        3        1      active sync   /dev/nvme1n1p1
       2     259        5        2      active sync   /dev/nvme2n1p1
$(cat members)"`;

describe('on loop devices', () => {
  skipTests(reason);
  const hosts = useHosts('rb-disk');
  const project = runbookProject({
    'group_vars/all.yml': 'grow_host: rb-disk\ngrow_mount: /srv/the data\ngrow_interval: 1\n',
  });
  const on = (script: string): Promise<string> => sh(hosts, 'rb-disk', script);
  const loops = new Map<string, string>();
  const loop = (name: string): string => loops.get(name) ?? '';

  /** A device for a file of the host; nodes of devices are made from outside, the host may not. */
  const attach = async (name: string, mebibytes: number): Promise<string> => {
    await on(`truncate -s ${mebibytes}M /var/images/${name}`);
    const root = hosts.rootPath('rb-disk');
    const device = execFileSync('losetup', ['-f', '--show', join(root, 'var/images', name)], {
      encoding: 'utf8',
    }).trim();
    loops.set(name, device);
    execFileSync('mknod', [join(root, device), 'b', '7', device.replace('/dev/loop', '')]);
    return device;
  };
  const tool = (name: string, script: string): void =>
    writeFileSync(
      join(hosts.rootPath('rb-disk'), 'usr/local/sbin', name),
      `#!/bin/sh\n# A stand-in for ${name}, of a test.\nset -eu\ncd /var/images\n${script}\n`,
      { mode: 0o755 },
    );
  const grown = (name: string): string => `truncate -s +64M /var/images/${name} && losetup -c ${loop(name)}`;
  const size = async (path = '/srv/the data'): Promise<number> =>
    Number((await on(`df --block-size=1048576 --output=size '${path}' | tail -n 1`)).trim());
  const grow = (
    vars: Readonly<Record<string, unknown>>,
    answer: string | undefined,
    ...more: readonly string[]
  ): ReturnType<typeof project.answer> =>
    project.answer(
      ['grow-disk', '-e', JSON.stringify(vars), ...more],
      answer === undefined ? [] : [[/Type ".*" to go on: /, answer]],
    );

  beforeAll(async () => {
    if (reason !== undefined) return;
    project.fill(hosts, { all: ['rb-disk'] });
    await on(
      'apt-get install -qqy --no-install-recommends xfsprogs >/dev/null 2>&1; mkdir -p /var/images "/srv/the data" /srv/ext',
    );
    const [used, spare] = [await attach('used', 300), await attach('new', 64)];
    await on(`mkfs.xfs -q ${used} && mount ${used} '/srv/the data'`);
    await on(`mkfs.ext4 -q ${await attach('full', 64)} && mount ${loop('full')} /srv/ext`);
    await on('cd /var/images; echo 3 >devices; : >reshape; : >members; : >group');
    tool(
      'mdadm',
      `case "$1 \${3-}" in
--detail*)
  ${detail(used, 'clean')}
  # One look later it is done.
  if [ -s reshape ]; then
    : >reshape
    echo '       4       7        1        3      active sync   ${spare}' >members
    ${grown('used')}
  fi ;;
'--manage --add') echo '       4       7        1        -      spare   ${spare}' >members ;;
*) echo "$1" | grep -qx -- --grow && echo "\${2#*=}" >devices && echo '    Reshape Status : 12% complete' >reshape ;;
esac`,
    );
    tool('pvs', 'case "$*" in *vg_name*) cat group ;; *pv_free*) cat free ;; *) test -s group ;; esac');
    tool('lvs', 'echo " vg0"');
    tool('pvcreate', 'echo " 67108864" >free; echo >group');
    tool('vgextend', '[ "$1" = vg0 ] && echo " vg0" >group');
    tool('lvextend', `[ "$3" = ${used} ] && echo " 0" >free; ${grown('used')}`);
  });
  afterAll(() => {
    for (const device of loops.values()) execFileSync('losetup', ['-d', device]);
  });

  test('a disk that has grown itself: the file system follows, where the host is typed', async () => {
    await on(grown('used'));
    const before = await size();
    const check = await grow({}, undefined, '-C');
    expect(check.code, check.shown).toBe(0);
    const wrong = await grow({}, 'there');
    expect(wrong.code).toBe(2);
    expect(await size()).toBe(before);
    const { code, shown } = await grow({}, 'rb-disk');
    expect(code, shown).toBe(0);
    expect(await size()).toBe(before + 64);
    expect((await grow({}, 'rb-disk', '--new')).shown).toContain('rb-disk is right: nothing changed');
  });

  test('ext4 grows while it is mounted', async ({ skip }) => {
    if (!mayResize()) skip('ext4 asks for CAP_SYS_RESOURCE, which is taken from us');
    await on(grown('full'));
    const { code, shown } = await grow({ grow_mount: '/srv/ext' }, 'rb-disk');
    expect(code, shown).toBe(0);
    expect(await size('/srv/ext')).toBeGreaterThan(110);
  });

  test('an array gets a device that is empty, and no other; the file system grows once the data is spread', async () => {
    const [array, device, full] = [loop('used'), loop('new'), loop('full')];
    const refused = await grow({ grow_array: array, grow_devices: [full] }, `rb-disk ${full}`);
    expect(refused.code).toBe(2);
    expect(refused.shown).toContain(`${full} is not empty: ext4`);

    const before = await size();
    const vars = { grow_array: array, grow_devices: [device] };
    const check = await grow(vars, undefined, '-C');
    expect(check.code, check.shown).toBe(0);
    expect(check.shown).toContain(`mdadm --grow --raid-devices=4 ${array}`);
    const { code, shown } = await grow(vars, `rb-disk ${device}`);
    expect(code, shown).toBe(0);
    expect(await size()).toBe(before + 64);
  });

  test('a volume of LVM gets a device', async () => {
    const before = await size();
    const [volume, device] = [loop('used'), loop('new')];
    const vars = { grow_volume: volume, grow_devices: [device] };
    const check = await grow(vars, undefined, '-C');
    expect(check.code, check.shown).toBe(0);
    const { code, shown } = await grow(vars, `rb-disk ${device}`);
    expect(code, shown).toBe(0);
    expect(shown).toContain(`grow ${volume} by ${device}`);
    expect(await size()).toBe(before + 64);
  });

  test('what does not go together is refused before anything is asked', async () => {
    const both = await grow(
      { grow_array: '/dev/md3', grow_volume: '/dev/vg0/x', grow_devices: [loop('new')] },
      undefined,
    );
    expect(both.shown).toContain('give an array or a volume, not both');
    const alone = await grow({ grow_devices: [loop('new')] }, undefined);
    expect(alone.shown).toContain('new devices go with what gets them');
    const none = await grow({ grow_mount: '/srv' }, undefined);
    expect(none.shown).toContain('stopped at "look"');
  });
});

test('what mdadm tells of an array is read', () => {
  const text = `/dev/md3:
           Version : 1.2
     Creation Time : Mon Jan  5 10:00:00 2026
        Raid Level : raid5
      Raid Devices : 4
             State : clean, degraded, reshaping
    Reshape Status : 12% complete
     Delta Devices : 1, (3->4)

    Number   Major   Minor   RaidDevice State
       0     259        1        0      active sync   /dev/nvme0n1p1
       1     259        3        1      active sync set-A   /dev/nvme1n1p1
       3     259        7        2      spare rebuilding   /dev/nvme2n1p1
       -       0        0        3      removed

       4     259        9        -      faulty   /dev/nvme4n1p1
       5     259       11        -      spare   /dev/nvme3n1p1
`;
  expect(arrayOf(text)).toEqual({
    level: 'raid5',
    raidDevices: 4,
    state: 'clean, degraded, reshaping',
    reshape: '12% complete',
    active: ['/dev/nvme0n1p1', '/dev/nvme1n1p1'],
    spare: ['/dev/nvme3n1p1'],
  });
});
