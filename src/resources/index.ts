/** One file a resource: schema, probes, plan. Imports playbook, probes, template, secrets, errors. */
export { apt, type AptResult } from './packages/apt/index.ts';
export {
  aptUpgrade,
  type AptKeptBack,
  type AptPhased,
  type AptUpgradable,
  type AptUpgraded,
  type AptUpgradeResult,
} from './packages/apt-upgrade.ts';
export { needrestart, type NeedrestartResult, type RunningOldCode } from './packages/needrestart.ts';
export { copy } from './files/copy.ts';
export { file } from './files/file.ts';
export { systemd, type SystemdResult } from './services/systemd.ts';
export { template } from './files/template.ts';
export { command } from './commands/command.ts';
export { shell } from './commands/shell.ts';
export { user } from './accounts/user.ts';
export { flushHandlers } from './commands/flush-handlers.ts';
export { group } from './accounts/group.ts';
export { lineinfile } from './edits/lineinfile.ts';
export { blockinfile } from './edits/blockinfile.ts';
export { hostname } from './system/hostname.ts';
export { htpasswd } from './edits/htpasswd.ts';
export { uri } from './commands/uri.ts';
export { health, type HealthResult } from './commands/health.ts';
export { prometheusQuery, type PrometheusQueryResult, type PrometheusSample } from './commands/prometheus-query.ts';
export { assert } from './commands/assert.ts';
export { debug } from './commands/debug.ts';
export { hole } from './commands/hole.ts';
export { sync } from './files/sync.ts';
export { stat, type StatResult } from './files/stat.ts';
export { find, type FindResult, type FoundFile } from './files/find.ts';
export { slurp, type SlurpResult } from './files/slurp.ts';
export { script } from './commands/script.ts';
export { tempfile, type TempfileResult } from './files/tempfile.ts';
export { replace } from './edits/replace.ts';
export { iniFile } from './edits/ini-file.ts';
export { jsonFile } from './edits/json-file.ts';
export { yamlFile } from './edits/yaml-file.ts';
export { getUrl, type GetUrlResult } from './files/get-url.ts';
export { waitFor, type WaitForResult } from './commands/wait-for.ts';
export { sudoers } from './accounts/sudoers.ts';
export { unitStates, type UnitStatesResult } from './services/unit-states.ts';
export { cron } from './services/cron.ts';
export { systemdUnit } from './services/systemd-unit.ts';
export { assemble } from './files/assemble.ts';
export { local, type LocalOptions, type LocalResult, type LocalTools } from './commands/local.ts';
export { confirm, pause, type PauseResult } from './commands/pause.ts';
export { reboot, type RebootResult } from './system/reboot.ts';
export { unarchive, type UnarchiveResult } from './files/unarchive.ts';
export { fetch, type FetchResult } from './files/fetch.ts';
export { authorizedKey } from './accounts/authorized-key.ts';
export { knownHosts } from './edits/known-hosts.ts';
export { aptPin } from './packages/apt-pin.ts';
export { aptRepository } from './packages/apt-repository.ts';
export { git, type GitResult } from './files/git.ts';
export { mount, type MountResult } from './system/mount.ts';
export { nftables, type NftablesResult } from './services/nftables.ts';
export { debconf } from './packages/debconf.ts';
export { dpkgDivert } from './packages/dpkg-divert.ts';
export { dpkgSelections } from './packages/dpkg-selections.ts';
export { sysctl } from './system/sysctl.ts';
export { timezone } from './system/timezone.ts';
export { locale } from './system/locale.ts';
export { pip, type PipResult } from './packages/pip.ts';
export { supervisor, type SupervisorResult } from './services/supervisor.ts';
export { hold, type HoldResult } from './services/hold.ts';
export { haproxyServer, type HaproxyServerResult } from './services/haproxy-server.ts';
export { capabilities } from './files/capabilities.ts';
export { alternatives } from './packages/alternatives.ts';
export { acl } from './files/acl.ts';
export { certificate } from './certificate/index.ts';
export { xmlFile } from './edits/xml-file.ts';
export { container, type ContainerResult } from './container/index.ts';
export { containerImage, type ContainerImageResult } from './container/image.ts';
export { containerNetwork } from './container/network.ts';
export { containerVolume } from './container/volume.ts';
export { postgresqlDb } from './postgresql/db.ts';
export { postgresqlUser } from './postgresql/user.ts';
export { postgresqlPrivs } from './postgresql/privs.ts';
export { postgresqlMigrations, type MigrationsResult } from './postgresql/migrations.ts';
export { mysqlDb } from './mysql/db.ts';
export { mysqlUser } from './mysql/user.ts';
export { ansibleModule, type AnsibleModuleOptions } from './ansible/ansible-module.ts';
export { redBlack, type RedBlackResult } from './services/red-black.ts';
