import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import type { ProjectConfig } from '../../../project/config.ts';
import type { Finding } from './finding.ts';

type Setting = keyof ProjectConfig;

/** Settings with a place in `play.config.ts`. */
const moved: Readonly<Record<string, Setting>> = {
  'defaults.inventory': 'inventory',
  'defaults.remote_user': 'user',
  'defaults.private_key_file': 'privateKeyFile',
  'defaults.forks': 'forks',
  'defaults.timeout': 'timeout',
  'defaults.vault_password_file': 'vaultPasswordFile',
  'defaults.vault_identity_list': 'vaultIds',
  'defaults.ask_vault_pass': 'askVaultPass',
  'defaults.ask_pass': 'askPass',
  'defaults.transport': 'connection',
  'defaults.force_handlers': 'forceHandlers',
  'defaults.become': 'become',
  'connection.connection_password_file': 'connectionPasswordFile',
  'defaults.connection_password_file': 'connectionPasswordFile',
  'privilege_escalation.become': 'become',
  'privilege_escalation.become_user': 'becomeUser',
  'privilege_escalation.become_method': 'becomeMethod',
  'privilege_escalation.become_ask_pass': 'askBecomePass',
  'defaults.become_password_file': 'becomePasswordFile',
  'ssh_connection.ssh_args': 'sshCommonArgs',
  'ssh_connection.ssh_common_args': 'sshCommonArgs',
  'ssh_connection.ssh_extra_args': 'sshExtraArgs',
  'diff.always': 'diff',
};

/** Settings that change what a run does, and that are said in another way here. */
const otherwise: Readonly<Record<string, string>> = {
  'defaults.host_key_checking':
    'Unknown keys are accepted with acceptNewHostKeys: true in play.config.ts; a changed one is refused always.',
  'ssh_connection.host_key_checking':
    'Unknown keys are accepted with acceptNewHostKeys: true in play.config.ts; a changed one is refused always.',
  'defaults.remote_port': 'Write ansible_port into the inventory (group_vars/all), or Port into ~/.ssh/config.',
  'defaults.roles_path': 'Roles are TypeScript modules: the playbook imports them by path.',
  'defaults.library':
    'ansibleModule runs the modules in library/ of a role or playbook; a resource of your own (defineResource) is quicker.',
  'defaults.filter_plugins': 'Write a TypeScript function; pluginFilter evaluates those in filter_plugins/ meanwhile.',
  'defaults.lookup_plugins': 'Write a TypeScript function; pluginLookup evaluates those in lookup_plugins/ meanwhile.',
  'defaults.vars_plugins': 'Compute variables in TypeScript: in a typed inventory, or a role.',
  'defaults.hash_behaviour':
    'Mappings are never merged: the value of the highest level replaces the others. Merge them in TypeScript where you want that.',
  'defaults.strategy':
    "Every host goes through its tasks at its own pace; a play that must go task by task says strategy: 'linear'.",
  'defaults.any_errors_fatal': 'Write anyErrorsFatal: true in the play.',
  'defaults.error_on_undefined_vars': 'An undefined variable is always an error.',
  'defaults.jinja2_extensions': 'Templates are Handlebars.',
  'defaults.jinja2_native': 'Templates are Handlebars.',
  'defaults.no_log': 'Write noLog: true on the task; secrets are masked anyway.',
  'defaults.executable': 'play runs POSIX sh.',
  'defaults.module_defaults': 'Write options where they are used, or a function that returns them.',
  'defaults.ansible_managed': 'Write the line in the template.',
  'privilege_escalation.become_exe': 'The program is found by PATH.',
  'privilege_escalation.become_flags': 'play gives the flags it needs.',
  'ssh_connection.ssh_executable': 'play uses ssh2, or the ssh of PATH.',
  'ssh_connection.retries': 'Write ansible_ssh_retries into the inventory (group_vars/all).',
  'defaults.max_diff_size': '--diff shortens long diffs and says so; --diff=full shows all of them.',
  'tags.run': 'Give tags on the command line: -t.',
  'tags.skip': 'Give tags on the command line: --skip-tags.',
};

/** Values that ask for what play does in any case. */
const fulfilled: Readonly<Record<string, readonly string[]>> = {
  'defaults.host_key_checking': ['true', 'yes', '1', 'on'],
  'ssh_connection.host_key_checking': ['true', 'yes', '1', 'on'],
};
/** Options of ssh that say how Ansible keeps a connection: play has one for each run. */
const keepsConnection = /^(?:-o\s*Control(?:Master|Persist|Path)=\S+\s*|-C\s*)*$/;

