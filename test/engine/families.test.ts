/**
 * The families of distributions, told from what their os-release(5) says: the very question a host is asked, with such a
 * file in place of the machine's own.
 */
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ProbeFailure } from '../../src/contract/index.ts';
import { fact, unit } from '../../src/probes/index.ts';
import { packageManagerOf, serviceManagerOf } from '../../src/probes/os-family.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const folder = temporaryFolder('families');

/** os-release as these distributions have it, what else stands there left out. */
const files: Readonly<Record<string, readonly [family: string, text: string]>> = {
  'Debian 12': ['Debian', 'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nID=debian\nVERSION_ID="12"\n'],
  'Ubuntu 24.04': ['Debian', 'PRETTY_NAME="Ubuntu 24.04 LTS"\nVERSION_ID="24.04"\nID=ubuntu\nID_LIKE=debian\n'],
  'Linux Mint': ['Debian', 'NAME="Linux Mint"\nID=linuxmint\nID_LIKE="ubuntu debian"\n'],
  'RHEL 9': ['RedHat', 'NAME="Red Hat Enterprise Linux"\nVERSION_ID="9.3"\nID="rhel"\nID_LIKE="fedora"\n'],
  'Rocky 9': ['RedHat', 'NAME="Rocky Linux"\nID="rocky"\nID_LIKE="rhel centos fedora"\n'],
  'AlmaLinux 8': ['RedHat', 'NAME="AlmaLinux"\nID="almalinux"\nID_LIKE="rhel centos fedora"\n'],
  'CentOS Stream 9': ['RedHat', 'NAME="CentOS Stream"\nID="centos"\nID_LIKE="rhel fedora"\n'],
  'Oracle Linux 8': ['RedHat', 'NAME="Oracle Linux Server"\nID="ol"\nID_LIKE="fedora"\n'],
  'Amazon Linux 2': ['RedHat', 'NAME="Amazon Linux"\nID="amzn"\nID_LIKE="centos rhel fedora"\n'],
  'Fedora 40': ['RedHat', 'NAME="Fedora Linux"\nID=fedora\nVERSION_ID=40\n'],
  'openSUSE Leap': ['Suse', 'NAME="openSUSE Leap"\nID="opensuse-leap"\nID_LIKE="suse opensuse"\n'],
  'openSUSE Tumbleweed': ['Suse', 'NAME="openSUSE Tumbleweed"\nID="opensuse-tumbleweed"\nID_LIKE="opensuse suse"\n'],
  'SLES 15': ['Suse', 'NAME="SLES"\nID="sles"\nID_LIKE="suse"\n'],
  'Arch': ['Archlinux', 'NAME="Arch Linux"\nID=arch\nBUILD_ID=rolling\n'],
  'Manjaro': ['Archlinux', 'NAME="Manjaro Linux"\nID=manjaro\nID_LIKE=arch\n'],
  'Alpine 3.19': ['Alpine', 'NAME="Alpine Linux"\nID=alpine\nVERSION_ID=3.19.1\n'],
  'Gentoo': ['Gentoo', 'NAME=Gentoo\nID=gentoo\n'],
  'one of its own': ['Void', 'NAME="Void"\nID="void"\n'],
};

test.each(Object.entries(files))('%s', (_, [family, text]) => {
  const path = join(folder, 'os-release');
  writeFileSync(path, text);
  const { kind, args } = fact('osFamily');
  const script = (args[0] ?? '').replaceAll('/etc/os-release', path);
  const output = execFileSync('sh', ['-c', script], { encoding: 'utf8', env: { PATH: process.env['PATH'] } });
  expect(kind.decode(Buffer.from(`0 ${output.trimEnd()}\0`), [args], '')).toEqual([family]);
});

test("the package manager is the family's own, whatever else is installed", () => {
  expect(packageManagerOf('Debian', ['apt', 'dnf'])).toBe('apt');
  expect(packageManagerOf('RedHat', ['dnf', 'yum'])).toBe('dnf');
  expect(packageManagerOf('RedHat', ['dnf5', 'dnf', 'yum'])).toBe('dnf5');
  expect(packageManagerOf('RedHat', ['yum'])).toBe('yum');
  expect(packageManagerOf('Void', ['pacman'])).toBe('pacman');
  expect(packageManagerOf('Void', [])).toBe('unknown');
});

test('the init system is named by process 1, or by what is there where that is but `init`', () => {
  expect(serviceManagerOf('systemd\nsystemd\n')).toBe('systemd');
  expect(serviceManagerOf('init\nopenrc\n')).toBe('openrc');
  expect(serviceManagerOf('init\nsystemd\n')).toBe('systemd');
  expect(serviceManagerOf('openrc-init\nopenrc\n')).toBe('openrc');
  expect(serviceManagerOf('runit\nsysvinit\n')).toBe('runit');
  expect(serviceManagerOf('init\n')).toBe('service');
});

test('a host that systemd does not run says so, in the words of any shell', () => {
  const { kind, args } = unit('cron.service');
  for (const stderr of ['sh: 3: systemctl: not found', 'sh: systemctl: not found', 'systemctl: command not found'])
    expect(kind.decode(Buffer.from(''), [args], stderr)).toEqual([
      new ProbeFailure('systemd does not run this host; where OpenRC does: openrc()'),
    ]);
});
