/**
 * What docs/rolling.md prints, on real hosts: three nginx behind a real HAProxy get a new release one after the other while
 * a steady load goes on, and not one request fails.
 */
import { beforeAll, expect, test, vi } from 'vitest';
import { makeProject } from '../cli/command-line.ts';
import { blocksOf, writeFiles } from '../runbooks/pages.ts';
import { install } from '../support/install.ts';
import { useHosts } from '../support/sandbox.ts';
import { startLoad, type Figures } from './load.ts';

const web = ['web1', 'web2', 'web3'] as const;
const hosts = useHosts('lb1', ...web);
const project = makeProject({});

async function sh(host: string, script: string): Promise<string> {
  const { code, stdout, stderr } = await hosts.exec(host, ['sh', '-c', script]);
  if (code !== 0) throw new Error(`${host}: code ${code}: ${stderr}\n${script}`);
  return stdout.trim();
}

/** HAProxy gives nothing a second chance: what a backend does not answer is a failed request. */
const haproxy = (): string => `global
  stats socket /run/haproxy/admin.sock mode 660 level admin
defaults
  mode http
  retries 0
  timeout connect 2s
  timeout client 30s
  timeout server 30s
frontend http
  bind :80
  default_backend web
backend web
  option httpchk GET /health
  http-response set-header X-Backend %s
  default-server check inter 500ms fall 2 rise 1
${web.map((name) => `  server ${name} ${hosts.target(name).address}:80\n`).join('')}`;

beforeAll(async () => {
  const line = (name: 'lb1' | (typeof web)[number]): string => {
    const { address, user, privateKeyFile, knownHostsFiles = [], hostKeyAlias } = hosts.target(name);
    return `${name} ansible_host=${address} ansible_user=${user} ansible_ssh_private_key_file=${privateKeyFile} ansible_ssh_common_args='-o UserKnownHostsFile=${knownHostsFiles[0]} -o HostKeyAlias=${hostKeyAlias}'\n`;
  };
  writeFiles(blocksOf('docs/rolling.md'), project.dir);
  writeFiles(blocksOf('docs/patching.md'), project.dir);
  project.write({ hosts: `${line('lb1')}[web]\n${web.map(line).join('')}` });
  await Promise.all([
    sh('lb1', install('haproxy', 'curl')).then(() =>
      hosts.exec('lb1', ['sh', '-c', 'cat >/etc/haproxy/haproxy.cfg && systemctl restart haproxy'], haproxy()),
    ),
    ...web.map((name) =>
      sh(
        name,
        `${install('nginx', 'curl')}; mkdir -p /srv/web; head -c 200000 /dev/zero >/srv/web/slow; systemctl start nginx`,
      ),
    ),
  ]);
}, 600_000);

/** As the page says; types are checked once. */
const release = (number: number, ...more: readonly string[]) =>
  project.play(
    'release.ts',
    '-i',
    'hosts',
    '-e',
    `release=${number}`,
    ...more,
    ...(number === 1 ? [] : ['--no-typecheck']),
  );

/** What HAProxy says of its servers: state, as bits, of each. */
const states = (): Promise<string> =>
  sh(
    'lb1',
    `perl -MSocket -e 'socket(S,AF_UNIX,SOCK_STREAM,0); connect(S,pack_sockaddr_un("/run/haproxy/admin.sock")); syswrite S,"show servers state\\n"; while(<S>){@f=split; print "$f[3]=$f[6] " if @f>9 && $f[0]=~/^\\d/}'`,
  );
const changed = (stdout: string): string[] => stdout.match(/changed=\d+/g) ?? [];
const print = (what: string, { sent, failed, slow, seconds, answers }: Figures): void =>
  void process.stdout.write(
    `${what}: ${sent} requests in ${seconds.toFixed(1)} s (${(sent / seconds).toFixed(0)} a second, ${slow} of them slow), ${failed} failed; ${[...answers].map(([from, count]) => `${from}: ${count}`).join(', ')}\n`,
  );

test('the first release, on hosts that have nothing for a gate to ask', async () => {
  const first = await release(1, '--skip-tags', 'always');
  expect(first.code, first.stdout + first.stderr).toBe(0);
  expect(await states()).toBe('web1=0 web2=0 web3=0');
  const again = await release(1);
  expect([again.code, changed(again.stdout)], again.stdout + again.stderr).toEqual([
    0,
    ['changed=0', 'changed=0', 'changed=0'],
  ]);
});

test('check mode tells the change of each host, and what its gate waits for', async () => {
  const check = await release(2, '-C', '--output', 'jsonl');
  expect(check.code, check.stdout + check.stderr).toBe(0);
  const events = check.stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as object);
  for (const host of web) {
    for (const task of ['drain', 'ready'])
      expect(events).toContainEqual(expect.objectContaining({ event: 'handler', host, task, status: 'changed' }));
    const gate = { host, task: 'uri http://127.0.0.1/health', gate: 'after', may: expect.any(String) as string };
    expect(events).toContainEqual(expect.objectContaining(gate));
  }
  expect(events).not.toContainEqual(expect.objectContaining({ status: 'failed' }));
  const text = expect.stringContaining('canary web1: would be watched for 3 s') as string;
  expect(events).toContainEqual(expect.objectContaining({ event: 'notice', text }));
  expect(await states()).toBe('web1=0 web2=0 web3=0');
});

