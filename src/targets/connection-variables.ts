import { distance } from '../errors/index.ts';
import { isMapping, type Value } from '../inventory/index.ts';
import type { HostVariables } from '../project/variables.ts';

interface Refused {
  readonly hint: string;
  /** Values that ask for nothing play does not do anyway. */
  readonly fine?: readonly string[];
}

const noFlags = 'play gives the flags it needs.';
const onPath = 'Name the method with ansible_become_method; its program is found by PATH.';
const hostKeys: Refused = {
  hint: 'Unknown keys are accepted with --accept-new-host-keys; a changed one is refused always.',
  fine: ['true', 'yes', '1', 'on'],
};
const noShell: Refused = {
  hint: 'play runs POSIX sh on every host, whatever the login shell is.',
  fine: ['sh', '/bin/sh', 'bash', '/bin/bash', 'dash', '/bin/dash', 'ash', 'fish', 'csh'],
};

/**
 * Variables that would change how a host is reached and that play cannot honour: an error, since ignoring them would
 * surprise.
 */
const refused: Readonly<Record<string, Refused>> = {
  ansible_become_exe: { hint: onPath },
  ansible_sudo_exe: { hint: onPath },
  ansible_su_exe: { hint: onPath },
  ansible_doas_exe: { hint: onPath },
  ansible_become_flags: { hint: noFlags },
  ansible_sudo_flags: { hint: noFlags },
  ansible_su_flags: { hint: noFlags },
  ansible_doas_flags: { hint: noFlags },
  ansible_ssh_executable: { hint: 'play uses ssh2, or the `ssh` of PATH.', fine: ['ssh', '/usr/bin/ssh'] },
  ansible_host_key_checking: hostKeys,
  ansible_ssh_host_key_checking: hostKeys,
  ansible_ssh_private_key: {
    hint: 'Put the key into a file and name it in ansible_ssh_private_key_file, or add it to your agent.',
  },
  ansible_sshpass_prompt: { hint: 'play finds the prompt by itself.' },
  ansible_shell_type: noShell,
  ansible_shell_executable: noShell,
  ansible_sudo_user: { hint: 'Write ansible_become_user.' },
  ansible_su_user: { hint: 'Write ansible_become_user.' },
  ansible_su_pass: { hint: 'Write ansible_become_password.' },
  ansible_doas_pass: { hint: 'Write ansible_become_password.' },
};

/** Variables that only say how Ansible itself works; nothing on a host would be otherwise. */
export const withoutEffect: readonly string[] = [
  'ansible_python_interpreter',
  'ansible_pipelining',
  'ansible_ssh_pipelining',
  'ansible_remote_tmp',
  'ansible_system_tmpdirs',
  'ansible_async_dir',
  'ansible_control_path',
  'ansible_control_path_dir',
  'ansible_sftp_executable',
  'ansible_scp_executable',
  'ansible_sftp_extra_args',
  'ansible_scp_extra_args',
  'ansible_sftp_batch_mode',
  'ansible_scp_if_ssh',
  'ansible_ssh_transfer_method',
  'ansible_ssh_use_tty',
  'ansible_shell_allow_world_readable_temp',
  'ansible_world_readable_temp',
];

/** Every connection variable that means something to play, an error included. */
const knownVariables: readonly string[] = [
  ...Object.keys(refused),
  'ansible_host',
  'ansible_ssh_host',
  'ansible_port',
  'ansible_ssh_port',
  'ansible_user',
  'ansible_ssh_user',
  'ansible_password',
  'ansible_ssh_pass',
  'ansible_ssh_password',
  'ansible_private_key_file',
  'ansible_ssh_private_key_file',
  'ansible_timeout',
  'ansible_ssh_timeout',
  'ansible_ssh_args',
  'ansible_ssh_common_args',
  'ansible_ssh_extra_args',
  'ansible_connection',
  'ansible_become',
  'ansible_become_user',
  'ansible_become_method',
  'ansible_become_password',
  'ansible_become_pass',
  'ansible_sudo_pass',
  'ansible_group_priority',
  'ansible_ssh_retries',
  'play_start_timeout',
  'play_answer_timeout',
  'play_task_timeout',
  'play_max_answer',
  'play_sandbox_release',
];

