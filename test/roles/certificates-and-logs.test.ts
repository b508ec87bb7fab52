/**
 * The roles that come with play for certificates, balancing and logs, as somebody with two hosts uses them: `edge`
 * serves, `logs` keeps the logs. The tests build on each other, in order.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { PlaySpec } from 'play';
import { certificates } from 'play/roles/certificates';
import { dehydrated } from 'play/roles/dehydrated';
import { haproxy } from 'play/roles/haproxy';
import { internalCertificate, internalFiles } from 'play/roles/internal_certificate';
import { logHost, logOutput } from 'play/roles/log_host';
import { logSender } from 'play/roles/log_sender';
import { nftables } from 'play/roles/nftables';
import { nginx } from 'play/roles/nginx';
import { rsyslog } from 'play/roles/rsyslog';
import { describe, expect, test } from 'vitest';
import { Secret } from '../../src/secrets/index.ts';
import { rehearsePlay } from '../support/role-run.ts';
import { runPlay, type PlayRun, type RunPlayOptions } from '../support/run-play.ts';
import { useHosts } from '../support/sandbox.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const hosts = useHosts('edge', 'logs');
const settling = { timeout: 120_000, interval: 300 };
const on = async (host: string, script: string): Promise<string> => {
  const { stdout, stderr } = await hosts.exec(host, ['sh', '-c', script]);
  return `${stdout}${stderr}`.trim();
};
const there: RunPlayOptions = { inventory: 'edge,logs,', target: (name) => hosts.target(name, 'root') };
/** Sorted: hosts take turns. */
const changed = ({ tasks }: PlayRun): string[] =>
  tasks
    .filter((one) => one.changed)
    .map(({ host, role, task }) => `${host}: ${role}: ${task}`)
    .sort();
const failures = ({ tasks }: PlayRun): string[] => tasks.flatMap(({ error }) => (error === null ? [] : [error.what]));

describe('an edge with sites', () => {
  const challenges = '/var/lib/dehydrated/acme-challenges';
  const plays: readonly PlaySpec[] = [
    {
      hosts: 'edge',
      roles: [
        nftables(),
        nginx(),
        certificates(),
        dehydrated({ acme_contact: 'admin@example.org', acme_directory: 'https://localhost:9/directory' }),
        haproxy({
          haproxy_frontends: [
            { name: 'web', port: 4443, backend: 'nginx', settings: ['http-request deny if { path /private }'] },
            { name: 'plain', port: 8081, backend: 'tunnel', tls: false },
          ],
          haproxy_backends: [
            { name: 'nginx', health_path: '/', servers: [{ name: 'here', address: '127.0.0.1:80' }] },
            { name: 'tunnel', mode: 'tcp', servers: [{ name: 'here', address: '127.0.0.1:80' }] },
          ],
        }),
      ],
    },
  ];
  const ask = (path: string): Promise<string> =>
    on('edge', `curl -sk --max-time 5 -o /dev/null -w '%{http_code}' https://edge:4443${path}`);
  const shown = (): Promise<string> =>
    on(
      'logs',
      'echo | openssl s_client -connect edge:4443 2>/dev/null | openssl x509 -noout -subject -ext subjectAltName',
    );

  test('is set up as check mode says, once', () => rehearsePlay(plays, there));

  test('shows a self-signed certificate for its name, whose key is for root', async () => {
    expect(await shown()).toContain('DNS:edge');
    expect(await on('edge', 'stat -c "%a %U" /etc/ssl/sites /etc/ssl/sites/edge.key')).toBe('700 root\n600 root');
  });

  test('hands requests through haproxy to nginx, which answers the authority', async () => {
    await on('edge', `echo proof >${challenges}/token`);
    // haproxy is reloaded before nginx has its sites: its checks find out.
    for (const url of ['https://edge:4443', 'http://edge:8081'])
      await expect.poll(() => on('edge', `curl -sk ${url}/.well-known/acme-challenge/token`), settling).toBe('proof');
    expect([await ask('/'), await ask('/private')]).toEqual(['301', '403']);
    expect(await on('edge', 'curl -s http://127.0.0.1:8404/metrics')).toContain('haproxy_server_status');
  });

  test('asks the authority within two minutes', async () => {
    const [timer] = JSON.parse(await on('edge', 'systemctl list-timers --output=json dehydrated.timer')) as [
      { next: number; last: number | null },
    ];
    expect((timer.last || timer.next) / 1000 - Date.now()).toBeLessThan(120_000);
  });

  test('takes up a certificate of the authority from dehydrated, and keeps it', async () => {
    await on(
      'edge',
      'cd /tmp && openssl req -x509 -nodes -newkey rsa:2048 -days 9 -subj /CN=of-the-authority -keyout k.pem -out c.pem 2>/dev/null && /etc/dehydrated/hook.sh unchanged_cert edge k.pem c.pem c.pem c.pem',
    );
    await expect.poll(shown, settling).toContain('of-the-authority');
    expect(changed(await runPlay(plays, there))).toEqual([]);
  });
});

