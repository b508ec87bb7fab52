/**
 * The main job, on a real host: from nothing to Prometheus and what it leans on, and nothing to do the second time;
 * then with all the parts it may have (all-parts.ts). The tests build on each other, in order, since a host costs a
 * minute.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { playRoot } from '../cli/command-line.ts';
import { documented } from '../runbooks/pages.ts';
import { useHosts } from '../support/sandbox.ts';
import { describeAllParts, sender } from './all-parts.ts';
import { expectForetold, expectQuiet, expectSuccess, expectUntouched, isSure, reasonsOf } from './foretold.ts';
import { copyProject, monitoringHost, type PlaybookRun } from './project.ts';
import { listTree } from './tree.ts';

const hosts = useHosts(monitoringHost, sender);
const project = copyProject();

/** What a shell on the host prints. */
async function onHost(script: string): Promise<string> {
  const { code, stdout, stderr } = await hosts.exec(monitoringHost, ['sh', '-c', script]);
  if (code !== 0) throw new Error(`${script}: exit code ${code}\n${stderr}`);
  return stdout.trim();
}

/** Prometheus takes up to 5 s from a new configuration to new targets. */
const settling = { timeout: 120_000, interval: 500 };

interface Target {
  readonly labels: Readonly<Record<string, string>>;
  readonly health: string;
}

/** Prometheus' own list of targets. */
async function targetsOf(): Promise<Target[]> {
  const answer = JSON.parse(
    await onHost(
      'curl --fail --silent --show-error --retry 20 --retry-delay 1 --retry-connrefused http://localhost:9090/api/v1/targets',
    ),
  );
  return answer.data.activeTargets;
}

const instances = (targets: readonly Target[], job: string): string[] =>
  targets
    .filter(({ labels }) => labels['job'] === job)
    .map(({ labels }) => labels['instance'] ?? '')
    .sort();
const reloads = async (): Promise<number> =>
  Number(
    await onHost(
      'journalctl --sync; journalctl --unit prometheus --output cat | grep -c "Completed loading of configuration file" || true',
    ),
  );

describe('on a pristine host', () => {
  let predicted: PlaybookRun;
  let done: PlaybookRun;
  let before: string[];
  let after: string[];

  beforeAll(async () => {
    // The stand-ins of sandbox/ are put there by whatever starts hosts for this project.
    expect((await project.play('sandbox', 'start', monitoringHost)).code).toBe(0);
    // sudo notes in the home folder that it was used: what any login writes is none of the run's doing.
    expect((await project.play('sandbox', 'ssh', monitoringHost, '--', 'sudo', 'true')).code).toBe(0);
    before = await listTree(hosts, monitoringHost);
    predicted = await project.deploy(...documented('./play deploy-monitoring.ts -l monitoring.ooni.org --diff -C'));
    after = await listTree(hosts, monitoringHost);
    done = await project.deploy(...documented('./play deploy-monitoring.ts -l monitoring.ooni.org --diff'));
  });

  test('check mode fails nowhere and leaves the host as it was', () => {
    expectUntouched(predicted, before, after);
  });

  test('the run succeeds', () => {
    expectSuccess(done);
    expect(done.recap.hosts[monitoringHost]).toMatchObject({ failed: 0, unreachable: 0 });
  });

  test('check mode told what the run does', () => {
    expectForetold([...predicted.tasks, ...predicted.handlers], [...done.tasks, ...done.handlers]);
  });

  test('what it assumed is little and explained', () => {
    const unsure = predicted.tasks.filter((line) => !isSure(line));
    // An answer of debconf, and whether a service will be ready. Checkers of packages to come are run.
    const known = /installation scripts of|changes? the host before/;
    expect(reasonsOf(unsure).filter((reason) => !known.test(reason))).toEqual([]);
    expect(unsure.length).toBeLessThan(predicted.tasks.length / 20);
  });
});

