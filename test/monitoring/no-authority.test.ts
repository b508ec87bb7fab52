import { prometheus } from 'play/roles/prometheus';
/** What Prometheus is told of jobs that show a certificate, on a host that gets none and on one that does. Only looked at: check mode, on this machine, where
 * promtool is missing, which fails those tasks. */
import { expect, test } from 'vitest';
import { runPlay } from '../support/run-play.ts';

const jobs = [{ name: 'ooni-api', targets: ['api.example.org:9443'], scheme: 'https', internal: true }];
const authority = '-----BEGIN CERTIFICATE-----\n';

async function configuration(extraVars: Readonly<Record<string, unknown>>): Promise<string> {
  const { tasks } = await runPlay(
    { name: 'prometheus', hosts: 'web1', ignoreErrors: true, roles: [prometheus()] },
    {
      check: true,
      tags: ['prometheus-conf'],
      extraVars: { prometheus_rules: [], prometheus_jobs: jobs, ...extraVars },
    },
  );
  const changes = tasks.find(({ task }) => task === 'configuration of prometheus')?.changes ?? [];
  return changes.map(({ text }) => String(text?.after ?? '')).join('');
}

test('with an authority it shows the certificate; without one it asks without, and the file says why', async () => {
  expect(await configuration({ internal_ca_certificate: authority })).toMatch(
    /scheme: https[^]*tls_config:[^]*ca_file: "\/etc\/ssl\/internal\/authority\.crt"/,
  );
  const without = await configuration({});
  expect(without).toMatch(/scheme: https[^]*there is no internal_ca_certificate/);
  expect(without).not.toContain('tls_config');
});
