import { connect, createServer } from 'node:net';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { parseAddress, parsePort, peerAddress } from '../../src/cli/commands/allow-me/access.ts';
import { parseForward } from '../../src/cli/commands/tunnel/forward.ts';
import { useHosts } from '../support/sandbox.ts';
import { incidentProject } from './project.ts';

const hosts = useHosts('way1');
const project = incidentProject(hosts, ['way1'], {
  'playbooks/firewall.ts': `
import { definePlaybook } from 'play';
import { nftables } from 'play/roles/nftables';
export default definePlaybook({ hosts: 'way1', become: true, roles: [nftables()] });`,
});
const { play, on } = project;
const address = (): string => hosts.target('way1').address;

/** Keeps every connection open, and says `hi` on each. */
const server = `use IO::Socket::INET;
my $s = IO::Socket::INET->new(LocalAddr => $ARGV[0], LocalPort => $ARGV[1], Listen => 9, ReuseAddr => 1) or die;
my @kept; while (my $c = $s->accept) { push @kept, $c; print $c "hi\\n"; $c->flush }
`;

/** What somebody outside hears on a port: its first line, or why there is none; then when the connection ends. */
function hear(host: string, port: number): Promise<{ readonly heard: string; readonly ended: Promise<void> }> {
  return new Promise((done) => {
    const socket = connect({ host, port, timeout: 1000 });
    const ended = new Promise<void>((close) => socket.once('close', () => close()));
    void ended.then(() => done({ heard: 'nothing', ended }));
    socket.once('data', (data) => done({ heard: data.toString().trim(), ended }));
    socket.once('timeout', () => {
      done({ heard: 'silence', ended });
      socket.destroy();
    });
    socket.once('error', (error: NodeJS.ErrnoException) => done({ heard: error.code ?? '', ended }));
  });
}

beforeAll(async () => {
  project.writeInventory();
  await hosts.exec('way1', ['sh', '-c', 'cat >/root/server.pl'], server);
  await on('way1', 'for a in "0.0.0.0 9200" "127.0.0.1 9300"; do systemd-run -q perl /root/server.pl $a; done');
  expect((await play('firewall', '--no-typecheck')).code).toBe(0);
});

describe('allow-me', () => {
  const rules = (): Promise<string> => on('way1', 'nft list ruleset | grep allow-me');
  beforeEach(async () => void (await play('allow-me', '--revoke')));

  test('lets packets of one address in to one port, and then no more; connections end, nothing is left', async () => {
    expect((await hear(address(), 9200)).heard).toBe('silence');
    const check = await play('allow-me', 'way1', '9200', '-C');
    expect(check.stdout).toMatch(/^way1 {2}would let \S+ in to port 9200 until .* \(inet firewall input\)\n$/);
    expect(await rules()).toBe('');

    const outcome = await play('allow-me', 'way1', '9200', '--for', '15s');
    expect(outcome.stderr).toBe('');
    expect(outcome.stdout).toMatch(/^way1 {2}lets \S+ in to port 9200 until .* \(inet firewall input\): it answers\n$/);
    const open = await hear(address(), 9200);
    expect(open.heard).toBe('hi');
    expect(await rules()).toMatch(
      /^ip saddr \S+ tcp dport 9200 meta time < "[^"]+" accept comment "play allow-me \w+"$/,
    );

    await open.ended;
    await expect.poll(() => on('way1', 'nft list ruleset | grep -c allow-me; ls -d /run/play-allow')).toBe('0');
    expect((await hear(address(), 9200)).heard).toBe('silence');
    expect((await play('allow-me', '--list')).stdout).toBe('nobody is let in\n');
  });

  test('a playbook leaves it alone, a reload puts it back for no longer, and revoke takes it at once', async () => {
    expect((await play('allow-me', 'way1', '9200', '--for', '1h')).code).toBe(0);
    const [rule] = [await rules()];
    expect((await play('firewall', '-C', '--exit-code', '--no-typecheck')).code).toBe(0);
    await on('way1', 'nft -f /etc/nftables-firewall.nft');
    await expect.poll(rules).toBe(rule);
    expect((await play('allow-me', '--list')).stdout).toMatch(
      /^way1 {2}lets \S+ in to port 9200 until .*, asked for by \S+@\S+ at \S+ \(inet firewall input\)\n$/,
    );
    const revoked = await play('allow-me', 'way1', '9200', '--revoke');
    expect(revoked.stdout).toMatch(/^way1 {2}no longer lets \S+ in to port 9200 \(asked for by \S+\)\n$/);
    expect(await rules()).toBe('');
    expect((await play('log', '--host', 'way1')).stdout).toMatch(/play allow-me way1 9200 --revoke\n$/);
  });

  test('its unit killed, the rule itself still knows its end', async () => {
    await play('allow-me', 'way1', '9200', '--for', '4s');
    await on('way1', 'systemctl kill -s KILL "play-allow-*"; systemctl stop "play-allow-*"');
    await on(
      'way1',
      'nft insert rule inet firewall input ip saddr 192.0.2.1 tcp dport 9200 meta time "<" 1000000000 accept',
    );
    expect((await hear(address(), 9200)).heard).toBe('silence');
    await on('way1', 'nft -f /etc/nftables-firewall.nft');
  });

  test('another address, IPv6, UDP, what is open already, and what has no firewall', async () => {
    await play('allow-me', 'way1', '53/udp', '--from', '2001:db8::7', '--for', '10m');
    expect(await rules()).toMatch(/^ip6 saddr 2001:db8::7 udp dport 53 meta time/);
    expect((await play('allow-me', 'way1', '22')).stdout).toMatch(
      /^way1 {2}port 22 answers \S+ already: nothing is changed\n$/,
    );
    await play('allow-me', '--revoke');
    await on('way1', 'nft flush ruleset');
    expect((await play('allow-me', 'way1', '9201')).stdout).toMatch(/no firewall of the host drops anything/);
    await on('way1', 'nft -f /etc/nftables-firewall.nft');
  });
});