describe('the host that came up', () => {
  test('runs everything, also after a reboot', async () => {
    const units = [
      'prometheus',
      'prometheus-alertmanager',
      'prometheus-blackbox-exporter',
      'prometheus-node-exporter',
      'nginx',
    ];
    for (const verb of ['is-active', 'is-enabled']) {
      const { stdout } = await hosts.exec(monitoringHost, ['systemctl', verb, ...units]);
      expect(stdout.trim().split('\n')).toEqual(units.map(() => (verb === 'is-active' ? 'active' : 'enabled')));
    }
  });

  test("Prometheus asks the inventory's hosts", async () => {
    await expect.poll(async () => instances(await targetsOf(), 'node'), settling).toHaveLength(14);
    const targets = await targetsOf();
    const node = instances(targets, 'node');
    expect(node).toEqual(
      expect.arrayContaining([
        'backend-fsn.ooni.org:9100',
        'backend-hel.ooni.org:9100',
        'ams-pg.ooni.org:9100',
        'monitoring.ooni.org:9100',
      ]),
    );
    expect(instances(targets, 'ssh')).toContain('backend-fsn.ooni.org:22');
    expect(instances(targets, 'icmp')).toContain('monitoring.ooni.org');
    expect(instances(targets, 'ooni website')).toEqual(['https://ooni.org/', 'https://www.ooni.org/']);
  });

  test('Prometheus has its rules and knows alertmanager', async () => {
    const rules = JSON.parse(await onHost('curl --fail --silent http://localhost:9090/api/v1/rules'));
    expect(rules.data.groups.flatMap((group: { rules: unknown[] }) => group.rules).length).toBeGreaterThanOrEqual(20);
    const managersOf = async (): Promise<unknown> =>
      JSON.parse(await onHost('curl --fail --silent http://localhost:9090/api/v1/alertmanagers')).data
        .activeAlertmanagers;
    await expect.poll(managersOf, settling).toEqual([{ url: 'http://127.0.0.1:9093/api/v2/alerts' }]);
    expect(await onHost('curl --fail --silent http://localhost:9093/-/ready')).toBe('OK');
  });

  test('the blackbox exporter probes, pings included', async () => {
    for (const probe of [
      'module=icmp&target=127.0.0.1',
      'module=ssh_banner&target=127.0.0.1:22',
      'module=http_needs_password&target=https://127.0.0.1/',
    ]) {
      expect(await onHost(`curl --fail --silent 'http://localhost:9115/probe?${probe}'`)).toMatch(/^probe_success 1$/m);
    }
  });

  test('nginx asks for a password and lets the right one in', async () => {
    const password = readFileSync(
      join(project.dir, '.play/sandbox-secrets/shared/monitoring_password_ooni'),
      'utf8',
    ).trim();
    const get = (name: string, path: string, options: string): Promise<string> =>
      onHost(
        `curl --silent --insecure --resolve ${name}:443:127.0.0.1 --output /dev/null --write-out '%{http_code}' ${options} https://${name}${path}`,
      );
    for (const [name, path] of [
      ['monitoring.ooni.org', '/'],
      ['prometheus.ooni.org', '/api/v1/targets'],
      ['alertmanager.ooni.org', '/'],
    ] as const) {
      expect(await get(name, path, '')).toBe('401');
      expect(await get(name, path, '--user ooni:wrong')).toBe('401');
      expect(await get(name, path, `--user 'ooni:${password}'`)).toBe('200');
    }
    expect(
      await onHost(
        'curl --silent --output /dev/null --write-out "%{redirect_url}" --header "Host: prometheus.ooni.org" http://127.0.0.1/graph',
      ),
    ).toBe('https://prometheus.ooni.org/graph');
  });

  test('keeps its keys to itself', async () => {
    expect(await onHost('stat -c "%a %U" /etc/ssl/sites /etc/ssl/sites/*.key | sort -u')).toBe('600 root\n700 root');
    expect(await onHost('stat -c "%a %U:%G" /etc/nginx/monitoring.htpasswd')).toBe('640 root:www-data');
  });
});

describe('a host that is right', () => {
  const quiet = (run: PlaybookRun): void => expectQuiet(run, monitoringHost);

  test('has nothing to change', async () => quiet(await project.deploy()));
  test('nor in check mode', async () => quiet(await project.deploy('-C')));
});

