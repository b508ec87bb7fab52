/** The roles that watch: Prometheus, the blackbox exporter and alertmanager, as a stranger's playbook uses them. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { alertmanager } from 'play/roles/alertmanager';
import { blackboxExporter } from 'play/roles/blackbox_exporter';
import { nodeExporter } from 'play/roles/node_exporter';
import { prometheus } from 'play/roles/prometheus';
import { expect, test } from 'vitest';
import { Secret } from '../../src/secrets/index.ts';
import { rehearsePlay } from '../support/role-run.ts';
import { runPlay, type RunPlayOptions } from '../support/run-play.ts';
import { useHosts } from '../support/sandbox.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const hosts = useHosts('watch1');
const there: RunPlayOptions = { inventory: 'watch1,', target: (name) => hosts.target(name, 'root') };
const on = async (script: string): Promise<string> => {
  const { code, stdout, stderr } = await hosts.exec('watch1', ['sh', '-c', script]);
  if (code !== 0) throw new Error(`${script}: exit code ${code}\n${stderr}`);
  return stdout.trim();
};
/** What a service of the host answers; nothing while it does not. */
const get = async (port: number, path: string): Promise<string> => {
  const script = `exec 3<>/dev/tcp/127.0.0.1/${port} && printf 'GET ${path} HTTP/1.0\\r\\n\\r\\n' >&3 && cat <&3`;
  const { stdout } = await hosts.exec('watch1', ['bash', '-c', script]);
  return stdout.split('\r\n\r\n').slice(1).join('');
};
const settling = { timeout: 120_000, interval: 250 };

const folder = temporaryFolder('rules');
const own = (name: string, text: string): string => {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
};
const shopRules = own(
  'shop.yml',
  'groups:\n  - name: shop\n    rules:\n      - alert: ShopClosed\n        expr: up{job="shop"} == 0\n',
);
const messages = own(
  'messages.tmpl',
  '{{ define "message.subject" }}shop{{ end }}\n{{ define "message.text" }}{{ end }}\n',
);

test('with nothing said they work, and know of each other', async () => {
  await rehearsePlay(
    { hosts: 'all', roles: [nodeExporter(), blackboxExporter(), alertmanager(), prometheus()] },
    there,
  );
  await expect
    .poll(() => get(9090, '/api/v1/alertmanagers'), settling)
    .toContain('http://127.0.0.1:9093/api/v2/alerts');
  const { data } = JSON.parse(await get(9090, '/api/v1/rules')) as { data: { groups: { name: string }[] } };
  expect(data.groups.map(({ name }) => name).sort()).toEqual(['blackbox', 'hosts', 'prometheus']);
  await expect.poll(() => get(9115, '/probe?module=icmp&target=127.0.0.1'), settling).toContain('probe_success 1');
});

