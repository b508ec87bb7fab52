/** Facts that imports read by Ansible's names are what real Ansible finds on this machine. */
import { execFileSync, spawnSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import {
  dateTime,
  defaultIpv4,
  defaultIpv6,
  interfaceNames,
  interfaceOf,
  ipv6Addresses,
} from '../../src/import/support/ansible.ts';
import { fact, type FactName, type Facts } from '../../src/probes/index.ts';
import { skipTests } from '../support/skip-tests.ts';

/** Half the way around the world, so that the date may be another one than in UTC. */
const env = { ...process.env, TZ: 'Asia/Kolkata', LC_ALL: 'C.UTF-8' };

function factHere<K extends FactName>(name: K): Facts[K] {
  const { kind, args } = fact(name);
  const [answer] = kind.decode(execFileSync('sh', ['-c', kind.sh], { input: `${args[0]}\0`, env }), [args], '');
  return answer as Facts[K];
}
const facts = {
  distributionPointRelease: factHere('distributionPointRelease'),
  network: factHere('network'),
  clock: factHere('clock'),
} as Facts;

const reason = spawnSync('ansible', ['--version']).status === 0 ? undefined : 'ansible-core is not installed';

describe('as Ansible finds them', () => {
  skipTests(reason);
  const found: ReturnType<typeof dateTime> =
    reason === undefined
      ? (JSON.parse(
          execFileSync('ansible', ['localhost', '-m', 'setup', '-o'], { encoding: 'utf8', env }).replace(/^.*?=> /, ''),
        ).ansible_facts as ReturnType<typeof dateTime>)
      : {};

  test('the version with its point release', () => {
    expect(facts.distributionPointRelease).toBe(found['ansible_distribution_version']);
  });
  test('where packets leave', () => {
    expect(defaultIpv4(facts)).toEqual(found['ansible_default_ipv4']);
    expect(defaultIpv6(facts)).toEqual(found['ansible_default_ipv6']);
  });
  test('interfaces and their addresses', () => {
    expect(interfaceNames(facts)).toContain('lo');
    // Those of throwaway hosts come and go.
    const own: readonly { address: string }[] =
      interfaceOf(facts, found['ansible_default_ipv4'].interface ?? 'lo').ipv6 ?? [];
    for (const { address } of own.filter((one) => one.address !== '::1')) {
      expect(found['ansible_all_ipv6_addresses']).toContain(address);
      expect(ipv6Addresses(facts)).toContain(address);
    }
    for (const name of ['lo', found['ansible_default_ipv4'].interface ?? 'lo'])
      expect(found[`ansible_${name}`]).toMatchObject(interfaceOf(facts, name));
  });
  test('the time, but for the seconds that went by', () => {
    const [ours, theirs] = [dateTime(facts), found['ansible_date_time']];
    const moving = /^(?:second|minute|hour|time|epoch|iso8601)/;
    const still = (one: Record<string, unknown>): unknown =>
      Object.fromEntries(Object.entries(one).filter(([key]) => !moving.test(key) && key !== 'tz_dst'));
    expect(still(ours)).toEqual(still(theirs));
    expect(Object.keys(theirs).filter((key) => !(key in ours))).toEqual(['tz_dst']);
    for (const key of ['iso8601', 'iso8601_micro', 'iso8601_basic', 'iso8601_basic_short', 'time'])
      expect(ours[key].replaceAll(/\d/g, '0')).toBe(theirs[key].replaceAll(/\d/g, '0'));
    expect(Math.abs(Number(theirs.epoch) - Number(ours['epoch']))).toBeLessThan(600);
  });
});

test('what ip(8) and date(1) print is read', () => {
  const { kind, args } = fact('network');
  const [network] = kind.decode(
    Buffer.from(`0 link 1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536 qdisc noqueue state UNKNOWN \\    link/loopback 00:00:00:00:00:00 brd 00:00:00:00:00:00
link 7: eth0@if8: <BROADCAST,MULTICAST> mtu 1500 qdisc noop state DOWN \\    link/ether 02:42:ac:11:00:02 brd ff:ff:ff:ff:ff:ff link-netnsid 0
addr 7: eth0    inet 10.1.2.3/20 brd 10.1.15.255 scope global eth0\\       valid_lft forever preferred_lft forever
addr 7: eth0    inet 10.1.9.9/32 scope global eth0\\       valid_lft forever
addr 7: eth0    inet6 fe80::1/64 scope link \\       valid_lft forever
route4 1.0.0.1 via 10.1.0.1 dev eth0 src 10.1.2.3 uid 0 \0`),
    [args],
    '',
  );
  const all = { ...facts, network } as Facts;
  expect(defaultIpv4(all)).toEqual({
    address: '10.1.2.3',
    alias: 'eth0',
    broadcast: '10.1.15.255',
    gateway: '10.1.0.1',
    interface: 'eth0',
    macaddress: '02:42:ac:11:00:02',
    mtu: 1500,
    netmask: '255.255.240.0',
    network: '10.1.0.0',
    prefix: '20',
    type: 'ether',
  });
  expect(interfaceOf(all, 'eth0')).toMatchObject({
    active: false,
    ipv4_secondaries: [{ address: '10.1.9.9', netmask: '255.255.255.255', broadcast: '' }],
    ipv6: [{ address: 'fe80::1', prefix: '64', scope: 'link' }],
  });
  expect(interfaceOf(all, 'eth1')).toBeUndefined();
  expect(defaultIpv6(all)).toEqual({});
});