describe('what is asked of allow-me', () => {
  test.each([
    [['way1'], 'To which port of which hosts?'],
    [['way1', '9200', '--for', '9d'], 'at most 7d'],
    [['way1', '9200', '--from', '10.0.0.0/8'], '--from needs an address'],
    [['way1', '9200', '--form', '10.0.0.1'], 'Did you mean --for or --from'],
  ])('%j is told before a host is touched', async (args, text) => {
    const outcome = await play('allow-me', ...args);
    expect(outcome.stderr).toContain(text);
    expect(outcome.code).toBe(1);
  });

  test('ports and addresses', () => {
    expect(parsePort('53/udp')).toEqual({ port: 53, protocol: 'udp' });
    for (const wrong of ['0', '70000', '9200-9300', 'http', '53/sctp'])
      expect(() => parsePort(wrong)).toThrow(/is not a port/);
    expect(parseAddress('--from', '::ffff:192.0.2.7')).toBe('192.0.2.7');
    for (const wrong of ['fe80::1%eth0', 'all', '0.0.0.0/0'])
      expect(() => parseAddress('--from', wrong)).toThrow(/needs an address/);
  });

  test('addresses of /proc/net/tcp', () => {
    expect(peerAddress('0100007F:0016')).toBe('127.0.0.1');
    expect(peerAddress('0000000000000000FFFF00000107D50A:D431')).toBe('10.213.7.1');
    expect(peerAddress('B80D0120000000000000000007000000:0016')).toBe('2001:db8::7');
    expect(peerAddress('nonsense')).toBeUndefined();
  });
});

describe('tunnel', () => {
  test('leads to a port of the loopback, says where, and ends with Ctrl-C and with play', async () => {
    const running = project.start('tunnel', 'way1', '0:9300', '0:127.0.0.1:9999');
    await expect.poll(() => running.said.stdout).toMatch(/9300\n[\s\S]*9999\n/);
    const [port = 0, dead = 0] = [...running.said.stdout.matchAll(/^127\.0\.0\.1:(\d+) -> way1 -> /gm)].map(([, one]) =>
      Number(one),
    );
    const open = await hear('127.0.0.1', port);
    expect(open.heard).toBe('hi');
    await hear('127.0.0.1', dead);
    await expect.poll(() => running.said.stderr).toMatch(/way1 found nothing listening at the other end/);
    expect(await running.end('SIGINT')).toBe(0);
    expect((await hear('127.0.0.1', port)).heard).toBe('ECONNREFUSED');

    const killed = project.start('tunnel', 'way1', '0:9300', '--output', 'jsonl');
    await expect.poll(() => killed.said.stdout).toMatch(/\n/);
    const { local } = JSON.parse(killed.said.stdout) as { local: string };
    const left = Number(local.split(':')[1]);
    // Somebody is at it still.
    const used = await hear('127.0.0.1', left);
    await killed.end('SIGKILL');
    await used.ended;
    await expect.poll(async () => (await hear('127.0.0.1', left)).heard).toBe('ECONNREFUSED');
  });

  test('a port that is taken, and hosts that are no host for it, are told at once', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await new Promise((done) => taken.once('listening', done));
    const at = taken.address();
    const port = typeof at === 'object' && at !== null ? at.port : 0;
    const outcome = await play('tunnel', 'way1', String(port));
    taken.close();
    expect(outcome.stderr).toContain(`Port ${port} on this machine is taken`);
    expect(outcome.code).toBe(1);
    expect((await play('tunnel', 'nowhere', '9200')).stderr).toContain('Unknown host or group "nowhere"');
    expect((await play('tunnel', 'localhost', '9200', '-i', 'localhost,', '-c', 'local')).stderr).toContain(
      'is this machine',
    );
  });

  test.each([
    ['9200', 9200, 'localhost', 9200],
    ['9201:9200', 9201, 'localhost', 9200],
    ['db.internal:5432', 5432, 'db.internal', 5432],
    ['10.0.0.5:80', 80, '10.0.0.5', 80],
    ['8080:10.0.0.5:80', 8080, '10.0.0.5', 80],
    ['8080:[::1]:80', 8080, '[::1]', 80],
    ['0:9200', 0, 'localhost', 9200],
  ])('%s', (text, local, name, port) => {
    expect(parseForward(text)).toEqual({ local, address: name, port });
  });

  test.each(['', 'web', '1:2:3:4', '-R:1', '9200:', '::1:80', '1:-oProxyCommand=x:2', '70000'])(
    '%j is no tunnel',
    (text) => {
      expect(() => parseForward(text)).toThrow(/is not a port|ports go from/);
    },
  );
});