/**
 * Names that mean something to Ansible and nothing to us: facts, what a run tells of itself, other ways to connect and
 * to become.
 */
const ofAnsible = new RegExp(
  `^ansible_(?:${[
    'all_ipv[46]_addresses|apparmor|architecture|(?:bios|board|chassis|product|distribution|kernel|lsb|lvm|machine|processor|python|selinux|system|userspace|virtualization)(?:_\\w+)?|cmdline|date_time|default_ipv[46]',
    'device_links|devices|dns|domain|(?:effective|real)_(?:user|group)_id|env|facts|fibre_channel_wwn|fips|form_factor|fqdn|hostname|hostnqn|interfaces|is_chroot|iscsi_iqn|loadavg|local|locally_reachable_ips',
    '(?:mem|swap)(?:free|total)_mb|memory_mb|mounts|nodename|os_family|pkg_mgr|proc_cmdline|service_mgr|ssh_host_key_\\w+_public(?:_keytype)?|uptime_seconds|user_(?:dir|gecos|gid|id|shell|uid)|nodeid|osversion|osrevision',
    'check_mode|diff_mode|collection_name|config_file|forks|inventory_sources|limit|loop|loop_var|index_var|managed|version|verbosity|playbook_python|run_tags|skip_tags|search_path|delegated_vars',
    '(?:dependent_role|parent_role|play|failed|role)_\\w+|ignore_errors|keep_remote_files|no_target_syslog|network_os|common_remote_group|admin_users|debug|tmpdir|\\w+_interpreter|interpreter_\\w+|module_\\w+|string_conversion_action',
    '(?:winrm|psrp|httpapi|network|netconf|persistent|docker|podman|kubectl|oc|lxc|lxd|incus|chroot|jail|zone|buildah|paramiko|libssh|aws_ssm|vmware|qubes|iocage|grpc|terminal|powershell|callback|inventory|jinja2|nocows|cow)_\\w+',
    '(?:enable|runas|ksu|pbrun|pfexec|pmrun|dzdo|machinectl|sesu|sudosu|run0)_\\w+|become_(?:plugin|password_prompt|success_cmd|allow_same_user|ask_pass)|su_prompt_l10n|host_key_auto_add|proxy_command|record_host_keys|look_for_keys|use_persistent_connections|command_timeout|connect_timeout|banner_timeout|auth_timeout',
    'ssh_(?:pkcs11_provider|password_mechanism|verbosity|agent\\w*|extra_\\w+|proxy_command|host_key_auto_add|look_for_keys|record_host_keys|use_rsa_sha2_algorithms|alt_\\w+)',
  ].join('|')})$`,
);

/**
 * The connection variable that was meant by a name that means nothing; undefined where nothing is near, or Ansible
 * knows it.
 */
export function meantBy(name: string, value: Value): string | undefined {
  const isKnown =
    // A list or a mapping is somebody's own: `ansible_users`.
    (typeof value === 'object' && (Array.isArray(value) || isMapping(value))) ||
    !/^ansible[_-]/i.test(name) ||
    knownVariables.includes(name) ||
    withoutEffect.includes(name) ||
    ofAnsible.test(name);
  if (isKnown) return undefined;
  // They all begin alike, which makes any two of them near: what is behind that is compared, and a variable of one's
  // own stays possible.
  const own = name.slice('ansible_'.length).toLowerCase();
  const apart = (known: string): number => distance(own, known.slice('ansible_'.length));
  const [first] = knownVariables.toSorted((a, b) => apart(a) - apart(b));
  return first !== undefined && apart(first) <= (own.length < 5 ? 1 : 2) ? first : undefined;
}

/**
 * @throws PlayError for a variable that cannot be honoured, or that is misspelt: the host would be reached otherwise
 * than was meant
 */
export function refuseUnsupported(variables: HostVariables): void {
  for (const [name, { value }] of variables.all()) {
    const meant = meantBy(name, value);
    if (meant !== undefined) throw variables.wrong(name, 'means nothing to play or Ansible', `Did you mean ${meant}?`);
  }
  for (const [name, { hint, fine = [] }] of Object.entries(refused)) {
    if (variables.has(name) && !fine.includes(variables.anyText(name).toLowerCase()))
      throw variables.wrong(name, 'is not supported', hint);
  }
}
