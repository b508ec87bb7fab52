/**
 * The backend on real hosts, from nothing: nginx, haproxy, nftables, PostgreSQL, ClickHouse and tor are the real ones.
 * The tests build on each other, in order, and where they can, all hosts are in one run: a host costs minutes.
 */
import { beforeAll, describe, expect, test } from 'vitest';
import { expectForetold, expectQuiet, expectSuccess, expectUntouched, isSure } from '../monitoring/foretold.ts';
import type { PlaybookRun, TaskLine } from '../monitoring/project.ts';
import { listTree } from '../monitoring/tree.ts';
import { documented } from '../runbooks/pages.ts';
import { useHosts } from '../support/sandbox.ts';
import { copyBackendProject, former, nearProduction, onHost, production, stages, testbed } from './project.ts';

const hosts = useHosts(...stages);
const everywhere = stages.join(',');
const olderApi = '0.9.0';
const project = copyBackendProject();
const on = (name: string, script: string): Promise<string> => onHost(hosts, name, script);

const addressOf = (name: string): Promise<string> =>
  on(name, "ip -4 -o addr show dev eth0 | sed 's/.* inet //; s,/.*,,'");
/** The status of an answer over https; 000 where there is none. */
const statusOf = async (from: string, url: string): Promise<string> =>
  (await hosts.exec(from, ['curl', '-sk', '--max-time', '3', '-o', '/dev/null', '-w', '%{http_code}', url])).stdout;
const changesOf = (run: PlaybookRun): string[] => run.tasks.filter(({ changed }) => changed).map(({ task }) => task);
const handlersOf = (run: PlaybookRun): string[] => run.handlers.map(({ task, status }) => `${task} ${status}`);
/** Which processes serve: another one after a restart; after a reload the main one is the same. */
const processes = (name: string, unit: string): Promise<string> =>
  on(name, `systemctl show -p MainPID --value ${unit}; pgrep -P "$(systemctl show -p MainPID --value ${unit})" | sort`);

/** No run may have shown a secret. */
const shown: string[] = [];
async function deploy(...args: readonly string[]): Promise<PlaybookRun> {
  const run = await project.deploy(...args);
  shown.push(run.stdout, run.stderr);
  return run;
}

function ofHost(run: PlaybookRun, host: string): PlaybookRun {
  const isIts = (line: TaskLine): boolean => line.host === host;
  return { ...run, tasks: run.tasks.filter(isIts), handlers: run.handlers.filter(isIts) };
}

function byHost(run: PlaybookRun, host: string): TaskLine[] {
  const { tasks, handlers } = ofHost(run, host);
  return [...tasks, ...handlers];
}

describe('on pristine hosts', () => {
  let before: string[][];
  let after: string[][];
  let predicted: PlaybookRun;
  let done: PlaybookRun;
  const trees = (): Promise<string[][]> => Promise.all(stages.map((name) => listTree(hosts, name)));

  beforeAll(async () => {
    // The stand-ins of sandbox/ are put there by whatever starts hosts for this project.
    expect((await project.play('sandbox', 'start', ...stages)).code).toBe(0);
    // sudo notes in the home folder that it was used: what any login writes is none of the run's doing.
    const logins = await Promise.all(stages.map((name) => project.play('sandbox', 'ssh', name, '--', 'sudo', 'true')));
    expect(logins.map(({ code }) => code)).toEqual(stages.map(() => 0));
    before = await trees();
    predicted = await deploy('-l', everywhere, '-C');
    after = await trees();
    done = await deploy('-l', everywhere);
  });

  test('check mode fails nowhere and leaves the hosts as they were', () => {
    expectUntouched(predicted, before, after);
  });

  test('the run succeeds', () => {
    expectSuccess(done);
  });

  test.each(stages)('check mode told what the run does: %s', (host) => {
    const foreseen = byHost(predicted, host);
    const real = byHost(done, host);
    expectForetold(foreseen, real);
    expect(foreseen.filter((line) => !isSure(line)).length).toBeLessThan(foreseen.length / 10);
  });

  test('a second run has nothing to change', async () => {
    const others = stages.filter((name) => name !== former);
    const run = await deploy('-l', others.join(','));
    for (const name of others) expectQuiet(run, name);
  });

  test.each([
    documented('./play deploy-backend.ts --diff -l ams-pg.ooni.org -C'),
    documented('./play deploy-backend.ts --diff -l ams-pg.ooni.org'),
  ])("nor have the handbook's lines for one of them: %s %s %s %s", async (...words) =>
    expectQuiet(await deploy(...words), former),
  );
});

