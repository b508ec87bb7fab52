/** Words of a task that are not its module: https://docs.ansible.com/ansible/latest/reference_appendices/playbooks_keywords.html */
export const taskKeywords: ReadonlySet<string> = new Set([
  'action',
  'any_errors_fatal',
  'args',
  'async',
  'become',
  'become_exe',
  'become_flags',
  'become_method',
  'become_user',
  'changed_when',
  'check_mode',
  'collections',
  'connection',
  'debugger',
  'delay',
  'delegate_facts',
  'delegate_to',
  'diff',
  'environment',
  'failed_when',
  'ignore_errors',
  'ignore_unreachable',
  'listen',
  'local_action',
  'loop',
  'loop_control',
  'module_defaults',
  'name',
  'no_log',
  'notify',
  'poll',
  'port',
  'register',
  'remote_user',
  'retries',
  'run_once',
  'sudo',
  'sudo_user',
  'tags',
  'throttle',
  'timeout',
  'until',
  'vars',
  'when',
  'always_run',
]);

/** Modules that take a command as their text. */
export const commandModules: ReadonlySet<string> = new Set([
  'command',
  'shell',
  'script',
  'raw',
  'win_shell',
  'win_command',
  'expect',
]);

/** Modules whose text is not `key=value`. */
export const freeFormModules: ReadonlySet<string> = new Set([
  ...commandModules,
  'include',
  'include_tasks',
  'import_tasks',
  'include_vars',
  'meta',
  'import_playbook',
  'include_role',
]);

/** Collections whose modules were once built in: their names lose the collection. */
const builtIn =
  /^(?:ansible\.(?:builtin|legacy|posix|utils|netcommon)|community\.(?:general|docker|postgresql|mysql|crypto|rabbitmq|mongodb|grafana|zabbix|libvirt|aws)|amazon\.aws|containers\.podman|kubernetes\.core|google\.cloud)\./;

/** Other names of a module. */
const otherNames = new Map([
  ['systemd_service', 'systemd'],
  ['deb822_repository', 'deb822_repository'],
  ['apt_rpm', 'apt_rpm'],
  ['docker_container', 'docker_container'],
]);

/** A module's short name. */
export function shortName(module: string): string {
  const short = module
    .replace(builtIn, '')
    .replace(/^(?:files|packaging\.os|system|net_tools|web_infrastructure)\./, '');
  return otherNames.get(short) ?? short;
}
