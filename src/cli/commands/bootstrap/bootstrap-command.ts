import { userInfo } from 'node:os';
import { join } from 'node:path';
import { connect, type Target } from '../../../connection/index.ts';
import { ExitCode, PlayError, unknownName } from '../../../errors/index.ts';
import type { Inventory } from '../../../inventory/index.ts';
import { makeCommand } from '../../../options/command.ts';
import { type LockFlags, addLockOptions } from '../../../options/connection-flags.ts';
import { addDiffOption, type DiffFlag } from '../../../options/diff-flag.ts';
import { type HostFlags, addHostOptions } from '../../../options/host-flags.ts';
import { collect } from '../../../options/option-values.ts';
import type { Launch } from '../../../project/launch.ts';
import { readInventory } from '../../../project/load-inventory.ts';
import { HostVariables } from '../../../project/variables.ts';
import { shownLines } from '../../../report/index.ts';
import { warnOf } from '../../../report/warnings.ts';
import { prepareRun, type PreparedRun } from '../../../run/index.ts';
import type { Redactor } from '../../../secrets/index.ts';
import { becomeOf } from '../../../targets/become.ts';
import { openVault } from '../../../targets/open-vault.ts';
import { passphraseAsker, runPasswords } from '../../../targets/passwords.ts';
import { sandboxTargets } from '../../../targets/sandbox-targets.ts';
import { targetOf } from '../../../targets/target.ts';
import { parseWithConfig } from '../../parse.ts';
import { noPlaybookFlags } from '../resource.ts';
import { startRun } from '../start-run.ts';
import { bootstrapPlaybook, operatorKeys, refuseAccount, type Operator } from './operator.ts';
import { isPublicName, judgeRecords, lookUp } from './records.ts';
import { connectTrusting } from './trust.ts';

interface BootstrapFlags extends HostFlags, LockFlags {
  readonly account?: string;
  readonly key: readonly string[];
  readonly check: boolean;
  readonly diff: DiffFlag;
  readonly exitCode: boolean;
}

/**
 * `play bootstrap HOST -u root`: from a fresh machine to one that an operator logs in to by key and works on by sudo.
 */
export async function runBootstrapCommand(
  args: readonly string[],
  launch: Launch,
  redactor: Redactor,
): Promise<number> {
  const command = addLockOptions(
    addHostOptions(
      makeCommand(
        'play bootstrap',
        "Lets an operator in: records the host key, installs the public key, creates an account with sudo; checks the host's DNS records.",
      ),
    ),
  )
    .argument('<host>', 'one host of the inventory')
    .option(
      '--account <name>',
      'the account to create (default: ansible_user, the user in play.config.ts, or your own name)',
    )
    .option(
      '--key <file>',
      'public key to install; may be given several times (default: ~/.ssh/id_ed25519.pub or the like)',
      collect,
      [],
    )
    .option('-C, --check', 'change nothing; say what would change', false)
    .option('--exit-code', 'with --check: exit with 3 when something would change', false);
  addDiffOption(command);
  const config = await parseWithConfig(command, args, launch);
  const flags = command.opts<BootstrapFlags>();
  const [host = ''] = command.args;
  const inventory = await readInventory({
    flags,
    vault: await openVault(flags),
    launch,
    playbook: undefined,
    onWarning: warnOf,
  });
  if (!inventory.hosts.has(host)) throw unknownHost(host, inventory);
  const variables = new HostVariables(inventory, host);
  const account =
    flags.account ?? variables.text('ansible_user', 'ansible_ssh_user') ?? config.user ?? userInfo().username;
  refuseAccount(account);
  const login = (command.getOptionValueSource('user') === 'cli' ? flags.user : undefined) ?? 'root';
  const passwords = await runPasswords(flags);
  const asked = { password: passwords.login, passphrase: passphraseAsker() };
  // What the inventory says of the user holds once the account is there; the first login is another's.
  const usual = { ...targetOf(inventory, host, flags, asked), user: login };
  const operator: Operator = { account, ...operatorKeys(flags.key, usual.privateKeyFile) };
  const wanted = flags.sandbox
    ? ((await sandboxTargets([host], { ...flags, user: login }, { inventory })).get(host) ?? usual)
    : usual;
  const say = (line: string): void =>
    void (flags.output === 'jsonl' ? process.stderr : process.stdout).write(shownLines([line], redactor));
  const { connection, target } = await connectTrusting(wanted, {
    accepts: flags.acceptNewHostKeys,
    check: flags.check,
    say,
  });
  try {
    await tellRecords(
      host,
      connection.lane.bind(connection),
      variables.text('ansible_host', 'ansible_ssh_host'),
      flags.sandbox !== false,
    );
  } finally {
    await connection.close();
  }
  const prepared = prepare({ inventory, host, operator, login, flags, becomePassword: passwords.become });
  const exit = await startRun({
    kind: 'resource',
    prepared,
    flags: { ...noPlaybookFlags, ...flags, sandbox: false },
    redactor,
    login: asked,
    targetFor: () => target,
  });
  if (exit === ExitCode.ok && !flags.check && !flags.sandbox) await prove(target, operator, say);
  return exit;
}