test('a new release reaches all three under load, and no request fails', async () => {
  const load = startLoad(hosts.target('lb1').address, { clients: 10, slow: 3 });
  await vi.waitFor(() => expect(load.figures().slow).toBeGreaterThan(2), { timeout: 120_000 });
  const run = await release(2);
  expect(run.code, run.stdout + run.stderr).toBe(0);
  await vi.waitFor(() => expect(load.figures().sent).toBeGreaterThan(10_500), { timeout: 120_000, interval: 100 });
  const figures = await load.stop();
  print('rolling release of three, with drain', figures);
  expect(figures.reasons).toEqual([]);
  expect(figures.failed).toBe(0);
  expect(figures.sent).toBeGreaterThan(10_000);
  expect(figures.slow).toBeGreaterThan(5);
  for (const name of web)
    for (const number of [1, 2]) expect(figures.answers.get(`${name} release ${number}`)).toBeGreaterThan(0);
  expect(await states()).toBe('web1=0 web2=0 web3=0');
  // Changed were the file and the four handlers.
  expect(changed(run.stdout)).toEqual(['changed=4', 'changed=4', 'changed=4']);
});

test('without a drain the same load loses requests: it can tell', async () => {
  const load = startLoad(hosts.target('lb1').address, { clients: 10, slow: 0 });
  await sh('web1', 'systemctl stop nginx; sleep 0.5; systemctl start nginx');
  const figures = await load.stop();
  print('one of three restarted, without drain', figures);
  expect(figures.failed).toBeGreaterThan(0);
  await vi.waitFor(async () => expect(await states()).toBe('web1=0 web2=0 web3=0'), { timeout: 120_000 });
});

test('a release that does not start stays out of the load, and the rest of the hosts as they are', async () => {
  // Runs on, and does not come up again: found out by the restart alone.
  const dropIn = '/etc/systemd/system/nginx.service.d/broken.conf';
  await sh(
    'web2',
    `mkdir -p /etc/systemd/system/nginx.service.d; printf '[Service]\\nExecStartPre=/bin/false\\n' >${dropIn}; systemctl daemon-reload`,
  );
  const load = startLoad(hosts.target('lb1').address, { clients: 10, slow: 2 });
  const run = await release(3);
  const figures = await load.stop();
  print('a release that fails on its second host', figures);
  expect(run.code).toBe(2);
  expect([figures.failed, figures.reasons]).toEqual([0, []]);
  expect(run.stdout).toMatch(
    /stopped {2}roll-out of "web": web2 failed\n {4}done {10}web1\n {4}not finished {2}web2 \(restart nginx\)\n {4}not begun {5}web3\n/,
  );
  expect(run.stdout).toContain('play release.ts -i hosts -e release=3 --no-typecheck -l web2,web3');
  expect(await states()).toBe('web1=0 web2=8 web3=0');
  // Put right, the command to go on does what is left, and what is owed.
  await sh('web2', `rm ${dropIn}; systemctl daemon-reload`);
  const on = await release(3, '-l', 'web2,web3');
  expect(on.code, on.stdout + on.stderr).toBe(0);
  expect(await states()).toBe('web1=0 web2=0 web3=0');
  const served = await sh('lb1', 'for i in 1 2 3; do curl -sI http://127.0.0.1/health; done');
  expect(served.match(/x-release: \d/gi)).toEqual(['x-release: 3', 'x-release: 3', 'x-release: 3']);
});

/** A newer nginx in a source of the host's own: Debian's, with another version. */
const newerNginx = `cd /srv && mkdir -p apt && apt-get download -q nginx >/dev/null && dpkg-deb -R nginx_*.deb new && rm nginx_*.deb
sed -i 's/^\\(Version: .*\\)/\\1+newer1/' new/DEBIAN/control && dpkg-deb -b new apt/nginx.deb >/dev/null
{ dpkg-deb -f apt/nginx.deb; echo "Filename: ./nginx.deb"; echo "Size: $(stat -c %s apt/nginx.deb)"; echo "SHA256: $(sha256sum apt/nginx.deb | cut -d ' ' -f 1)"; } >apt/Packages
echo 'deb [trusted=yes] file:/srv/apt ./' >/etc/apt/sources.list.d/own.list`;

test('packages are upgraded under load, each host drained before, and no request fails', async () => {
  await Promise.all(web.map((name) => sh(name, newerNginx)));
  const patch = (...more: readonly string[]) =>
    project.play('patch', '-i', 'hosts', '-l', 'web', '--only', 'nginx', '--gate', 'http://127.0.0.1/health', ...more);
  const check = await patch('-C');
  const load = startLoad(hosts.target('lb1').address, { clients: 10, slow: 3 });
  await vi.waitFor(() => expect(load.figures().slow).toBeGreaterThan(0), { timeout: 120_000 });
  const run = await patch();
  const figures = await load.stop();
  print('nginx upgraded on three, with drain', figures);
  expect(run.code, run.stdout + run.stderr).toBe(0);
  expect([figures.failed, figures.reasons]).toEqual([0, []]);
  expect(figures.sent).toBeGreaterThan(500);
  const told = /^nginx (\S+) -> \1\+newer1 on web1, web2, web3$/m;
  expect([check.stdout, run.stdout]).toEqual([expect.stringMatching(told), expect.stringMatching(told)]);
  expect(check.stdout).toContain('would change  web1  haproxyServer web/web1  state ready -> drain');
  expect(await sh('web3', "dpkg-query -Wf '${Version}' nginx")).toMatch(/\+newer1$/);
  expect(await states()).toBe('web1=0 web2=0 web3=0');
  const again = await patch();
  expect([again.code, changed(again.stdout)]).toEqual([0, ['changed=0', 'changed=0', 'changed=0']]);
});
