import {
  apt,
  copy,
  defineRole,
  file,
  handler,
  PlayError,
  systemd,
  systemdUnit,
  template,
  v,
  type Task,
  option,
  systemFiles,
} from 'play';
import {
  hasInternalCertificate,
  internalAuthority,
  internalFiles,
  internalGroup,
  makeInternalGroup,
} from 'play/roles/internal_certificate';
import { blackboxJobs } from '../blackbox_exporter/jobs.ts';
import { scrapeJobs } from './jobs.ts';
import { repeated, targetsOf, type TargetSource } from './targets.ts';

/**
 * The rule files of files/rules/. Named one by one in the configuration: a file left behind on the host is not loaded.
 */
const ruleFiles = ['blackbox.yml', 'hosts.yml', 'ooni.yml', 'prometheus.yml'];
const rulesFolder = '/etc/prometheus/rules';

const reload = handler('reload prometheus', () => systemd({ name: 'prometheus', state: 'reloaded' }));
const restart = handler('restart prometheus', () => systemd({ name: 'prometheus', state: 'restarted' }));

/**
 * Prometheus, its rules, and its targets, which come from the inventory. List it after `internal_certificate`, for jobs
 * that are `internal`; where a host gets no such certificate, these are asked without one.
 */
export const prometheus = defineRole(import.meta, {
  vars: {
    prometheus_jobs: v.optional(scrapeJobs, []),
    blackbox_jobs: v.optional(blackboxJobs, []),
    internal_ca_certificate: internalAuthority,
    blackbox_listen: option.text('Where the blackbox exporter listens.', '127.0.0.1:9115'),
    alertmanager_listen: option.text('Where alertmanager listens.', '127.0.0.1:9093'),
    prometheus_listen: option.text('Where it listens; people come through nginx.', '127.0.0.1:9090'),
    prometheus_url: option.text('How people reach it: the links in alerts.', 'https://prometheus.ooni.org/', v.url()),
    prometheus_retention: option.text(
      'How long samples are kept.',
      '1y',
      v.regex(/^\d+[dwy]$/, 'must be a number and d, w or y'),
    ),
    prometheus_interval: option.text(
      'How often targets are asked and rules evaluated.',
      '30s',
      v.regex(/^\d+[sm]$/, 'must be a number and s or m'),
    ),
  },
  // Reloaded before it is restarted: a SIGHUP in the first moments of a process would end it.
  defaults: { ...systemFiles, installRecommends: false },
  tasks: ({ vars, host, groups }) => {
    const withTargets = <J extends TargetSource>(job: J) => ({ ...job, targets: targetsOf(job, groups) });
    const twice = repeated(
      ['prometheus', ...vars.prometheus_jobs, ...vars.blackbox_jobs].map((job) =>
        typeof job === 'string' ? job : job.name,
      ),
    );
    if (twice.length > 0)
      throw new PlayError(`Prometheus would have two jobs named "${twice[0]}"`, {
        hint: 'Give each job of prometheus_jobs and blackbox_jobs a name of its own.',
      });
    const hasCertificate = hasInternalCertificate(host, vars.internal_ca_certificate);
    return [
      apt({ name: 'prometheus' }, { name: 'install prometheus' }),
      systemd({ name: 'prometheus', state: 'started', enabled: true }, { name: 'start prometheus' }),
      template(
        { src: 'default.hbs', dest: '/etc/default/prometheus' },
        { name: 'arguments of prometheus', notify: restart },
      ),
      ...(hasCertificate ? mayReadKey() : []),
      file({ path: rulesFolder, state: 'directory' }, { name: 'folder for alert rules', tags: 'prometheus-conf' }),
      ...ruleFiles.map((name) =>
        copy(
          { src: `rules/${name}`, dest: `${rulesFolder}/${name}`, validate: 'promtool check rules %s' },
          { name: `alert rules ${name}`, tags: 'prometheus-conf', notify: reload },
        ),
      ),
      template(
        {
          src: 'prometheus.yml.hbs',
          dest: '/etc/prometheus/prometheus.yml',
          validate: 'promtool check config %s',
          vars: {
            rules: ruleFiles.map((name) => `${rulesFolder}/${name}`),
            jobs: vars.prometheus_jobs.map(withTargets),
            probes: vars.blackbox_jobs.map(withTargets),
            tls: hasCertificate ? internalFiles : null,
          },
        },
        { name: 'configuration of prometheus', tags: 'prometheus-conf', notify: reload },
      ),
    ];
  },
});

/**
 * A process has the groups it was started with. What it reads with them it reads again for each new connection
 * (prometheus/common, pull request 173): a certificate that was made anew needs neither restart nor reload.
 */
function mayReadKey(): Task[] {
  return [
    makeInternalGroup(),
    systemdUnit(
      {
        name: 'prometheus.service',
        dropIn: 'internal-certificate',
        sections: { Service: { SupplementaryGroups: internalGroup } },
      },
      { name: 'prometheus may show our certificate', notify: restart },
    ),
  ];
}