test('the stage before production has nothing that the testbed has not', async () => {
  const tasksOf = async (host: string): Promise<string[]> =>
    (await project.play('deploy-backend.ts', '--list-tasks', '-l', host)).stdout
      .split('\n')
      .filter((line) => / : /.test(line))
      .map((line) => line.replaceAll(host, 'HOST'));
  const those = await tasksOf(testbed);
  expect(those.length).toBeGreaterThan(90);
  expect((await tasksOf(nearProduction)).filter((line) => !those.includes(line))).toEqual([]);
});

describe('the hosts that came up', () => {
  test('run what they name, and nothing else', async () => {
    const shared = ['nginx', 'clickhouse-server', 'ooni-api'];
    const own = {
      [testbed]: ['haproxy', 'fastpath'],
      [former]: ['fastpath', 'postgresql', 'tor@default'],
      [production]: ['ooni-rotation.timer'],
    };
    const optional = [...new Set(Object.values(own).flat())].sort();
    for (const name of stages) {
      const running = async (units: readonly string[]): Promise<string[]> => {
        const states = (await on(name, `systemctl is-active ${units.join(' ')} || true`)).split('\n');
        return units.filter((_, i) => states[i] === 'active');
      };
      expect(await running(shared)).toEqual(shared);
      expect(await running(optional), name).toEqual(own[name].toSorted());
      const atBoot = [...shared, ...own[name]].map((unit) => (unit === 'tor@default' ? 'tor' : unit));
      expect(await on(name, `systemctl is-enabled ${atBoot.join(' ')}`)).toBe(atBoot.map(() => 'enabled').join('\n'));
      // The certificate authority is out of reach of a throwaway host.
      const failed = (await on(name, 'systemctl --failed --no-legend --plain')).split('\n');
      expect(failed.filter((line) => !/^(?:dehydrated\.service .*)?$/.test(line))).toEqual([]);
    }
    const programs = 'for one in haproxy psql tor; do command -v $one || true; done';
    expect(await Promise.all(stages.map((name) => on(name, programs)))).toEqual([
      '/usr/sbin/haproxy',
      '/usr/bin/psql\n/usr/sbin/tor',
      '',
    ]);
  });

  test('keep what is secret to who reads it', async () => {
    const modes = (name: string, ...paths: readonly string[]): Promise<string> =>
      on(name, `stat -c '%a %U:%G %n' ${paths.map((path) => `/etc/ooni/${path}`).join(' ')}`);
    for (const name of stages)
      expect(await modes(name, 'api.conf', 'psiphon_config.json')).toBe(
        '640 ooniapi:ooniapi /etc/ooni/api.conf\n640 ooniapi:ooniapi /etc/ooni/psiphon_config.json',
      );
    expect(
      (await modes(production, 'rotation.conf', 'testhelper_ssh_key', 'db-backup.conf', 'api-uploader.conf'))
        .split('\n')
        .map((line) => line.split(' /')[0]),
    ).toEqual(['400 root:root', '600 root:root', '600 root:root', '400 ooniapi:ooniapi']);
    expect(await on(production, 'cat /etc/ooni/rotation.conf')).toContain(
      `token = ${project.secretOf(production, 'test_helper_cloud_token')}\n`,
    );
    expect(JSON.parse(await on(production, 'cat /etc/ooni/db-backup.conf'))).toMatchObject({
      secret_key: project.secretOf(production, 'db_backup_secret_key'),
    });
    expect(JSON.parse(await on(production, 'cat /etc/ooni/psiphon_config.json'))).toEqual({ throwaway: true });
  });

  test('have a key for test helpers, whose public half the run showed', async () => {
    const publicKey = await on(production, 'cat /etc/ooni/testhelper_ssh_key.pub');
    expect(publicKey).toMatch(/^ssh-ed25519 /);
    expect(await on(production, 'ssh-keygen -y -f /etc/ooni/testhelper_ssh_key')).toBe(publicKey);
    expect(shown.join('')).toContain(publicKey);
    const key = (await on(production, 'cat /etc/ooni/testhelper_ssh_key')).split('\n').slice(1, -1);
    for (const line of key) expect(shown.join('')).not.toContain(line);
  });

  test('are the onion services whose keys they were given', async () => {
    for (const service of ['bouncer', 'collector']) {
      const folder = `/var/lib/tor/ooni_${service}`;
      expect(await on(former, `base64 -w0 ${folder}/hs_ed25519_secret_key`)).toBe(
        project.secretOf(former, `tor_onion_key_${service}`),
      );
      expect(await on(former, `stat -c '%a %U:%G' ${folder} ${folder}/hs_ed25519_secret_key`)).toBe(
        '2700 debian-tor:debian-tor\n600 debian-tor:debian-tor',
      );
      // tor makes these two of the key.
      expect(
        await on(former, `tail -c 32 ${folder}/hs_ed25519_public_key | base32 -w0 | cut -c 1-51 | tr A-Z a-z`),
      ).toBe((await on(former, `cat ${folder}/hostname`)).slice(0, 51));
    }
  });

  test('serve the API through nginx, haproxy before the test helpers, and metrics to who shows a certificate of ours', async () => {
    expect(JSON.parse(await on(testbed, 'curl --fail -sk https://localhost/api/v1/version'))).toEqual({
      version: '1.0.0',
    });
    expect(await statusOf(testbed, 'https://localhost/metrics')).toBe('404');
    // The helpers are out of reach of a throwaway host.
    expect(await statusOf(testbed, 'https://localhost:4443/')).toBe('503');
    expect(await statusOf(testbed, 'https://localhost:9443/metrics')).toBe('400');
    const ours = '/etc/ssl/internal';
    expect(
      await on(
        testbed,
        `curl --fail -s --cacert ${ours}/authority.crt --cert ${ours}/host.crt --key ${ours}/host.key --resolve ${testbed}:9443:127.0.0.1 https://${testbed}:9443/metrics`,
      ),
    ).toContain('started');
  });

  test('have the databases', async () => {
    const tables = (name: string): Promise<string> =>
      on(name, `clickhouse-client --query "SELECT name FROM system.tables WHERE database = 'default' ORDER BY name"`);
    for (const name of stages) expect(await tables(name)).toBe('fastpath\njsonl\nurl_priorities');
    expect(
      await on(
        former,
        "runuser -u postgres -- psql -tA -c \"SELECT datname || ' ' || rolname FROM pg_database JOIN pg_roles r ON r.oid = datdba WHERE datname = 'metadb'\"",
      ),
    ).toBe('metadb shovel');
    expect(
      (
        await hosts.exec(testbed, [
          'clickhouse-client',
          '--user',
          'reader',
          '--password',
          'wrong',
          '--query',
          'SELECT 1',
        ])
      ).code,
    ).not.toBe(0);
  });

  test('let nobody in but where a port is open; tables of others stay', async () => {
    const address = await addressOf(testbed);
    await on(testbed, 'nft add table inet others');
    expect(await statusOf(former, `https://${address}/api/v1/version`)).toBe('200');
    // Node's own health: for the monitoring host alone.
    expect(await statusOf(former, `https://${address}:9443/metrics`)).toBe('000');
    await on(testbed, 'nft flush chain inet ooni input; nft delete table inet ooni');
    const run = await deploy('-l', testbed, '-t', 'nftables');
    expect(changesOf(run)).toEqual(['rules of the firewall']);
    expect(await on(testbed, 'nft list tables')).toBe('table inet others\ntable inet ooni');
  });

  test('rules of a port that nft refuses: its file and the rules in force stay', async () => {
    const standing = await on(testbed, 'nft list ruleset; cat /etc/ooni/nftables/tcp/*');
    project.edit('roles/api_site/index.ts', "why: 'nginx: the API", "why: 'nginx\\nacept #");
    for (const flags of [['-C'], []]) {
      const run = await deploy('-l', testbed, '-t', 'webserv', ...flags);
      expect(run.code).toBe(2);
      expect(run.tasks.filter(({ status }) => status === 'failed').map(({ task }) => task)).toEqual(['open port 443']);
    }
    project.edit('roles/api_site/index.ts', "why: 'nginx\\nacept #", "why: 'nginx: the API");
    expect(await on(testbed, 'nft list ruleset; cat /etc/ooni/nftables/tcp/*')).toBe(standing);
    expect(await on(testbed, 'nft list chain inet ooni input; systemctl is-enabled play-nftables-ooni')).toMatch(
      /tcp dport 22 accept[^]*\nenabled$/,
    );
    expect(changesOf(await deploy('-l', testbed, '-t', 'nftables'))).toEqual([]);
  });
});

