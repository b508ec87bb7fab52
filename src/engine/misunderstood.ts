import type { Plan } from '../contract/index.ts';
import { locationText } from '../errors/index.ts';
import { firstFrame } from '../playbook/index.ts';

/**
 * Decoders and plans assume that answers are what our own scripts print. A host may send anything: an error that this
 * causes is a failure of that host, and of no other.
 */
export function misunderstood(error: unknown): { readonly what: string; readonly hint: string } {
  const said = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  const frame = firstFrame(error instanceof Error ? error.stack : undefined, () => true);
  return {
    what: `What the host sent cannot be used (${said.slice(0, 300)})`,
    hint: `Do its tools print something unusual, or is it the wrong host? If neither, this is a fault of play${frame ? `, at ${locationText(frame)}` : ''}: report it.`,
  };
}

/** What is wrong with a plan made from nonsense, though its types say that it cannot be. */
export function flawOf(plan: Plan<unknown>): string | undefined {
  const texts: readonly unknown[] = [
    ...plan.changes.flatMap(({ what, from, to }) => [what, from, to]),
    plan.failure,
    plan.hint,
    plan.message,
    plan.may,
    ...(plan.assumed ?? []),
  ];
  if (!texts.every((text) => text === undefined || typeof text === 'string'))
    return 'a word that describes a change is not text';
  const args: readonly unknown[] = plan.steps.flatMap((step) => step.args ?? []);
  if (!args.every((arg) => typeof arg === 'string')) return 'an argument of a script is not text';
  return args.some((arg) => typeof arg === 'string' && arg.includes('\0'))
    ? 'an argument of a script holds a NUL byte'
    : undefined;
}