test('jobs, rules, modules and messages of a repository come beside the general ones', async () => {
  const password = new Secret('a-p4ssword-nobody-sees', 'a test');
  const done = await rehearsePlay(
    {
      hosts: 'all',
      roles: [
        nodeExporter(),
        blackboxExporter({ blackbox_user_agent: 'shop (probe)' }),
        alertmanager({ alertmanager_messages: messages }),
        prometheus({ prometheus_rules: ['hosts'], prometheus_rule_files: [shopRules] }),
      ],
    },
    {
      ...there,
      extraVars: {
        prometheus_interval: '1s',
        prometheus_external_labels: { site: 'shop' },
        prometheus_jobs: [{ name: 'node', group: 'all', port: 9100 }],
        blackbox_modules: { shop: { prober: 'http', http: { valid_status_codes: [400] } } },
        blackbox_jobs: [{ name: 'shop', module: 'shop', targets: ['http://127.0.0.1:9115/probe'] }],
        alertmanager_mail_to: ['owner@shop.example'],
        alertmanager_smarthost: 'mail.shop.example:587',
        alertmanager_mail_user: 'shop',
        alertmanager_mail_password: password,
        alertmanager_receiver: { webhook_configs: [{ url: 'http://127.0.0.1:9/' }] },
      },
    },
  );
  expect(done.tasks.filter(({ event }) => event === 'handler').map(({ task }) => task)).toEqual([
    // Prometheus is part of a transaction, which runs its handlers at once.
    'reload prometheus',
    'reload blackbox exporter',
    'reload alertmanager',
  ]);
  const count = (query: string): Promise<string> =>
    on(`promtool query instant http://127.0.0.1:9090 '${query}' | grep -c '=> 1 @' || true`);
  await expect.poll(() => count('up{job="node", instance="watch1:9100", host="watch1"}'), settling).toBe('1');
  await expect.poll(() => count('probe_success{job="shop"}'), settling).toBe('1');
  expect(await on('ls /etc/prometheus/rules; grep -A2 rule_files /etc/prometheus/prometheus.yml')).toMatch(
    /shop\.yml[^]*rule_files: \["\/etc\/prometheus\/rules\/hosts\.yml","\/etc\/prometheus\/rules\/shop\.yml"\]/,
  );
  expect(await on('cat /etc/prometheus/prometheus.yml')).toContain('external_labels: {"site":"shop"}');
  expect(await on('cat /etc/prometheus/blackbox.yml')).toMatch(/ shop:[^]*User-Agent: shop \(probe\)/);
  // What it took up, and not only what the file says; the password is in neither.
  const taken = await on('amtool --alertmanager.url=http://127.0.0.1:9093 config show');
  expect(taken).toMatch(
    /smtp_smarthost: mail\.shop\.example:587[^]*smtp_auth_username: shop[^]*smtp_require_tls: true[^]*to: owner@shop\.example[^]*webhook_configs/,
  );
  expect(await on('stat -c "%a %U:%G" /etc/prometheus/alertmanager_mail_password')).toBe('640 root:prometheus');
  expect(await on('cat /etc/prometheus/alertmanager_templates/local.tmpl')).toContain('shop');
});

const jobs = (job: object) => ({ prometheus_jobs: [{ name: 'shop', ...job }] });
const probe = { name: 'shop', module: 'icmp', targets: ['shop.example'] };

test.each([
  ['a job without targets', jobs({}), 'must have `targets` or a `group`'],
  ['a port that is text', jobs({ group: 'all', port: '9100' }), 'number'],
  ['a group that is not there', jobs({ group: 'shops', port: 9100 }), 'Unknown group "shops"'],
  ['a module that is not there', { blackbox_jobs: [{ ...probe, module: 'icmp_ip4' }] }, 'Unknown module "icmp_ip4"'],
  ['two jobs of one name', { ...jobs({ group: 'all' }), blackbox_jobs: [probe] }, 'two jobs named "shop"'],
  ['a rule file of the inventory, which has no place', { prometheus_rule_files: ['shop.yml'] }, 'absolute path'],
  ['a rule file that is not there', { prometheus_rule_files: ['/nowhere/shop.yml'] }, '/nowhere/shop.yml'],
  ['two rule files of one name', { prometheus_rule_files: ['/nowhere/hosts.yml'] }, 'two rule files named hosts.yml'],
  ['a prober that is not there', { blackbox_modules: { shop: { prober: 'ftp' } } }, 'blackbox_modules'],
])('at the desk: %s', async (_, extraVars, message) => {
  const roles = [blackboxExporter(), prometheus()];
  await expect(runPlay({ hosts: 'all', roles }, { ...there, extraVars })).rejects.toThrow(message);
});

test('at the desk: a mail server without a port', async () => {
  const roles = [alertmanager({ alertmanager_smarthost: 'mail.shop.example' })];
  await expect(runPlay({ hosts: 'all', roles }, there)).rejects.toThrow('must be HOST:PORT');
});
