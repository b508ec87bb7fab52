import { resolve } from 'node:path';
import type { Target } from '../connection/index.ts';
import { PlayError } from '../errors/index.ts';
import type { Inventory } from '../inventory/index.ts';
import type { HostFlags } from '../options/host-flags.ts';
import { presentLaunch } from '../project/launch.ts';
import { warnOf } from '../report/warnings.ts';
import { asRelease, sandboxReleases, sandboxTarget, startSandbox, type SandboxRelease } from '../sandbox/index.ts';
import { parseVaultId } from '../secrets/index.ts';
import { sandboxFleet } from './sandbox-fleet.ts';
import type { StandIns } from './stand-ins.ts';
import { limitsOf, typedSshWords, type LimitFlag } from './target.ts';

/** Of which release a throwaway host is, where the command line does not say. */
const releaseVariable = 'play_sandbox_release';

/** What of the command line matters to throwaway hosts. */
type SandboxFlags = Pick<
  HostFlags,
  | 'sandbox'
  | 'sandboxRelease'
  | 'user'
  | 'vaultPasswordFile'
  | 'vaultId'
  | 'ageIdentity'
  | 'privateKey'
  | 'connectionPasswordFile'
  | 'becomePasswordFile'
  | 'sshCommonArgs'
  | 'sshExtraArgs'
  | 'timeout'
  | LimitFlag
  | 'askPass'
>;

export interface SandboxSettings {
  /** Whose variables say of which release a host is. */
  readonly inventory?: Inventory | undefined;
  readonly standIns?: StandIns | undefined;
  /** The file that is run: whose project the hosts belong to, where the working directory is in none. */
  readonly playbook?: string | undefined;
}

/**
 * A throwaway host in place of each real one. `-u` chooses among the sandbox's own users, and arguments for ssh are
 * honoured where they are typed; inventory variables and `play.config.ts` do not count, as they are about the real
 * hosts.
 */
export async function sandboxTargets(
  hosts: readonly string[],
  flags: SandboxFlags,
  { inventory, standIns, playbook }: SandboxSettings = {},
): Promise<ReadonlyMap<string, Target>> {
  const kind = flags.sandbox || undefined;
  const typed = typedSettings(flags);
  const fleet = sandboxFleet(playbook);
  const targets = await startSandbox(hosts, {
    fleet,
    onNotice: (text) => process.stderr.write(`${text}\n`),
    kind,
    release: (host) => flags.sandboxRelease ?? (kind === 'self' ? undefined : releaseOf(host, inventory)),
    hide: secretFiles(flags),
    packages: [...(standIns?.packages.values() ?? [])],
    self: [process.execPath, presentLaunch().apiFile, 'sandbox'],
  });
  const { user } = flags;
  return new Map(
    [...targets].map(([host, target]) => {
      const own = user === undefined ? target : sandboxTarget(host, { fleet, user });
      const sshArgs = [...(own.sshArgs ?? []), ...typed.sshArgs];
      return [
        host,
        {
          ...own,
          ...(sshArgs.length === 0 ? {} : { sshArgs }),
          ...(flags.timeout === undefined ? {} : { connectTimeout: flags.timeout }),
          ...limitsOf(flags),
        },
      ];
    }),
  );
}

/** @throws PlayError for a release no throwaway host can be of */
function releaseOf(host: string, inventory: Inventory | undefined): SandboxRelease | undefined {
  const variable = inventory?.variables(host).get(releaseVariable);
  if (variable === undefined) return undefined;
  const release = asRelease(variable.value);
  if (release !== undefined) return release;
  throw new PlayError(`${releaseVariable} of ${host} has to be one of ${sandboxReleases.join(', ')}`, {
    where: variable.origin.where,
  });
}

function typedSettings({ sshCommonArgs, sshExtraArgs, privateKey, askPass, connectionPasswordFile }: SandboxFlags): {
  readonly sshArgs: readonly string[];
} {
  const without = [
    ...(privateKey === undefined ? [] : ['--private-key']),
    ...(askPass ? ['-k'] : []),
    ...(connectionPasswordFile === undefined ? [] : ['--connection-password-file']),
  ];
  if (without.length > 0)
    warnOf({
      what: `${without.join(', ')} ${without.length === 1 ? 'does' : 'do'} not count with --sandbox: its hosts have keys and passwords of their own`,
    });
  return {
    sshArgs: [...typedSshWords('--ssh-common-args', sshCommonArgs), ...typedSshWords('--ssh-extra-args', sshExtraArgs)],
  };
}

/** Keys and passwords that this run was told of: a copy of this machine does not have them. */
function secretFiles(flags: SandboxFlags): string[] {
  const ofVaults = flags.vaultId.flatMap((given) => {
    const { from } = parseVaultId(given);
    return from === 'prompt' ? [] : [from.file];
  });
  const files = [
    ...flags.vaultPasswordFile,
    ...ofVaults,
    ...flags.ageIdentity,
    process.env['SOPS_AGE_KEY_FILE'],
    process.env['ANSIBLE_VAULT_PASSWORD_FILE'],
    flags.privateKey,
    flags.connectionPasswordFile,
    flags.becomePasswordFile,
  ];
  return files.flatMap((file) => (file ? [resolve(file)] : []));
}
