import * as v from 'valibot';
import { PlayError, unknownName, type Location } from '../errors/index.ts';
import { backupSettings } from '../options/backup-flags.ts';
import { becomeMethods, connectionNames } from '../options/connection-flags.ts';
import { notifyMoments } from '../options/notify-flags.ts';
import { callSite } from '../playbook/index.ts';
import { Secret } from '../secrets/index.ts';
import { patchSettings } from './patch-settings.ts';

const text = v.pipe(v.string(), v.nonEmpty());
const texts = v.union([text, v.array(text)]);
const count = v.pipe(v.number(), v.integer(), v.minValue(1));
const flag = v.boolean();

/** A setting: what it may be, and what it means. */
const setting = <S extends v.GenericSchema>(schema: S, meaning: string) =>
  v.optional(v.pipe(schema, v.description(meaning)));

/** Settings by name. Files and folders are relative to the configuration's own folder; `~/` is the home directory. */
export const settings = {
  inventory: setting(
    texts,
    'What `-i` takes, or a list of those: inventory files and folders, programs, `web1,web2`. Default: `inventory/` next to the configuration.',
  ),
  yaml: setting(
    v.picklist(['ansible', 'strict']),
    'How inventories and variable files are read. `ansible`: as Ansible reads them, YAML 1.1 and all (`yes` is true, `0644` is 420). `strict`: whatever YAML 1.1 and 1.2 read differently is an error, and so is a key given twice. Default `ansible`.',
  ),
  playbooksDir: setting(text, 'Where playbooks are found by name. Default `playbooks/` next to the configuration.'),
  vaultPasswordFile: setting(
    texts,
    'File or program that gives a vault password, or a list of them (`--vault-password-file`).',
  ),
  vaultIds: setting(v.array(text), 'Vault passwords by id: `ID@FILE`, or `ID@prompt` to ask (`--vault-id`).'),
  ageIdentities: setting(
    v.array(text),
    'What opens age and sops files: files written by age-keygen, or ssh private keys (`--age-identity`).',
  ),
  ageRecipients: setting(
    v.array(text),
    'Whom `play vault` encrypts for with age: `age1...`, `ssh-ed25519 AAAA...`, or files with one per line (`--age-recipient`, `--age-recipients-file`).',
  ),
  askVaultPass: setting(flag, 'Ask for the vault password (`-J`). Default false.'),
  user: setting(text, 'Log in as this user (`-u`). Default: as `~/.ssh/config` says, else your own name.'),
  connection: setting(
    v.picklist(connectionNames),
    'How hosts are reached (`-c`). `auto` and `ssh`: by the built-in SSH client, or by OpenSSH if a setting needs it. `ssh2`: only the built-in one. `openssh`: the `ssh` of this machine. `local`: not at all, the host is this machine. Default `auto`.',
  ),
  privateKeyFile: setting(
    text,
    'Private key to log in with (`--private-key`). Default: the agent and keys that ssh uses.',
  ),
  sshCommonArgs: setting(text, 'Arguments for ssh, as in a shell: `-J bastion` (`--ssh-common-args`).'),
  sshExtraArgs: setting(text, 'More of them (`--ssh-extra-args`).'),
  knownHostsFile: setting(text, "Known host keys, in place of the user's own known_hosts."),
  acceptNewHostKeys: setting(
    flag,
    'Record the keys of hosts never seen before; a changed key is always refused (`--accept-new-host-keys`). Default false.',
  ),
  timeout: setting(count, 'Seconds to wait for a connection (`-T`). Default 10.'),
  persist: setting(
    v.pipe(v.number(), v.integer(), v.minValue(0)),
    'Seconds for which connections wait for the next run (`--persist`); 0: not at all. Default 60 at a terminal, else 0.',
  ),
  startTimeout: setting(
    count,
    'Seconds to wait for a shell after the login: rc files, PAM, sudo (`--start-timeout`). Default 60.',
  ),
  answerTimeout: setting(
    count,
    'Seconds a host may be silent beyond the time a request has (`--answer-timeout`). Default 60.',
  ),
  taskTimeout: setting(
    count,
    'Seconds for requests without a limit of their own: what tasks and commands do (`--task-timeout`). Default 14400.',
  ),
  maxAnswer: setting(count, 'MiB a host may answer at once (`--max-answer`). Default 256.'),
  askPass: setting(flag, 'Ask once for the password to log in with (`-k`). Default false.'),
  connectionPasswordFile: setting(
    text,
    'File or program that gives the password to log in with (`--connection-password-file`).',
  ),
  become: setting(flag, 'Become another user if a play does not say (`-b`). Default false.'),
  becomeUser: setting(text, 'Whom to become (`--become-user`). Default `root`.'),
  becomeMethod: setting(v.picklist(becomeMethods), 'How (`--become-method`). Default `sudo`.'),
  askBecomePass: setting(flag, 'Ask once for the become password (`-K`). Default false.'),
  becomePasswordFile: setting(text, 'File or program that gives the become password (`--become-password-file`).'),
  forks: setting(count, 'Hosts at once (`-f`). Default 50.'),
  diff: setting(
    v.union([flag, v.literal('full')]),
    "Show changes to files as diffs (`-D`); `'full'`: even long ones in full (`--diff=full`). Default false.",
  ),
  forceHandlers: setting(
    flag,
    'Run due handlers even on hosts where a task failed (`--force-handlers`). Default false.',
  ),
  notify: setting(
    v.strictObject({
      url: v.pipe(
        v.union([text, v.instance(Secret)]),
        v.description('Its address, which lets whoever has it write there: a secret.'),
      ),
      on: v.optional(
        v.pipe(
          v.array(v.picklist(notifyMoments)),
          v.description(
            '`start`: a run begins; `end`: it ends, however it went; `failure`: it ends with an exit code other than 0. Default: all.',
          ),
        ),
      ),
    }),
    "A webhook in Slack's format, called for every run that is neither in check mode nor on throwaway hosts: `{ url: secretFromEnv('SLACK_URL'), on: ['start', 'failure'] }`. See [commands.md](commands.md#notifications).",
  ),
  backups: setting(
    backupSettings,
    'What hosts keep of files before a run changes them, for `play restore-files`: `{ days, size, file }`, or false: only what transactions need. See [restore-files.md](restore-files.md).',
  ),
  patch: setting(
    patchSettings,
    'What `play patch` does on every host besides upgrading: its batches, gates and drains. See [patching.md](patching.md).',
  ),
};

