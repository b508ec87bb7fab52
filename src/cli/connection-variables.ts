import type { HostVariables } from './variables.ts';

interface Refused {
  readonly hint: string;
  /** Values that ask for nothing play does not do anyway. */
  readonly fine?: readonly string[];
}

const noFlags = 'play gives the flags it needs.';
const onPath = 'Name the method with ansible_become_method; its program is found by PATH.';
const hostKeys: Refused = { hint: 'Unknown keys are accepted with --accept-new-host-keys; a changed one is refused always.', fine: ['true', 'yes', '1', 'on'] };
const noShell: Refused = { hint: 'play runs POSIX sh on every host, whatever the login shell is.', fine: ['sh', '/bin/sh', 'bash', '/bin/bash', 'dash', '/bin/dash', 'ash', 'fish', 'csh'] };

/** Variables that would change how a host is reached and that play cannot honour: an error, since ignoring them would surprise. */
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
  ansible_ssh_private_key: { hint: 'Put the key into a file and name it in ansible_ssh_private_key_file, or add it to your agent.' },
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
  'ansible_python_interpreter', 'ansible_pipelining', 'ansible_ssh_pipelining', 'ansible_remote_tmp', 'ansible_system_tmpdirs', 'ansible_async_dir',
  'ansible_control_path', 'ansible_control_path_dir', 'ansible_sftp_executable', 'ansible_scp_executable', 'ansible_sftp_extra_args', 'ansible_scp_extra_args',
  'ansible_sftp_batch_mode', 'ansible_scp_if_ssh', 'ansible_ssh_transfer_method', 'ansible_ssh_use_tty', 'ansible_shell_allow_world_readable_temp',
  'ansible_world_readable_temp',
];

/** Every connection variable that means something to play, an error included. */
export const knownVariables: readonly string[] = [
  ...Object.keys(refused), 'ansible_host', 'ansible_ssh_host', 'ansible_port', 'ansible_ssh_port', 'ansible_user', 'ansible_ssh_user', 'ansible_password', 'ansible_ssh_pass',
  'ansible_ssh_password', 'ansible_private_key_file', 'ansible_ssh_private_key_file', 'ansible_timeout', 'ansible_ssh_timeout', 'ansible_ssh_args', 'ansible_ssh_common_args',
  'ansible_ssh_extra_args', 'ansible_connection', 'ansible_become', 'ansible_become_user', 'ansible_become_method', 'ansible_become_password', 'ansible_become_pass',
  'ansible_sudo_pass', 'ansible_group_priority', 'ansible_ssh_retries',
];

/** @throws PlayError for a variable that cannot be honoured */
export function refuseUnsupported(variables: HostVariables): void {
  for (const [name, { hint, fine = [] }] of Object.entries(refused)) {
    if (variables.has(name) && !fine.includes(variables.anyText(name).toLowerCase())) throw variables.wrong(name, 'is not supported', hint);
  }
}
