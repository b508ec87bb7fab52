/** The roles that make a host: its names and accounts, the ways in and what is closed, docker. As a stranger uses them. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { accounts } from 'play/roles/accounts';
import { base } from 'play/roles/base';
import { docker } from 'play/roles/docker';
import { fail2ban } from 'play/roles/fail2ban';
import { nftables, openPort } from 'play/roles/nftables';
import { sshd } from 'play/roles/sshd';
import { beforeAll, describe, expect, test } from 'vitest';
import type { PlaySpec } from '../../src/playbook/index.ts';
import { rehearsePlay } from '../support/role-run.ts';
import { runPlay, type RunPlayOptions } from '../support/run-play.ts';
import { useHosts } from '../support/sandbox.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const plain = 'plain1';
const shop = 'shop1.example.org';
const hosts = useHosts(plain, shop);

const inventory = join(temporaryFolder('roles'), 'hosts');
writeFileSync(inventory, `${plain}\n${shop} firewall_table=shop firewall_folder=/etc/shop/ports\n`);
const there: RunPlayOptions = { inventory, target: (name) => hosts.target(name, 'root') };

const on = async (host: string, script: string): Promise<string> => {
  const { code, stdout, stderr } = await hosts.exec(host, ['bash', '-c', script]);
  if (code !== 0) throw new Error(`${script}: exit code ${code}\n${stderr}`);
  return stdout.trim();
};

const keyOf = (person: string): string =>
  `ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAINMLCTBeIkPQpv9/hoSKG1pPYCfdtwmC6GIG8gDwyJz1 ${person}`;
const ann = { name: 'ann', comment: 'Ann of the shop', admin: true, keys: [keyOf('ann')] };
const ben = { name: 'ben', comment: 'Ben of the shop', keys: [keyOf('ben')] };

describe('with little said', () => {
  const firewall = nftables({
    firewall_ports: [{ port: 5353, protocol: 'udp', why: 'names', from: ['192.0.2.0/24'] }],
  });
  const tasks: PlaySpec['tasks'] = ({ host }) => [openPort(host, { port: 8080, why: 'the shop' })];
  beforeAll(async () => {
    const people = accounts({ accounts: [ann, ben], su_group: 'sudo' });
    const named = base({ base_timezone: 'Europe/Berlin', base_motd: 'Hello\n' });
    const settled = docker({ docker_settings: { 'log-driver': 'local' } });
    await Promise.all([
      rehearsePlay({ hosts: plain, roles: [base(), people, sshd(), firewall, fail2ban()], tasks }, there),
      rehearsePlay({ hosts: shop, roles: [named, firewall, settled], tasks }, there),
    ]);
  });

  test('a host has its names, a time zone, and a journal that stays', async () => {
    expect(await on(shop, 'hostname; hostname --fqdn; date +%Z; cat /etc/motd')).toMatch(
      /^shop1\nshop1\.example\.org\nCES?T\nHello$/,
    );
    expect(await on(plain, 'grep 127.0.1.1 /etc/hosts; journalctl --header | grep "File path"')).toMatch(
      /^127\.0\.1\.1 plain1\n[^]*\/var\/log\/journal/,
    );
  });

  test('an admin may do everything, others nothing, and nobody but root uses su', async () => {
    expect(await on(plain, 'runuser -u ann -- sudo -n id -u; cat /home/ann/.ssh/authorized_keys')).toBe(
      `0\n${keyOf('ann')}`,
    );
    await expect(on(plain, 'runuser -u ben -- sudo -n id -u')).rejects.toThrow('a password is required');
    await on(plain, 'echo root:known | chpasswd');
    await expect(on(plain, 'echo known | runuser -u ben -- su -c id root')).rejects.toThrow('Permission denied');
    expect(await on(plain, 'su -c "id -un" ben')).toBe('ben');
  });

  test('nobody gets in with a password', async () => {
    expect(await on(plain, '/usr/sbin/sshd -T')).toMatch(
      /permitrootlogin (?:without-password|prohibit-password)[^]*passwordauthentication no[^]*kbdinteractiveauthentication no/,
    );
  });

  test.each([
    [plain, shop, 'firewall', '/etc/nftables.d/ports'],
    [shop, plain, 'shop', '/etc/shop/ports'],
  ])('%s is open where a file says so, in the table and folder it names', async (host, other, table, folder) => {
    expect(await on(host, `ls ${folder}`)).toBe('22.nft\n5353-udp.nft\n8080.nft');
    expect(await on(host, 'nft list tables')).toContain(`table inet ${table}`);
    expect(await on(host, `nft list table inet ${table}`)).toContain('ip saddr 192.0.2.0/24 udp dport 5353 accept');
    const knock = async (port: number): Promise<number> =>
      (await hosts.exec(other, ['timeout', '3', 'bash', '-c', `: </dev/tcp/${host}/${port}`])).code;
    // Nobody listens: 1 is a port that refuses, 124 one that does not answer at all.
    expect([await knock(22), await knock(8080), await knock(8081)]).toEqual([0, 1, 124]);
  });

  test('who tries passwords is kept out, in a table of its own', async () => {
    await expect.poll(() => on(plain, 'fail2ban-client status || true')).toMatch(/list:\s+sshd$/);
    await on(plain, 'fail2ban-client set sshd banip 192.0.2.99');
    await expect.poll(() => on(plain, 'nft list ruleset')).toMatch(/table inet f2b-table[^]*192\.0\.2\.99/);
  });

  test('docker runs with its settings', async () => {
    expect(await on(shop, "docker info --format '{{.LoggingDriver}}'")).toBe('local');
  });
});

test('who is taken off the lists may no longer, and a port may say who comes', async () => {
  // Who logged in keeps a systemd of their own for a while, and an account with processes is not taken away.
  await on(plain, 'loginctl terminate-user ben 2>/dev/null || true');
  await expect.poll(() => on(plain, 'pgrep -u ben || true')).toBe('');
  const done = await rehearsePlay(
    {
      hosts: plain,
      roles: [
        accounts({ accounts: [{ ...ann, admin: false }], accounts_gone: ['ben'] }),
        sshd({ sshd_passwords: true }),
        nftables({ firewall_ports: [{ port: 22, why: 'ssh, from home', from: ['0.0.0.0/0', '::/0'] }] }),
      ],
    },
    there,
  );
  expect(done.told.filter((line) => line.startsWith('changed'))).toEqual([
    'changed sudoers ann',
    'changed user ben',
    'changed template /etc/ssh/sshd_config.d/00-local.conf',
    'changed handler reload sshd',
    'changed open port 22',
    'changed rules of the firewall',
  ]);
  await expect(on(plain, 'runuser -u ann -- sudo -n id -u')).rejects.toThrow('a password is required');
  expect(await on(plain, 'getent passwd ben || ls -d /home/ben; /usr/sbin/sshd -T | grep ^passworda')).toBe(
    '/home/ben\npasswordauthentication yes',
  );
});

test.each([
  ['an account without a key', accounts({ accounts: [{ ...ann, keys: [] }] }), 'must hold a key'],
  ['an account listed twice', accounts({ accounts: [ann], accounts_gone: ['ann'] }), 'ann is listed twice'],
  ['a name server by its name', base({ base_dns_servers: ['dns.example'] }), 'must be an address'],
  ['a host name with blanks', base({ base_hostname: 'shop one' }), 'must be a host name'],
  ['a port out of range', nftables({ firewall_ports: [{ port: 70_000, why: 'x' }] }), 'firewall_ports'],
  ['a firewall that other roles would not find', nftables({ firewall_table: 'other' }), 'is set in a playbook'],
  ['a time without its unit', fail2ban({ fail2ban_time: '60' }), 'must be a number and s, m, h, d or w'],
  ['no session at all', sshd({ sshd_max_sessions: 0 }), 'sshd_max_sessions'],
] as const)('at the desk: %s', async (_, role, message) => {
  await expect(runPlay({ hosts: plain, roles: [role] }, there)).rejects.toThrow(message);
});

test('at the desk: a firewall that would close the way in', async () => {
  const away = join(temporaryFolder('roles'), 'hosts');
  writeFileSync(away, 'away1 ansible_port=2222\n');
  await expect(runPlay({ hosts: 'all', roles: [nftables()] }, { inventory: away })).rejects.toThrow(
    'away1: play connects to port 2222, but the firewall would open 22',
  );
});