describe('after an edit', () => {
  test('of the tor targets, -t api changes that file and restarts what reads it, neither nginx nor haproxy', async () => {
    const bystanders = async (): Promise<string[]> =>
      Promise.all(['nginx', 'haproxy'].map((unit) => processes(testbed, unit)));
    const before = await bystanders();
    project.edit('roles/ooni_api/tor-targets.ts', '203.0.113.21:2759', '203.0.113.99:2759');
    project.edit('roles/ooni_api/tor-targets.ts', '203.0.113.26:36250', '203.0.113.98:36250');
    const check = await deploy(...documented('./play deploy-backend.ts --diff -l ams-pg-test.ooni.org -t api -C'));
    const run = await deploy(...documented('./play deploy-backend.ts --diff -l ams-pg-test.ooni.org -t api'));
    expect(run.code, run.stderr).toBe(0);
    for (const one of [check, run]) {
      expect(changesOf(one)).toEqual(['tor targets']);
      expect(handlersOf(one)).toEqual(['restart ooni-api changed']);
    }
    expect(check.tasks.map(({ task, diff }) => ({ task, diff }))).toEqual(
      run.tasks.map(({ task, diff }) => ({ task, diff })),
    );
    expect(await bystanders()).toEqual(before);
    await expect
      .poll(() => on(testbed, 'curl --fail -sk https://localhost/api/v1/test-list/tor-targets || true'), {
        timeout: 120_000,
      })
      .toContain('203.0.113.99:2759');
    // The second bridge is marked secret.
    expect(run.stdout).toContain('203.0.113.99:2759');
    expect(`${check.stdout}${run.stdout}`).not.toMatch(/203\.0\.113\.(?:26|98)/);
  });

  test('of the tor targets, then the same on production', async () => {
    const check = await deploy(...documented('./play deploy-backend.ts --diff -l backend-fsn.ooni.org -t api -C'));
    const run = await deploy(...documented('./play deploy-backend.ts --diff -l backend-fsn.ooni.org -t api'));
    for (const one of [check, run])
      expect({ code: one.code, changes: changesOf(one), handlers: handlersOf(one) }).toEqual({
        code: 0,
        changes: ['tor targets'],
        handlers: ['restart ooni-api changed'],
      });
  });

  test('of the blocked networks, nginx and haproxy refuse who is on the list; both are reloaded, what is over is told', async () => {
    const [address, other] = [await addressOf(testbed), await addressOf(former)];
    const urls = [`https://${address}/api/v1/version`, `https://${address}:4443/`];
    expect(await Promise.all(urls.map((url) => statusOf(former, url)))).toEqual(['200', '503']);
    const main = (unit: string): Promise<string> => on(testbed, `systemctl show -p MainPID --value ${unit}`);
    const before = [await main('nginx'), await main('haproxy')];
    project.edit(
      'group_vars/backend/vars.yml',
      'blocked_networks: []',
      `blocked_networks:\n  - { network: ${other}, reason: a test, until: '2999-12-31' }\n  - { network: 192.0.2.0/24, reason: long ago, until: '2020-01-31' }`,
    );
    const everyCheck = await deploy(...documented('./play deploy-backend.ts --diff -t blocking -C'), '-l', everywhere);
    const everyRun = await deploy(...documented('./play deploy-backend.ts --diff -t blocking'), '-l', everywhere);
    expect(everyRun.code, everyRun.stderr).toBe(0);
    expect(Object.keys(everyRun.recap.hosts).sort()).toEqual([...stages].sort());
    for (const one of [everyCheck, everyRun].map((run) => ofHost(run, testbed))) {
      expect(changesOf(one)).toEqual(['who is kept out of nginx', 'who is kept out of haproxy']);
      expect(handlersOf(one)).toEqual([
        'check nginx ok',
        'reload nginx changed',
        'check haproxy ok',
        'reload haproxy changed',
      ]);
      expect(one.tasks.map(({ task }) => task)).toContain('blocks whose time is over');
    }
    await expect
      .poll(() => Promise.all(urls.map((url) => statusOf(former, url))), { timeout: 120_000 })
      .toEqual(['403', '403']);
    expect(await statusOf(testbed, 'https://localhost/api/v1/version')).toBe('200');
    expect([await main('nginx'), await main('haproxy')]).toEqual(before);
    expect(await on(testbed, 'cat /etc/nginx/conf.d/blocked.conf /etc/haproxy/blocked.lst')).not.toContain('192.0.2.0');
  });

  test('what the deployer rolled out stays', async () => {
    const older = `cd /root && dpkg-deb -R /var/lib/play-stand-ins/ooni-api_1.0.0_all.deb older && sed -i 's/1[.]0[.]0/${olderApi}/' older/DEBIAN/control older/usr/lib/ooni-api/ooniapi.py && dpkg-deb -b older older.deb`;
    await on(
      testbed,
      `{ ${older} && apt-get install -q -y --allow-downgrades ./older.deb; } >/dev/null && systemctl restart ooni-api`,
    );
    const run = await deploy('-l', testbed, '-t', 'api');
    expect(changesOf(run)).toEqual([]);
    await expect
      .poll(() => on(testbed, 'curl --fail -sk https://localhost/api/v1/version || true'), { timeout: 120_000 })
      .toContain(olderApi);
  });

  test('a new certificate of the authority is put in place by the hook, without a restart', async () => {
    const main = (): Promise<string> => on(testbed, 'systemctl show -p MainPID --value nginx');
    const before = await main();
    await on(
      testbed,
      `cd /tmp && openssl req -x509 -nodes -newkey rsa:2048 -days 9 -subj /CN=of-the-authority -keyout k.pem -out c.pem 2>/dev/null && /etc/dehydrated/hook.sh deploy_cert ${testbed} k.pem c.pem c.pem c.pem 1`,
    );
    await expect
      .poll(
        () => on(testbed, 'echo | openssl s_client -connect localhost:443 2>/dev/null | openssl x509 -noout -subject'),
        { timeout: 120_000 },
      )
      .toContain('of-the-authority');
    expect(await main()).toBe(before);
    expect(changesOf(await deploy('-l', testbed, '-t', 'certificates'))).toEqual([]);
  });
});

test('no run showed a secret', () => {
  const secrets = project.secrets();
  expect(secrets.length).toBeGreaterThan(5);
  for (const secret of secrets) expect(shown.some((text) => text.includes(secret))).toBe(false);
});