function unknownHost(host: string, inventory: Inventory): PlayError {
  const error = unknownName('host', host, [...inventory.hosts.keys()]);
  return error.hint === undefined
    ? new PlayError(error.message, { hint: `Put it into the inventory first: play host add ${host} --groups GROUP` })
    : error;
}

/** Addresses reached from elsewhere: not loopback, not link-local, not temporary ones of privacy extensions. */
const addressScript = `ip -o addr show scope global 2>/dev/null | awk '!/temporary|deprecated/ { sub("/.*", "", $4); print $4 }'`;

async function tellRecords(
  host: string,
  lane: () => ReturnType<Awaited<ReturnType<typeof connect>>['lane']>,
  given: string | undefined,
  isSandbox: boolean,
): Promise<void> {
  if (isSandbox || !isPublicName(host)) return;
  const [records, [reply]] = await Promise.all([
    lookUp(host),
    lane().then((open) => open.exchange([{ script: addressScript, timeout: 20 }])),
  ]);
  const addresses = (reply?.stdout.toString('utf8') ?? '').split('\n').filter((line) => line !== '');
  for (const warning of judgeRecords(host, records, addresses, given)) warnOf(warning);
}

interface BootstrapRun {
  readonly inventory: Inventory;
  readonly host: string;
  readonly operator: Operator;
  readonly login: string;
  readonly flags: BootstrapFlags;
  readonly becomePassword: Awaited<ReturnType<typeof runPasswords>>['become'];
}

function prepare({ inventory, host, operator, login, flags, becomePassword }: BootstrapRun): PreparedRun {
  if (flags.exitCode && !flags.check)
    throw new PlayError('--exit-code is for --check: it says whether anything would change', { hint: 'Add -C.' });
  const { method, password } = becomeOf(inventory, host, flags.sandbox !== false);
  return prepareRun({
    playbook: bootstrapPlaybook(host, operator),
    file: join(process.cwd(), 'play bootstrap'),
    inventory,
    limit: undefined,
    tags: { only: [], skip: [] },
    extraVars: {},
    become: login !== 'root',
    becomeUser: 'root',
    becomeMethod: flags.becomeMethod ?? 'sudo',
    becomePassword,
    // Whether to become root is a matter of the first login, not of the inventory.
    becomeOf: () => ({ ...(method ? { method } : {}), ...(password ? { password } : {}) }),
    sandbox: flags.sandbox !== false,
  });
}

/** Logs in as the operator will, and becomes root: only then may the first way in be closed. */
async function prove(first: Target, { account, privateKeyFile }: Operator, say: (line: string) => void): Promise<void> {
  const target: Target = { ...first };
  // The account has none, and a host that asks for one has not let the key in.
  Reflect.deleteProperty(target, 'password');
  const connection = await connect({
    ...target,
    user: account,
    ...(privateKeyFile === undefined ? {} : { privateKeyFile }),
  });
  try {
    await connection.lane({ user: 'root', method: 'sudo' });
    say(`proof     ${account}@${target.name} logs in with the key and becomes root`);
  } finally {
    await connection.close();
  }
}
