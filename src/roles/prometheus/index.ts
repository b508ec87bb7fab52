import {
  apt,
  copy,
  defineRole,
  file,
  handler,
  option,
  PlayError,
  systemd,
  systemdUnit,
  systemFiles,
  template,
  transaction,
  unknownName,
  uri,
  v,
  type Task,
} from 'play';
import { modulesWith, moduleVariable } from 'play/roles/blackbox_exporter';
import {
  hasInternalCertificate,
  internalAuthority,
  internalFiles,
  internalGroup,
  makeInternalGroup,
} from 'play/roles/internal_certificate';
import { blackboxJobs, scrapeJobs } from './jobs.ts';
import { generalRules, ruleFiles, ruleFileVariable } from './rules.ts';
import { repeated, targetsOf, type TargetSource } from './targets.ts';

const rulesFolder = '/etc/prometheus/rules';

const reload = handler('reload prometheus', () => systemd({ name: 'prometheus', state: 'reloaded' }));
const restart = handler('restart prometheus', () => systemd({ name: 'prometheus', state: 'restarted' }), {
  insteadOf: reload,
});

/** Prometheus, its rules, and its targets, which come from the inventory. */
export const prometheus = defineRole(import.meta, {
  description:
    'Prometheus, its alert rules, and its targets, which come from the inventory. For `internal` jobs, list it after `internal_certificate`; if a host gets no such certificate, they are asked without one.',
  vars: {
    prometheus_jobs: scrapeJobs,
    blackbox_jobs: blackboxJobs,
    blackbox_modules: moduleVariable,
    blackbox_listen: option.text('Where the blackbox exporter listens.', '127.0.0.1:9115'),
    alertmanager_listen: option.text('Where alertmanager listens.', '127.0.0.1:9093'),
    internal_ca_certificate: internalAuthority,
    prometheus_rules: option.list(
      'General rules that come with the role: what is seen from outside, what may go wrong on any host, Prometheus itself.',
      v.picklist(generalRules),
      [...generalRules],
    ),
    prometheus_rule_files: ruleFileVariable,
    prometheus_external_labels: option.record(
      'Labels on everything it sends to others, especially alerts.',
      v.string(),
      {},
    ),
    prometheus_listen: option.text('Where it listens. It does not ask for a password itself.', '127.0.0.1:9090'),
    prometheus_url: v.optional(
      option.url("How people reach it: the links in alerts. Default: its port under the host's name."),
    ),
    prometheus_retention: option.text(
      'How long samples are kept.',
      '90d',
      v.regex(/^\d+[dwy]$/, 'must be a number and d, w or y'),
    ),
    prometheus_interval: option.text(
      'How often targets are scraped and rules evaluated.',
      '30s',
      v.regex(/^\d+[sm]$/, 'must be a number and s or m'),
    ),
  },
  defaults: { ...systemFiles, installRecommends: false },
  tasks: ({ vars, host, groups }) => {
    const [twice] = repeated([
      'prometheus',
      ...[...vars.prometheus_jobs, ...vars.blackbox_jobs].map(({ name }) => name),
    ]);
    if (twice !== undefined)
      throw new PlayError(`Prometheus would have two jobs named "${twice}"`, {
        hint: 'Give each job of prometheus_jobs and blackbox_jobs a name of its own.',
      });
    const modules = Object.keys(modulesWith(vars.blackbox_modules));
    for (const { name, module } of vars.blackbox_jobs)
      if (!modules.includes(module))
        throw unknownName('module', module, modules, { where: `job "${name}" of "blackbox_jobs"` });
    const withTargets = <J extends TargetSource>(job: J) => ({ ...job, targets: targetsOf(job, groups) });
    const hasCertificate = hasInternalCertificate(host, vars.internal_ca_certificate);
    const rules = ruleFiles(vars.prometheus_rules, vars.prometheus_rule_files);
    return [
      // curl asks it whether it is ready.
      apt({ name: ['prometheus', 'curl'] }, { name: 'install prometheus' }),
      systemd({ name: 'prometheus', state: 'started', enabled: true }, { name: 'start prometheus' }),
      ...(hasCertificate ? mayReadKey() : []),
      transaction(
        [
          template(
            { src: 'default.hbs', dest: '/etc/default/prometheus', vars: { url: vars.prometheus_url ?? null } },
            { name: 'arguments of prometheus', notify: restart },
          ),
          file({ path: rulesFolder, state: 'directory' }, { name: 'folder for alert rules', tags: 'prometheus-conf' }),
          ...[...rules].map(([name, src]) =>
            copy(
              { src, dest: `${rulesFolder}/${name}`, validate: 'promtool check rules %s' },
              { name: `alert rules ${name}`, tags: 'prometheus-conf', notify: reload },
            ),
          ),
          template(
            {
              src: 'prometheus.yml.hbs',
              dest: '/etc/prometheus/prometheus.yml',
              validate: 'promtool check config %s',
              vars: {
                rules: [...rules.keys()].map((name) => `${rulesFolder}/${name}`),
                jobs: vars.prometheus_jobs.map(withTargets),
                probes: vars.blackbox_jobs.map(withTargets),
                tls: hasCertificate ? internalFiles : null,
                addresses: {
                  prometheus: dialled(vars.prometheus_listen),
                  alertmanager: dialled(vars.alertmanager_listen),
                  blackbox: dialled(vars.blackbox_listen),
                },
              },
            },
            { name: 'configuration of prometheus', tags: 'prometheus-conf', notify: reload },
          ),
        ],
        {
          name: 'prometheus',
          healthy: [
            uri({ url: readyUrl(vars.prometheus_listen, vars.prometheus_url) }, { name: 'prometheus is ready' }),
          ],
          // Behind a restart it first reads what it wrote last.
          retries: 60,
          delay: 5,
        },
      ),
    ];
  },
});

/** Below the path by which people reach it, where that is not the root (`--web.external-url` of prometheus(1)). */
const readyUrl = (listen: string, url: string | undefined): string =>
  `http://${dialled(listen)}${url === undefined ? '' : new URL(url).pathname.replace(/\/$/, '')}/-/ready`;

/** Where something that listens at all addresses is reached on the host itself. */
const dialled = (listen: string): string => listen.replace(/^:/, 'localhost:');

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
