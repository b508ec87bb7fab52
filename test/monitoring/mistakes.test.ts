/** Mistakes in what people edit for the monitoring host are told at the desk: before any host is connected. */
import { expect, test } from 'vitest';
import { copyProject, type MonitoringProject } from './project.ts';

const vars = 'host_vars/monitoring.ooni.org/vars.yml';

interface Mistake {
  readonly what: string;
  readonly make?: (project: MonitoringProject) => void;
  readonly args?: readonly string[];
  readonly says: readonly (string | RegExp)[];
}

const mistakes: readonly Mistake[] = [
  {
    what: 'a template that reads a name that is not there',
    make: (project) =>
      project.edit('roles/monitoring_web/templates/index.html.hbs', '{{#each interfaces}}', '{{#each interfacs}}'),
    // Without what asks for a secret.
    args: ['-t', 'monitoring', '--skip-tags', 'htpasswd'],
    says: ['Unknown name "interfacs"', /index\.html\.hbs:7:\d+/, 'Did you mean "interfaces"'],
  },
  {
    what: 'a variable of the wrong type',
    make: (project) => project.edit(vars, 'port: 9100', 'port: "9100"'),
    says: ['"prometheus_jobs"', '0.port', '"9100" (a string)', 'number', /vars\.yml:\d+/],
  },
  {
    what: 'a probe with a module that the exporter does not have',
    make: (project) => project.edit(vars, 'module: http_2xx_secure', 'module: http_2xx_secur'),
    says: [
      'Unknown module "http_2xx_secur"',
      'job "ooni website" of "blackbox_jobs"',
      'Did you mean "http_2xx_secure"',
    ],
  },
  {
    what: 'a job for a group that the inventory does not have',
    make: (project) => project.edit(vars, 'group: have_netdata', 'group: have_netdat'),
    says: ['Unknown group "have_netdat"', 'netdata', 'Did you mean "have_netdata"'],
  },
  {
    what: 'a job that shows our certificate where nobody looks',
    make: (project) => project.edit(vars, 'scheme: https\n    internal: true', 'internal: true'),
    says: ['"prometheus_jobs"', '`internal`', '`scheme` must be https', /vars\.yml:\d+/],
  },
  {
    what: 'a name where the address of a server for names must be',
    make: (project) => project.edit('group_vars/all/vars.yml', '[185.71.138.138,', '[dns.example.org,'),
    says: ['"base_dns_servers"', 'must be an address', /vars\.yml:\d+/],
  },
  {
    what: 'two jobs of one name',
    make: (project) => project.edit(vars, 'name: netdata', 'name: icmp'),
    says: ['two jobs named "icmp"'],
  },
  {
    what: 'a site without a certificate',
    make: (project) => project.edit(vars, '\n  - prometheus.ooni.org', ''),
    says: ['serves prometheus.ooni.org', 'certificate_names'],
  },
  { what: 'an unknown tag', args: ['-t', 'promtheus-conf'], says: ['Unknown tag "promtheus-conf"', 'prometheus-conf'] },
  { what: 'a password nobody gave', says: ['MONITORING_PASSWORD_OONI', 'not set'] },
];

test.each(mistakes)('$what', async ({ make, args = [], says }) => {
  const project = copyProject();
  make?.(project);
  const { code, stdout, stderr } = await project.play('deploy-monitoring.ts', '-l', 'monitoring.ooni.org', ...args);
  expect(code, stderr).toBe(1);
  expect(stdout).toBe('');
  for (const words of says) expect(stderr).toMatch(words);
});

test('-t prometheus-conf is the configuration of Prometheus and nothing else, and asks for no secret', async () => {
  const { code, stdout, stderr } = await copyProject().play(
    'deploy-monitoring.ts',
    '-l',
    'monitoring.ooni.org',
    '-t',
    'prometheus-conf',
    '--list-tasks',
  );
  expect(code, stderr).toBe(0);
  const listed = [...stdout.matchAll(/^ +(.+?) *TAGS: \[(.*)\]/gm)].map(([, name = '', tags = '']) => ({ name, tags }));
  expect(listed.filter(({ tags }) => tags.includes('prometheus-conf')).map(({ name }) => name)).toHaveLength(6);
});