/** Sections and settings that only say how Ansible works or looks. */
const indifferent = new RegExp(
  '^(?:(?:colors|galaxy|persistent_connection|paramiko_connection|selinux|jinja2|netconf_connection|accelerate|callback_.*)\\..*' +
    '|defaults\\.(?:.*callbacks?.*|.*warnings?|display_.*|retry_files.*|gather.*|fact_caching.*|fact_path|interpreter_python.*|nocows|nocolor|cow.*|log_.*|local_tmp|remote_tmp|poll_interval|pipelining|bin_ansible_callbacks|inventory_ignore.*|use_persistent_connections|squash_actions|stdout_callback|check_mode_markers|show_.*|bottom.*|collections_path.*|.*_plugins)' +
    '|ssh_connection\\.(?:pipelining|control_path.*|transfer_method|scp_if_ssh|sftp_.*|scp_.*|usetty|use_tty)|inventory\\..*|diff\\.context)$',
);

/**
 * The `ansible.cfg` Ansible itself would take, if there is one: started where the inventory's repository is, when that is
 * not here.
 */
export function findAnsibleCfg(project: string | undefined, inventories: readonly string[]): string | undefined {
  const named = process.env['ANSIBLE_CONFIG'];
  const places = [
    ...(named ? [named] : []),
    ...(project === undefined ? [] : [join(project, 'ansible.cfg')]),
    'ansible.cfg',
    ...inventories.filter((source) => existsSync(source)).flatMap((source) => aboveInRepository(resolve(source))),
    join(homedir(), '.ansible.cfg'),
    '/etc/ansible/ansible.cfg',
  ];
  return places.map((place) => resolve(place)).find((place) => existsSync(place));
}

/** Where an `ansible.cfg` may lie beside or above an inventory; without a repository of git only beside it. */
function aboveInRepository(inventory: string): string[] {
  const folders: string[] = [];
  for (let folder = dirname(inventory); ; folder = dirname(folder)) {
    folders.push(folder);
    if (existsSync(join(folder, '.git'))) break;
    if (dirname(folder) === folder) return [join(dirname(inventory), 'ansible.cfg')];
  }
  return folders.map((folder) => join(folder, 'ansible.cfg'));
}

/** Names each setting of an `ansible.cfg` that a run would want and play does not read. */
export function lintAnsibleCfg(file: string, config: ProjectConfig): Finding[] {
  return settingsOf(readFileSync(file, 'utf8')).flatMap(({ name, value, line }): Finding[] => {
    const where = { file, line };
    const setting = moved[name];
    if (setting !== undefined) {
      if (config[setting] !== undefined || (setting === 'becomeMethod' && value === 'sudo')) return [];
      if (name === 'ssh_connection.ssh_args' && keepsConnection.test(value)) return [];
      return [
        {
          rule: 'ansible.cfg',
          what: `play does not read ansible.cfg: ${name} = ${value}`,
          where,
          hint: `Write ${setting} into play.config.ts.`,
        },
      ];
    }
    // What play does anyway.
    if (fulfilled[name]?.includes(value.toLowerCase()) === true) return [];
    const hint = otherwise[name];
    if (hint === undefined && indifferent.test(name)) return [];
    return [
      { rule: 'ansible.cfg', what: `play does not have ${name}`, where, ...(hint === undefined ? {} : { hint }) },
    ];
  });
}

/** Python's configparser, as far as ansible.cfg needs it: `#` and `;` begin comments, ` ;` also behind a value. */
function settingsOf(text: string): { readonly name: string; readonly value: string; readonly line: number }[] {
  let section = 'defaults';
  return text.split('\n').flatMap((raw, index) => {
    const line = raw.trim();
    const heading = /^\[(.+)\]$/.exec(line)?.[1];
    if (heading !== undefined) section = heading.trim();
    const [, key, value = ''] = /^([^#;[\s][^=:]*?)\s*[=:]\s*(.*?)(?:\s;.*)?$/.exec(line) ?? [];
    return key === undefined ? [] : [{ name: `${section}.${key.toLowerCase()}`, value, line: index + 1 }];
  });
}
