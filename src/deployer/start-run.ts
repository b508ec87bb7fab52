import { ExitCode } from '../errors/index.ts';
import { commandLine } from '../operator/command-line.ts';
import { Notifier } from '../operator/notify.ts';
import { startRecord } from '../operator/run-record.ts';
import { waitOf } from '../options/lock-flags.ts';
import { definePlaybook, type PlaySpec } from '../playbook/index.ts';
import { masked } from '../report/index.ts';
import { execute, prepareRun, RunLock } from '../run/index.ts';
import type { Context } from './context.ts';

/**
 * Carries out a play on hosts of the stages, as `play` would: lock, check mode, proof, record. @returns the exit code
 */
export async function startRun(
  spec: Omit<PlaySpec, 'hosts' | 'become'>,
  hosts: readonly string[],
  context: Context,
  signal: AbortSignal,
): Promise<number> {
  const { chosen, config, flags, redactor, survey, output } = context;
  const prepared = prepareRun({
    playbook: definePlaybook({ ...spec, hosts: [...hosts], become: true }),
    file: config.file,
    inventory: chosen.inventory,
    limit: undefined,
    tags: { only: [], skip: [] },
    extraVars: {},
    become: false,
    becomeUser: 'root',
    becomeMethod: flags.becomeMethod ?? 'sudo',
    becomePassword: undefined,
    becomeOf: (host) => {
      const { method, password } = chosen.become(host, 'root');
      return { method, ...(password ? { password } : {}) };
    },
    sandbox: flags.sandbox !== false,
  });
  const record = startRecord({ kind: 'resource', hosts, check: flags.check, redactor });
  const listener = output.listener(flags.check);
  let exit: number = ExitCode.internal;
  const isSilent = flags.check || flags.sandbox !== false;
  const command = commandLine(undefined, 'deployer');
  const notifier = new Notifier({ settings: flags.notify, isSilent, hosts, redactor, command });
  notifier.start();
  const recap = await execute(prepared, {
    check: flags.check,
    forks: flags.forks,
    target: (host) => chosen.target(host),
    connect: ({ name }) => survey.lend(name),
    listener: (raw) => {
      const event = masked(raw, redactor);
      if (event.event === 'recap') exit = event.exit;
      listener(event);
      record.listener(event);
    },
    signal,
    lock: new RunLock({ command: redactor.redact(command), wait: waitOf(flags), steal: flags.steal ?? false }),
    ignoreHold: flags.ignoreHold ?? false,
    trace: flags.verbose >= 3,
  });
  await notifier.end(recap, exit);
  await record.end(exit);
  return exit;
}