describe('logs of many hosts', () => {
  const folder = temporaryFolder('authority');
  const [key, pem] = [join(folder, 'ca.key'), join(folder, 'ca.pem')];
  execFileSync(
    'openssl',
    [
      'req',
      '-x509',
      '-newkey',
      'rsa:2048',
      '-nodes',
      '-subj',
      '/CN=of ours',
      '-days',
      '900',
      '-keyout',
      key,
      '-out',
      pem,
    ],
    { stdio: 'ignore' },
  );
  const withoutKey = { internal_ca_certificate: readFileSync(pem, 'utf8') };
  const vars = { ...withoutKey, internal_ca_key: new Secret(readFileSync(key, 'utf8'), 'a test') };
  const sign: PlaySpec = { hosts: 'edge:logs', roles: [internalCertificate()] };
  const plays: readonly PlaySpec[] = [
    sign,
    {
      hosts: 'logs',
      roles: [nftables(), logHost()],
      tasks: () => [logOutput('copy', 'action(type="omfile" file="/var/log/copy.log")\n')],
    },
    {
      hosts: 'edge',
      roles: [
        logSender({ logs_to: 'logs' }),
        rsyslog({ rsyslog_settings: { '10-own': 'if $programname == "noise" then stop\n' } }),
      ],
    },
  ];

  test('are set up as check mode says, once', () => rehearsePlay(plays, { ...there, extraVars: vars }));

  test('are kept on a host whose certificate the authority signed', async () => {
    const { authority, certificate, key: hostKey } = internalFiles;
    expect(await on('edge', `openssl verify -CAfile ${authority} -verify_hostname edge ${certificate}`)).toBe(
      `${certificate}: OK`,
    );
    expect(await on('edge', `stat -c '%a %U:%G' ${hostKey}`)).toBe('440 root:internal-tls');
  });

  test('arrive over TLS, in a file a host and where else they shall go', async () => {
    await on('edge', 'logger --tag noise "unheard"; logger --tag tried "the first line"');
    for (const file of ['/var/log/remote/edge/syslog.log', '/var/log/copy.log']) {
      await expect.poll(() => on('logs', `cat ${file}`), settling).toMatch(/ tried the first line$/m);
      expect(await on('logs', `cat ${file}`)).not.toContain('unheard');
    }
  });

  test('of who has no certificate of the authority are refused', async () => {
    const line = '<13>1 2026-01-01T00:00:00Z edge forged - - - ';
    const send = (text: string, certificate: string): Promise<string> =>
      on(
        'edge',
        `(printf '%s' '${line.length + text.length} ${line}${text}'; sleep 1) | openssl s_client -quiet -no_ign_eof -connect logs:6514 ${certificate}`,
      );
    await send('without any', '');
    await send('with ours', `-cert ${internalFiles.certificate} -key ${internalFiles.key}`);
    const received = (): Promise<string> => on('logs', 'cat /var/log/remote/edge/syslog.log');
    await expect.poll(received, settling).toContain('with ours');
    expect(await received()).not.toContain('without any');
  });

  test('need the key of the authority only while a certificate is due', async () => {
    expect(failures(await runPlay(plays, { ...there, extraVars: withoutKey }))).toEqual([]);
    const renamed = { internal_certificate_also: ['www.example.org'] };
    const without = await runPlay(sign, { ...there, extraVars: { ...withoutKey, ...renamed }, check: true });
    expect(failures(without).join()).toContain('INTERNAL_CA_KEY is not set');
    const done = await runPlay(sign, { ...there, extraVars: { ...vars, ...renamed } });
    expect(changed(done)).toEqual([
      'edge: internal_certificate: certificate of the host',
      'logs: internal_certificate: certificate of the host',
    ]);
    expect(await on('edge', `openssl x509 -in ${internalFiles.certificate} -noout -ext subjectAltName`)).toContain(
      'DNS:edge, DNS:www.example.org',
    );
  });
});

describe('refused before a host is touched', () => {
  const backends = [{ name: 'app', servers: [{ name: 'one', address: '127.0.0.1:80' }] }];
  test.each([
    [
      'a backend nobody has',
      haproxy({ haproxy_backends: backends, haproxy_frontends: [{ name: 'web', port: 443, backend: 'ap' }] }),
      /backend[^]*"?ap"?/,
    ],
    [
      'a server without its port',
      haproxy({ haproxy_backends: [{ name: 'app', servers: [{ name: 'one', address: '127.0.0.1' }] }] }),
      /HOST:PORT/,
    ],
    ['a name that is none', certificates({ certificate_names: ['https://www.example.org'] }), /host name/],
    ['an address of no mailbox', dehydrated({ acme_contact: 'example.org' }), /acme_contact/],
    ['an authority that is a path', internalCertificate({ internal_ca_certificate: '/etc/ca.pem' }), /in PEM/],
    [
      'senders of no group',
      logHost({ log_host_senders: 'wbe', internal_ca_certificate: '-----BEGIN CERTIFICATE-----' }),
      /wbe/,
    ],
    ['a log host without certificates', logSender({ logs_to: 'logs' }), /no certificate to show to logs/],
  ])('%s', async (_, role, says) => {
    await expect(runPlay({ hosts: 'web1', roles: [role] }, { check: true })).rejects.toThrow(says);
  });
});
