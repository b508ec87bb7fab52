import { definePlaybook, type PlaySpec } from '../playbook/index.ts';
import type { Context } from './context.ts';

/**
 * Carries out a play on hosts of the stages, as `play` would: lock, check mode, proof, record. @returns the exit code
 */
export async function startRun(
  spec: Omit<PlaySpec, 'hosts' | 'become'>,
  hosts: readonly string[],
  { flags, runner, output }: Context,
  signal: AbortSignal,
): Promise<number> {
  const { exit } = await runner.run(definePlaybook({ ...spec, hosts: [...hosts], become: true }), {
    check: flags.check,
    listener: output.listener(),
    signal,
    lock: flags,
    ignoreHold: flags.ignoreHold ?? false,
    ignoreWindow: flags.ignoreWindow ?? false,
    trace: flags.verbose >= 3,
  });
  return exit;
}
