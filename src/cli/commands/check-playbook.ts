import { join } from 'node:path';
import { connect } from '../../connection/index.ts';
import type { Listener } from '../../engine/index.ts';
import { matchHosts, type Inventory } from '../../inventory/index.ts';
import type { LockFlags } from '../../options/connection-flags.ts';
import type { HostFlags } from '../../options/host-flags.ts';
import type { Playbook } from '../../playbook/index.ts';
import { stateFolder } from '../../project/cache-folder.ts';
import type { Launch } from '../../project/launch.ts';
import { readInventory } from '../../project/load-inventory.ts';
import { loadPlaybook } from '../../project/load-playbook.ts';
import { checkTypes } from '../../project/type-check.ts';
import { warnOf } from '../../report/warnings.ts';
import { execute, hostsConcerned, prepareRun, type RunRequest } from '../../run/index.ts';
import type { Redactor, Vault } from '../../secrets/index.ts';
import { requestOf } from '../../targets/open-inventory.ts';
import { passphraseAsker, type runPasswords } from '../../targets/passwords.ts';
import { reachHosts } from '../../targets/reach-hosts.ts';
import { findStandIns, standInNotice } from '../../targets/stand-ins.ts';
import { targetOf } from '../../targets/target.ts';
import { useVerdict } from './type-verdict.ts';

/** What a look at hosts needs, whichever the playbook is. */
export interface CheckNeeds {
  readonly flags: HostFlags & Pick<LockFlags, 'ignoreHold'> & { readonly typecheck: boolean };
  readonly vault: Vault;
  readonly passwords: Awaited<ReturnType<typeof runPasswords>>;
  readonly launch: Launch;
  readonly redactor: Redactor;
  readonly signal: AbortSignal;
}

/** How one playbook is looked at. */
export interface CheckOf extends CheckNeeds {
  /** Hears of everything as it is, secrets included. */
  readonly listener: Listener;
  /** The file whose folder holds variables and settles the project. Default: the playbook. */
  readonly beside?: string;
  /** Default: all tasks. */
  readonly tags?: RunRequest['tags'];
}

/**
 * Runs one playbook in check mode, without lock and record.
 *
 * @returns the inventory; undefined where it has no host that is meant
 * @throws PlayError for a playbook that cannot be run
 */
export async function checkPlaybook(file: string, of: CheckOf): Promise<Inventory | undefined> {
  const { flags, vault, passwords, launch, redactor, signal, beside = file } = of;
  const verdict = flags.typecheck ? checkTypes(file, launch) : undefined;
  const standIns = flags.sandbox ? findStandIns(file) : undefined;
  const inventory = await readInventory({
    flags,
    vault,
    launch,
    playbook: beside,
    onWarning: warnOf,
    sandboxVars: standIns?.vars,
  });
  const playbook = await loadPlaybook(file, launch);
  if (!isForAnybody(playbook, inventory, flags.limit)) return undefined;
  const sandboxSecrets = join(stateFolder(file), 'sandbox-secrets');
  const prepared = prepareRun({
    ...requestOf({ flags, inventory, standIns, sandboxSecrets }, passwords.become),
    playbook,
    file,
    limit: flags.limit,
    onWarning: warnOf,
    tags: of.tags ?? { only: [], skip: [] },
  });
  if (verdict) await useVerdict(file, verdict);
  const login = { password: passwords.login, passphrase: passphraseAsker() };
  const notice = standIns && standInNotice(standIns);
  if (notice !== undefined) process.stderr.write(`${notice}\n`);
  const { inventory: known, becomePassword, becomeOf } = prepared.request;
  const targets = await reachHosts({
    hosts: hostsConcerned(prepared),
    flags,
    inventory: known,
    standIns,
    login,
    becomePasswordOf: (host) => becomeOf?.(host, known).password ?? becomePassword,
    redactor,
    playbook: file,
  });
  await execute(prepared, {
    check: true,
    forks: flags.forks,
    target: (host) => targets.get(host) ?? targetOf(known, host, flags, login),
    connect,
    listener: of.listener,
    signal,
    ignoreHold: flags.ignoreHold ?? false,
  });
  return inventory;
}

function isForAnybody({ plays }: Playbook, inventory: Inventory, limit: string | undefined): boolean {
  return plays.some(({ hosts }) => matchHosts(inventory, hosts, limit === undefined ? {} : { limit }).length > 0);
}
