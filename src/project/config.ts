import * as v from 'valibot';
import { PlayError, unknownName, type Location } from '../errors/index.ts';
import { becomeMethods, connectionNames } from '../options/connection-flags.ts';
import { callSite } from '../playbook/index.ts';

const text = v.pipe(v.string(), v.nonEmpty());
const texts = v.union([text, v.array(text)]);
const count = v.pipe(v.number(), v.integer(), v.minValue(1));

/** Settings by name. Files and folders are relative to the configuration's own folder. */
const settings = {
  /** What `-i` takes; default `inventory/` beside the configuration. */
  inventory: v.optional(texts),
  /** Where playbooks are found by name; default `playbooks`. */
  playbooksDir: v.optional(text),
  /** Files (or programs) that give a vault password. */
  vaultPasswordFile: v.optional(texts),
  /** `id@file`, or `id@prompt`. */
  vaultIds: v.optional(v.array(text)),
  askVaultPass: v.optional(v.boolean()),
  user: v.optional(text),
  connection: v.optional(v.picklist(connectionNames)),
  privateKeyFile: v.optional(text),
  /** Arguments for ssh as in a shell: `-J bastion`. */
  sshCommonArgs: v.optional(text),
  sshExtraArgs: v.optional(text),
  /** In place of the user's own known_hosts. */
  knownHostsFile: v.optional(text),
  acceptNewHostKeys: v.optional(v.boolean()),
  /** Seconds to wait for a connection; default 10. */
  timeout: v.optional(count),
  /** Seconds to wait for a shell behind the login; default 60. */
  startTimeout: v.optional(count),
  /** Seconds a host may be silent beyond the time a request has; default 60. */
  answerTimeout: v.optional(count),
  /** Seconds for what has no time of its own; default 14400. */
  taskTimeout: v.optional(count),
  /** MiB a host may answer at once; default 256. */
  maxAnswer: v.optional(count),
  askPass: v.optional(v.boolean()),
  connectionPasswordFile: v.optional(text),
  /** Become another user where a play does not say. */
  become: v.optional(v.boolean()),
  becomeUser: v.optional(text),
  becomeMethod: v.optional(v.picklist(becomeMethods)),
  askBecomePass: v.optional(v.boolean()),
  becomePasswordFile: v.optional(text),
  /** Hosts at once; default 50. */
  forks: v.optional(count),
  /** Show changes of files as diffs. */
  diff: v.optional(v.boolean()),
  /** Run the handlers that are due even where a task failed. */
  forceHandlers: v.optional(v.boolean()),
};

/**
 * What `play.config.ts` may say: the place of ansible.cfg. The command line beats it, and a host's variables beat both.
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
 * @throws PlayError for an unknown setting, with the nearest, or a wrong value
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
