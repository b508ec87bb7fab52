import { becomeMethods, connectionNames } from '../../../options/connection-flags.ts';
import type { Schema } from './variable-schema.ts';

const text = (description: string): Schema => ({ description, type: 'string' });
/** As in Ansible, a number may be written as text. */
const count = (description: string): Schema => ({
  description,
  anyOf: [
    { type: 'integer', minimum: 0 },
    { type: 'string', pattern: '^(?:\\d+|.*\\{\\{.*)$' },
  ],
});

/** How hosts are reached and as whom: what play reads of Ansible's variables, and its own. */
export const connectionSchemas: Readonly<Record<string, Schema>> = {
  ansible_host: text('Name or address the host is reached at. Default: its name in the inventory.'),
  ansible_port: count('Port of its SSH server. Default: as ~/.ssh/config says, else 22.'),
  ansible_user: text('Account to log in as. Default: as ~/.ssh/config says, else your own name.'),
  ansible_password: text('Password to log in with: an encrypted value, never plain text.'),
  ansible_ssh_private_key_file: text('Private key to log in with.'),
  ansible_ssh_common_args: text('Arguments for ssh, as in a shell: -J bastion.'),
  ansible_ssh_extra_args: text('More arguments for ssh.'),
  ansible_ssh_retries: count('How often a failed connection is tried again.'),
  ansible_timeout: count('Seconds to wait for a connection. Default 10.'),
  ansible_connection: {
    description: 'How the host is reached. Default auto.',
    type: 'string',
    // Ansible has more names for the same; all that is text may pass.
    anyOf: [{ enum: [...connectionNames] }, { type: 'string' }],
  },
  ansible_become: {
    description: 'Whether tasks become another user.',
    anyOf: [{ type: 'boolean' }, { type: 'string' }],
  },
  ansible_become_user: text('The user that tasks become. Default root.'),
  ansible_become_method: {
    description: 'How they become it. Default sudo.',
    anyOf: [{ enum: [...becomeMethods] }, { type: 'string', pattern: '\\.|\\{\\{' }],
  },
  ansible_become_password: text('Password for becoming another user: an encrypted value, never plain text.'),
  ansible_group_priority: count("Whose variables win among groups of one depth: the highest number's. Default 1."),
  play_start_timeout: count('Seconds to wait for a shell after the login. Default 60.'),
  play_answer_timeout: count('Seconds the host may be silent beyond the time a request has. Default 60.'),
  play_task_timeout: count('Seconds for requests that have no time of their own. Default 14400.'),
  play_max_answer: count('MiB the host may answer at once. Default 256.'),
  play_sandbox_release: text('Debian release of the throwaway host that stands in for it.'),
};