/**
 * The settings of `play.config.ts`, which replaces ansible.cfg. The command line overrides them, and a host's variables
 * override both.
 */
export type ProjectConfig = v.InferOutput<ReturnType<typeof schemaOf>>;

const schemaOf = () => v.strictObject(settings);

const settingNames: readonly string[] = Object.keys(settings);

/** Names people bring along from ansible.cfg. */
const namedByAnsible: Readonly<Record<string, string>> = {
  remote_user: 'user',
  private_key_file: 'privateKeyFile',
  ssh_args: 'sshCommonArgs',
  ssh_common_args: 'sshCommonArgs',
  ssh_extra_args: 'sshExtraArgs',
  host_key_checking: 'acceptNewHostKeys',
  vault_password_file: 'vaultPasswordFile',
  vault_identity_list: 'vaultIds',
  become_user: 'becomeUser',
  become_method: 'becomeMethod',
  become_ask_pass: 'askBecomePass',
  ask_pass: 'askPass',
  transport: 'connection',
};

/**
 * Declares the settings of a project: the default export of `play.config.ts`, at its root.
 *
 * @example export default defineConfig({ inventory: 'inventory', user: 'deploy', vaultPasswordFile: '.vault-password', diff: true });
 * @throws PlayError for an unknown setting, naming the nearest one, or an invalid value
 */
export function defineConfig(config: ProjectConfig): ProjectConfig {
  const at = callSite(defineConfig)();
  return checkConfig(config, at ?? 'play.config.ts');
}

/** @throws PlayError naming the setting */
export function checkConfig(config: unknown, where: Location | string): ProjectConfig {
  if (typeof config !== 'object' || config === null) {
    throw new PlayError('play.config.ts has no settings as its default export', {
      where,
      hint: "End it with: export default defineConfig({ user: 'deploy' });",
    });
  }
  for (const name of Object.keys(config)) {
    const known = namedByAnsible[name];
    if (!settingNames.includes(name))
      throw unknownName('setting of play.config.ts', name, settingNames, {
        where,
        ...(known === undefined ? {} : { hint: `It is called "${known}" here.` }),
      });
  }
  const result = v.safeParse(schemaOf(), config);
  if (result.success) return result.output;
  const [issue] = result.issues;
  throw new PlayError(`play.config.ts: ${v.getDotPath(issue) ?? 'it'} is wrong: ${issue.message}`, { where });
}
