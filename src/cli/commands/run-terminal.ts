import { commandLine, limitedTo } from '../../operator/command-line.ts';
import type { LiveFooter } from '../../operator/live-footer.ts';
import type { Flags } from '../../options/flags.ts';
import { humanReport, jsonlReport, quietReport, type ShownListener, type Style } from '../../report/index.ts';

/** What is run. */
export type RunKind = 'playbook' | 'resource' | 'runbook' | 'patch' | 'apply' | 'restore-files';

/** What a run's events become on standard output while it goes on. */
export function makeListener(
  flags: Flags,
  style: Style,
  live: LiveFooter | undefined,
  goOn: (hosts: readonly string[]) => string | undefined,
): ShownListener {
  // Told once it is over.
  if (flags.output === 'junit' || flags.output === 'markdown') return () => undefined;
  if (flags.output === 'jsonl')
    return jsonlReport({ write: (text) => process.stdout.write(text), verbosity: flags.verbose });
  const human = humanReport({
    stream: process.stdout,
    style,
    check: flags.check,
    diff: flags.diff,
    verbosity: flags.verbose,
    footer: live?.footer,
    goOn,
  });
  return flags.quiet ? quietReport(human) : human;
}

/** This command for some hosts alone. */
export const commandFor = (hosts: readonly string[]): string =>
  commandLine([...process.argv.slice(0, 2), ...limitedTo(process.argv.slice(2), hosts)]);

/**
 * How to go on where hosts failed. Whoever conducts plays says so themselves, and a plan is carried out as a whole.
 */
export function goOnCommand({
  kind,
  check,
  isConducted,
}: {
  readonly kind: RunKind;
  readonly check: boolean;
  readonly isConducted: boolean;
}): (hosts: readonly string[]) => string | undefined {
  return (hosts) => {
    if (isConducted || kind === 'apply' || kind === 'restore-files') return undefined;
    // Of check mode nobody remembers the hosts, as nothing became of them.
    return commandFor(check || kind === 'resource' ? hosts : ['@failed']);
  };
}
