import { join } from 'node:path';
import { connect } from '../../../connection/index.ts';
import { matchHosts, type Inventory } from '../../../inventory/index.ts';
import type { LockFlags } from '../../../options/connection-flags.ts';
import type { HostFlags } from '../../../options/host-flags.ts';
import type { Playbook } from '../../../playbook/index.ts';
import { stateFolder } from '../../../project/cache-folder.ts';
import type { Launch } from '../../../project/launch.ts';
import { readInventory } from '../../../project/load-inventory.ts';
import { loadPlaybook } from '../../../project/load-playbook.ts';
import { checkTypes, refuseBadTypes } from '../../../project/type-check.ts';
import { masked } from '../../../report/index.ts';
import { warnOf } from '../../../report/warnings.ts';
import { execute, hostsConcerned, prepareRun } from '../../../run/index.ts';
import type { Redactor, Vault } from '../../../secrets/index.ts';
import { requestOf } from '../../../targets/open-inventory.ts';
import { passphraseAsker, type runPasswords } from '../../../targets/passwords.ts';
import { reachHosts } from '../../../targets/reach-hosts.ts';
import { findStandIns, standInNotice } from '../../../targets/stand-ins.ts';
import { targetOf } from '../../../targets/target.ts';
import { Findings, type Finding } from './findings.ts';

/** What is the same for all playbooks of a look. */
export interface LookNeeds {
  readonly flags: HostFlags & Pick<LockFlags, 'ignoreHold'> & { readonly typecheck: boolean };
  readonly vault: Vault;
  readonly passwords: Awaited<ReturnType<typeof runPasswords>>;
  readonly launch: Launch;
  readonly redactor: Redactor;
  readonly signal: AbortSignal;
}

/** What one playbook came to. */
export interface Looked {
  readonly inventory: Inventory;
  readonly findings: readonly Finding[];
}

/**
 * Runs one playbook in check mode on the hosts that are meant.
 *
 * @returns undefined where it has none @throws PlayError for a playbook that cannot be run
 */
export async function lookAt(file: string, needs: LookNeeds): Promise<Looked | undefined> {
  const { flags, vault, passwords, launch, redactor, signal } = needs;
  const verdict = flags.typecheck ? checkTypes(file, launch) : undefined;
  const standIns = flags.sandbox ? findStandIns(file) : undefined;
  const inventory = await readInventory({
    flags,
    vault,
    launch,
    playbook: file,
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
    tags: { only: [], skip: [] },
  });
  if (verdict) refuseBadTypes(await verdict);
  const login = { password: passwords.login, passphrase: passphraseAsker() };
  const notice = standIns && standInNotice(standIns);
  if (notice !== undefined) process.stderr.write(`${notice}\n`);
  const { becomePassword, becomeOf } = prepared.request;
  const targets = await reachHosts({
    hosts: hostsConcerned(prepared),
    flags,
    inventory,
    standIns,
    login,
    becomePasswordOf: (host) => becomeOf?.(host).password ?? becomePassword,
    redactor,
    playbook: file,
  });
  const findings = new Findings();
  await execute(prepared, {
    check: true,
    forks: flags.forks,
    target: (host) => targets.get(host) ?? targetOf(inventory, host, flags, login),
    connect,
    listener: (event) => findings.listener(masked(event, redactor)),
    signal,
    ignoreHold: flags.ignoreHold ?? false,
  });
  return { inventory, findings: findings.all() };
}

function isForAnybody({ plays }: Playbook, inventory: Inventory, limit: string | undefined): boolean {
  return plays.some(({ hosts }) => matchHosts(inventory, hosts, limit === undefined ? {} : { limit }).length > 0);
}
