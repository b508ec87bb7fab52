import { readFileSync } from 'node:fs';
/**
 * The monitoring host with what it has only when it is asked for: Grafana, vector and jupycron, which are stand-ins
 * here (packages.ts); and all that comes with every run but is none of Prometheus', the log host with a second host
 * that sends.
 */
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { answersFor } from '../../src/roles/base/names.ts';
import { buildRepository } from '../support/apt-repository.ts';
import type { TestHosts } from '../support/sandbox.ts';
import { expectForetold, expectQuiet, expectSuccess, expectUntouched, isSure, reasonsOf } from './foretold.ts';
import { repositories } from './packages.ts';
import { monitoringHost, readRun, type MonitoringProject, type PlaybookRun } from './project.ts';
import { listTree } from './tree.ts';

export const sender = 'ams-pg-test.ooni.org';

/** What takes its time: a service that starts, a line on its way. */
const settling = { timeout: 120_000, interval: 250 };

/** Goes on with a host that has been set up without these parts. The tests build on each other, in order. */
export function describeAllParts(hosts: TestHosts, project: MonitoringProject): void {
  async function on(name: string, script: string): Promise<string> {
    const { code, stdout, stderr } = await hosts.exec(name, ['sh', '-c', script]);
    if (code !== 0) throw new Error(`${name}: ${script}: exit code ${code}\n${stderr}`);
    return stdout.trim();
  }
  const here = (script: string): Promise<string> => on(monitoringHost, script);
  const deploy = (...args: readonly string[]): Promise<PlaybookRun> =>
    project.deploy('-e', `@${join(import.meta.dirname, 'sandbox.yml')}`, ...args);

  describe('parts that are asked for', () => {
    let predicted: PlaybookRun;
    let done: PlaybookRun;
    let before: string[];
    let after: string[];

    beforeAll(async () => {
      for (const [folder, packages] of Object.entries(repositories))
        buildRepository(join(hosts.rootPath(monitoringHost), folder), packages);
      before = await listTree(hosts, monitoringHost);
      predicted = await deploy('-C');
      after = await listTree(hosts, monitoringHost);
      done = await deploy();
    });

    test('check mode fails nowhere and leaves the host as it was', () => {
      // What services of the host write by themselves is none of the run's doing.
      const ofServices = /(?:^| )\/var\/(lib|log|cache)\//;
      expectUntouched(
        predicted,
        before.filter((line) => !ofServices.test(line)),
        after.filter((line) => !ofServices.test(line)),
      );
    });

    test('the run succeeds', () => expectSuccess(done));

    test('check mode told what the run does', () => {
      expectForetold([...predicted.tasks, ...predicted.handlers], [...done.tasks, ...done.handlers]);
      // Installation scripts that people wrote, guards of ours, and what packages of repositories bring that are only
      // planned.
      const known =
        /installation scripts of|is not installed yet|is (?:there|installed) by then|changes apt's sources|(?:changes the host|run) before\)?$/;
      expect(
        reasonsOf(predicted.tasks.filter((line) => !isSure(line))).filter((reason) => !known.test(reason)),
      ).toEqual([]);
    });

    test('a second run has nothing to change', async () => expectQuiet(await deploy(), monitoringHost));

    test('nor has check mode after the host was stopped and started', async () => {
      for (const verb of ['stop', 'start']) expect((await project.play('sandbox', verb, monitoringHost)).code).toBe(0);
      expectQuiet(await deploy('-C'), monitoringHost);
    });
  });

  describe('the host that came up', () => {
    const password = (): string =>
      readFileSync(join(project.dir, '.play/sandbox-secrets/shared/monitoring_password_ooni'), 'utf8').trim();
    const status = (name: string, path: string, options = ''): Promise<string> =>
      here(`curl -sk --resolve ${name}:443:127.0.0.1 -o /dev/null -w '%{http_code}' ${options} https://${name}${path}`);
    const page = (name: string, path: string): Promise<string> =>
      here(`curl -skf --user 'ooni:${password()}' --resolve ${name}:443:127.0.0.1 https://${name}${path}`);

    test('runs everything, also after a reboot', async () => {
      const units = [
        'netdata',
        'rsyslog',
        'grafana-server',
        'fail2ban',
        'clickhouse-server',
        'vector',
        'jupyter',
        'nginx',
        'prometheus',
      ];
      for (const [verb, word] of [
        ['is-active', 'active'],
        ['is-enabled', 'enabled'],
      ] as const) {
        await expect
          .poll(() => here(`systemctl ${verb} ${units.join(' ')} || true`), settling)
          .toBe(units.map(() => word).join('\n'));
      }
    });

    test('netdata and jupyter answer behind nginx, to who has the password', async () => {
      for (const [name, path] of [
        ['netdata.ooni.org', '/api/v1/info'],
        ['jupyter.ooni.org', '/api/kernelspecs'],
      ] as const) {
        expect(await status(name, path)).toBe('401');
        expect(await status(name, path, '--user ooni:wrong')).toBe('401');
        await expect.poll(() => status(name, path, `--user 'ooni:${password()}'`), settling).toBe('200');
      }
      expect(JSON.parse(await page('netdata.ooni.org', '/api/v1/info')).version).toMatch(/^v1\./);
      expect(JSON.parse(await page('jupyter.ooni.org', '/api/kernelspecs')).default).toBe('python3');
      expect(await here('jupycron; dpkg-query -W jupycron')).toContain('0.2');
    });

    test('nobody else on the host gets at jupyter, who would run code', async () => {
      expect(
        (
          await hosts.exec(monitoringHost, [
            'runuser',
            '-u',
            'nobody',
            '--',
            'curl',
            '-s',
            '--unix-socket',
            '/run/jupyter/notebook.sock',
            'http://jupyter/api',
          ])
        ).code,
      ).toBe(7);
      expect(await here("ss -ltnH | grep -c ':8888 ' || true")).toBe('0');
    });

    test('Grafana has its settings and asks for a password itself', async () => {
      await expect
        .poll(() => here('curl -sk --resolve grafana.ooni.org:443:127.0.0.1 https://grafana.ooni.org/'), settling)
        .toBe('grafana at https://grafana.ooni.org/');
      expect(await here('stat -c "%a %U:%G" /etc/grafana/admin_password /etc/grafana/grafana.ini')).toBe(
        '640 root:grafana\n640 root:grafana',
      );
      expect(await here('cat /etc/grafana/provisioning/datasources/prometheus.yaml')).toContain(
        'url: http://127.0.0.1:9090',
      );
    });

    test('ClickHouse has the table for logs, and takes a line of one', async () => {
      expect(
        await here(
          "clickhouse-client --query \"INSERT INTO logs VALUES (now(), 'h', 'a', 'daemon', 'info', '1', 'hello')\" && clickhouse-client --query 'SELECT message FROM logs'",
        ),
      ).toBe('hello');
    });

    test("fail2ban's jails are up, and who is caught is kept out", async () => {
      await expect
        .poll(() => here('fail2ban-client status | grep "Jail list" || true'), settling)
        .toMatch(/nginx-http-auth, sshd$/);
      await here('fail2ban-client set sshd banip 192.0.2.99');
      await expect.poll(() => here('nft list ruleset'), settling).toMatch(/table inet f2b-table[^]*192\.0\.2\.99/);
      expect(await here('nft list table inet ooni')).not.toContain('192.0.2.99');
      await here('fail2ban-client set sshd unbanip 192.0.2.99');
      // A wrong password at nginx counts: the tests above gave some, and from this host nobody is ever caught.
      expect(await here('fail2ban-client status nginx-http-auth')).toContain('Currently banned:	0');
    });

    test('the alert rules are good ones', async () => {
      expect(await here('promtool check rules /etc/prometheus/rules/*.yml')).toMatch(/SUCCESS: \d+ rules found/);
    });

    test('what no port is open for is dropped', async () => {
      const knock = async (name: string, port: number): Promise<number> =>
        (await hosts.exec(name, ['timeout', '3', 'bash', '-c', `: </dev/tcp/${monitoringHost}/${port}`])).code;
      expect(await knock(sender, 443)).toBe(0);
      // The node exporter listens at all addresses. 124: no answer at all; a port where nobody listens would refuse.
      expect(await here("ss -ltnH 'sport = 9100' | grep -c '[*]:9100'")).toBe('1');
      expect(await knock(sender, 9100)).toBe(124);
    });
  });

  describe('names and the time', () => {
    test('names are asked of resolved, which asks our servers', async () => {
      expect(await here('readlink /etc/resolv.conf')).toBe('../run/systemd/resolve/stub-resolv.conf');
      expect(await here('resolvectl dns | grep Global')).toBe('Global: 185.71.138.138 2001:67c:930::1');
      expect(await here(`resolvectl query ${sender}`)).toContain(
        await here(`getent hosts ${sender} | cut -d ' ' -f 1`),
      );
      // Nobody there: told at once, not waited for.
      expect((await hosts.exec(monitoringHost, ['timeout', '3', 'getent', 'hosts', 'nowhere.example'])).code).toBe(2);
    });

    test('servers that know no names would be refused, and nothing is left of the question', async () => {
      // The other host knows a name that is nowhere else; resolved gives it away on demand.
      await here(
        "echo '192.0.2.77 known.here.example' >>/etc/hosts; printf '[Resolve]\\nDNSStubListenerExtra=0.0.0.0\\n' >/run/extra.conf; mkdir -p /run/systemd/resolved.conf.d && mv /run/extra.conf /run/systemd/resolved.conf.d/ && systemctl restart systemd-resolved && nft insert rule inet ooni input udp dport 53 accept",
      );
      const before = await on(sender, 'ls -A /run /mnt /tmp; cat /etc/resolv.conf');
      const tried = async (server: string): Promise<string> => {
        await on(sender, `printf '[Resolve]\\nDNS=%s\\nDNSSEC=no\\n' '${server}' >/root/resolved.conf`);
        const { code, stderr } = await hosts.exec(sender, [
          'sh',
          '-c',
          answersFor('known.here.example').replaceAll('%s', '/root/resolved.conf'),
        ]);
        return `${code} ${stderr.trim()}`;
      };
      const address = await on(sender, `getent hosts ${monitoringHost} | cut -d ' ' -f 1`);
      expect(await tried(address)).toBe('0 ');
      expect(await tried(`192.0.2.53 ${address}`)).toBe('0 ');
      expect(await tried('192.0.2.53')).toBe('1 no server of base_dns_servers knows known.here.example');
      expect(await on(sender, 'ls -A /run /mnt /tmp; cat /etc/resolv.conf')).toBe(before);
      await here(
        "rm /run/systemd/resolved.conf.d/extra.conf && systemctl restart systemd-resolved && sed -i '/known.here.example/d' /etc/hosts && nft flush chain inet ooni input && systemctl restart play-nftables-ooni",
      );
    });

    test("chrony asks our servers; this machine's clock is nobody's to set", async () => {
      expect(
        await here('systemctl is-enabled chrony; systemctl show -p ConditionResult,ActiveState --value chrony'),
      ).toBe('enabled\ninactive\nno');
      // -x: one that gives its time away, without control of the clock; -Q: one that only says how far the clock is
      // off.
      await here(
        "printf 'local stratum 5\\nallow\\npidfile /run/chrony-giver.pid\\ncmdport 0\\nbindcmdaddress /\\n' >/run/giver.conf && chronyd -x -f /run/giver.conf",
      );
      try {
        expect(await here('chronyd -Q -t 30 -f /etc/chrony/chrony.conf 2>&1')).toMatch(
          /Disabled control of system clock[^]*System clock wrong by .* \(ignored\)/,
        );
      } finally {
        await here('kill "$(cat /run/chrony-giver.pid)"; rm /run/giver.conf');
      }
    });
  });

  describe('logs of other hosts', () => {
    const log = '/var/log/remote/ams-pg-test/syslog.log';
    const received = (file = log): Promise<string> => here(`cat ${file} 2>/dev/null || true`);

    test('arrive over TLS, in a file and at vector', async () => {
      const deploySender = async (...flags: readonly string[]): Promise<PlaybookRun> =>
        readRun(
          await project.play(
            'deploy-backend.ts',
            '-l',
            sender,
            '--sandbox',
            '--diff',
            '--output',
            'jsonl',
            '-t',
            'ooca,logs',
            '-e',
            'logs_to=loghost.ooni.org',
            '-e',
            `logs_to_address=${monitoringHost}`,
            ...flags,
          ),
        );
      const predicted = await deploySender('-C');
      const done = await deploySender();
      expect(done.code, done.stdout).toBe(0);
      expectForetold([...predicted.tasks, ...predicted.handlers], [...done.tasks, ...done.handlers]);
      expectQuiet(await deploySender(), sender);
      await on(sender, 'logger --tag tried "the first line"');
      await expect.poll(() => received(), settling).toMatch(/ tried the first line$/m);
      await expect
        .poll(() => received('/var/lib/vector/received'), settling)
        .toMatch(/ams-pg-test tried - - - *the first line/);
      expect(await here('stat -c "%a %U:%G" /var/log/remote/ams-pg-test /var/log/remote/ams-pg-test/syslog.log')).toBe(
        '750 root:adm\n640 root:adm',
      );
    });

    test('go over the wire encrypted', async () => {
      expect(
        await on(
          sender,
          `openssl s_client -connect ${monitoringHost}:6514 -CAfile /etc/ssl/internal/authority.crt -verify_return_error -verify_hostname loghost.ooni.org </dev/null 2>&1 || true`,
        ),
      ).toContain('Verification: OK');
    });

    test('of who has no certificate of our authority are refused', async () => {
      await on(
        sender,
        'openssl req -x509 -nodes -newkey rsa:2048 -days 9 -subj /CN=ams-pg-test.ooni.org -addext subjectAltName=DNS:ams-pg-test.ooni.org -keyout /tmp/own.key -out /tmp/own.crt 2>/dev/null',
      );
      const line = (text: string): string => `<13>1 2026-01-01T00:00:00Z ams-pg-test forged - - - ${text}`;
      const send = (text: string, certificate: string): Promise<unknown> =>
        hosts.exec(sender, [
          'sh',
          '-c',
          `(printf '%s' '${line(text).length} ${line(text)}'; sleep 1) | openssl s_client -quiet -no_ign_eof -connect ${monitoringHost}:6514 ${certificate}`,
        ]);
      const ours = '/etc/ssl/internal/host';
      await send('without any', '');
      await send('signed by itself', '-cert /tmp/own.crt -key /tmp/own.key');
      // The same way with a good one: it is the certificate that counts.
      await send('with ours', `-cert ${ours}.crt -key ${ours}.key`);
      await expect.poll(() => received(), settling).toContain('forged with ours');
      expect(await received()).not.toMatch(/without any|signed by itself/);
    });

    test('wait on their host while the log host is away', async () => {
      await here('systemctl stop rsyslog');
      await on(sender, 'logger --tag tried "while it was away"');
      await here('systemctl start rsyslog');
      await expect.poll(() => received(), { timeout: 120_000, interval: 500 }).toMatch(/ tried while it was away$/m);
    });
  });

  describe('metrics of the API', () => {
    const targetHealth = (): Promise<string> =>
      here(
        `curl -sf http://localhost:9090/api/v1/query --data-urlencode 'query=up{job="ooni-api", instance="${sender}:9443"}' | sed 's/.*,"\\([01]\\)"\\].*/\\1/'`,
      );
    const ask = (options: string): Promise<string> =>
      here(`curl -sk -o /dev/null -w '%{http_code}' ${options} https://${sender}:9443/metrics`);

    test('are given to Prometheus, which shows a certificate of our authority; to nobody without', async () => {
      const address = await here("ip -4 -o addr show dev eth0 | sed 's/.* inet //; s,/.*,,'");
      const site = readRun(
        await project.play(
          'deploy-backend.ts',
          '-l',
          sender,
          '--sandbox',
          '--output',
          'jsonl',
          '-t',
          'nftables,nginx,certificates,webserv',
          '--skip-tags',
          'haproxy,dehydrated',
          '-e',
          JSON.stringify({ metrics_open_to: [address] }),
        ),
      );
      expect(site.code, site.stdout).toBe(0);
      // What stands behind nginx there is tried in backend.test.ts.
      await on(
        sender,
        `echo 'server { listen 127.0.0.1:8000; location = /metrics { return 200 "standing_in 1\\n"; } }' >/etc/nginx/conf.d/behind.conf && systemctl reload nginx`,
      );
      await expect.poll(targetHealth, settling).toBe('1');
      expect(await here(`runuser -u prometheus -- cat /etc/ssl/internal/host.key 2>&1 || true`)).toContain(
        'Permission denied',
      );
      expect(await ask('')).toBe('400');
      expect(
        await ask('--cert /etc/ssl/sites/monitoring.ooni.org.crt --key /etc/ssl/sites/monitoring.ooni.org.key'),
      ).toBe('400');
      expect(await ask('--cert /etc/ssl/internal/host.crt --key /etc/ssl/internal/host.key')).toBe('200');
    });
  });
}