describe('a host that comes or goes', () => {
  const gone = 'backend-hel.ooni.org';
  const own = readFileSync(join(playRoot, 'inventory/hosts'), 'utf8');

  async function deployConfiguration(): Promise<{
    readonly run: PlaybookRun;
    readonly reloaded: number;
    readonly lines: string[];
  }> {
    const earlier = await reloads();
    const check = await project.deploy(
      ...documented('./play deploy-monitoring.ts -t prometheus-conf -l monitoring.ooni.org --diff -C'),
    );
    const run = await project.deploy(
      ...documented('./play deploy-monitoring.ts -t prometheus-conf -l monitoring.ooni.org --diff'),
    );
    expect(run.code, run.stderr).toBe(0);
    expect(check.tasks.map(({ task, status, diff }) => ({ task, status, diff }))).toEqual(
      run.tasks.map(({ task, status, diff }) => ({ task, status, diff })),
    );
    expect(run.tasks.every(({ role }) => role === 'prometheus')).toBe(true);
    expect(run.tasks.filter(({ changed }) => changed).map(({ task }) => task)).toEqual(['configuration of prometheus']);
    expect(run.handlers.map(({ task }) => task)).toEqual(['reload prometheus']);
    // It waits for what is being asked, and gives that up after 10 s (scrape_timeout).
    await expect.poll(reloads, settling).toBeGreaterThan(earlier);
    const lines = run.tasks
      .flatMap(({ diff }) => diff)
      .flatMap(({ unified }) => unified.split('\n'))
      .filter((line) => /^[+-](?![+-]{2} )/.test(line));
    return { run, reloaded: (await reloads()) - earlier, lines };
  }

  test('gone from the inventory, its targets go, and only they; Prometheus reloads once', async () => {
    project.edit('inventory/hosts', new RegExp(`^${gone}\n`, 'gm'), '');
    const { reloaded, lines } = await deployConfiguration();
    expect(lines.length).toBeGreaterThanOrEqual(3);
    expect(lines.filter((line) => !line.startsWith('-') || !line.includes(gone))).toEqual([]);
    expect(reloaded).toBe(1);
    await expect.poll(async () => instances(await targetsOf(), 'node'), settling).toHaveLength(13);
    expect(
      (await targetsOf()).filter(({ labels }) => Object.values(labels).some((value) => value.includes(gone))),
    ).toEqual([]);
  });

  test('added again, the reverse', async () => {
    project.edit('inventory/hosts', /[^]*/, own);
    const { reloaded, lines } = await deployConfiguration();
    expect(lines.filter((line) => !line.startsWith('+') || !line.includes(gone))).toEqual([]);
    expect(reloaded).toBe(1);
    await expect.poll(async () => instances(await targetsOf(), 'node'), settling).toContain(`${gone}:9100`);
  });
});

describe('what a checker refuses', () => {
  const rules = '/etc/prometheus/rules/ooni.yml';

  test.each([
    ['in check mode', '-C'],
    ['for real', '-D'],
  ])('%s the task fails with what promtool said; the old file stands', async (_, flag) => {
    const standing = await onHost(`sha256sum ${rules}; ls -a /etc/prometheus/rules`);
    const bad = copyProject();
    bad.edit('playbooks/files/prometheus/ooni.yml', '> 0.05', '> > 0.05');
    const run = await bad.deploy('-t', 'prometheus-conf', flag);
    expect(run.code).toBe(2);
    const failed = run.tasks.filter(({ status }) => status === 'failed');
    expect(failed.map(({ task }) => task)).toEqual(['alert rules ooni.yml']);
    expect(JSON.stringify(failed[0]?.error)).toContain('parse error');
    expect(run.handlers).toEqual([]);
    expect(await onHost(`sha256sum ${rules}; ls -a /etc/prometheus/rules`)).toBe(standing);
  });

  test('a site that nginx refuses: it is not reloaded, and the right one fixes it', async () => {
    const bad = copyProject();
    bad.edit('roles/monitoring_web/templates/sites.conf.hbs', 'proxy_http_version 1.1;', 'proxy_http_versoin 1.1;');
    const run = await bad.deploy('-t', 'monitoring', '--skip-tags', 'htpasswd');
    expect(run.code).toBe(2);
    expect(run.handlers.map(({ task, status }) => `${task} ${status}`)).toEqual(['check nginx failed']);
    expect(JSON.stringify(run.handlers[0]?.error)).toContain('proxy_http_versoin');
    const fixed = await project.deploy('-t', 'monitoring');
    expect(fixed.code, fixed.stderr).toBe(0);
    expect(fixed.handlers.map(({ task, status }) => `${task} ${status}`)).toEqual([
      'check nginx ok',
      'reload nginx changed',
    ]);
  });
});

describeAllParts(hosts, project);
