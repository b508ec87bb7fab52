import { rmSync } from 'node:fs';
import { resolve } from 'node:path';
import { privateFolder } from '../../../connection/index.ts';
import { ExitCode, unknownName } from '../../../errors/index.ts';
import { watchInterrupts } from '../../../operator/interrupt.ts';
import { makeCommand } from '../../../options/command.ts';
import { addConnectionOptions } from '../../../options/connection-flags.ts';
import { addInventoryOptions, addTypecheckOption } from '../../../options/flags.ts';
import type { HostFlags } from '../../../options/host-flags.ts';
import { collect, oneOf, positive } from '../../../options/option-values.ts';
import { tagList } from '../../../playbook/index.ts';
import type { Launch } from '../../../project/launch.ts';
import { inventorySources } from '../../../project/load-inventory.ts';
import { findProject } from '../../../project/project.ts';
import { makeStyle, shownLines, wantsColour } from '../../../report/index.ts';
import type { Redactor } from '../../../secrets/index.ts';
import { openVault } from '../../../targets/open-vault.ts';
import { runPasswords } from '../../../targets/passwords.ts';
import { addForeignOptions } from '../../ansible-options.ts';
import { givenOptions, parseWithConfig } from '../../parse.ts';
import { checkPlaybook } from '../check-playbook.ts';
import { runAnsibleCheck } from './ansible-run.ts';
import { ansibleSides } from './ansible-side.ts';
import { askedOnce } from './asked-once.ts';
import { comparisonData, comparisonLines } from './compare-text.ts';
import { PlaySides } from './play-side.ts';
import { Side } from './stance.ts';
import { compareSides, type Comparison } from './verdicts.ts';
import { ansiblePlaybook, counterpartOf } from './which-playbooks.ts';

interface CompareFlags extends Omit<HostFlags, 'output' | 'sandbox'> {
  readonly with?: string;
  readonly output: 'human' | 'json';
  readonly diff: boolean;
  readonly tags: readonly string[];
  readonly skipTags: readonly string[];
  readonly typecheck: boolean;
}

/** `play compare ansible site.yml -l HOST`: what Ansible and play would do that the other would not. */
export async function runCompareCommand(args: readonly string[], launch: Launch, redactor: Redactor): Promise<number> {
  const command = addTypecheckOption(addConnectionOptions(addInventoryOptions(compareCommand())));
  addForeignOptions(command);
  const config = await parseWithConfig(command, args, launch);
  const [kind = '', given = '', ...more] = command.args;
  if (kind !== 'ansible') throw unknownName('kind of tool', kind, ['ansible']);
  const yml = ansiblePlaybook(given);
  const own = command.opts<CompareFlags>();
  const folder = privateFolder();
  const signal = watchInterrupts(
    () => process.stderr.write('\nInterrupted: no host was changed. Ctrl-C again quits at once.\n'),
    () => rmSync(folder, { recursive: true, force: true }),
  );
  const say = (text: string): void => {
    if (own.output === 'human') process.stderr.write(shownLines(text.split('\n'), redactor));
  };
  try {
    const counterpart = await counterpartOf(yml, { ...own, playbooksDir: config.playbooksDir }, folder, launch);
    if (counterpart.isImported) say(`imported: ${counterpart.how}`);
    const flags = { ...(await askedOnce(own, folder)), output: 'human', sandbox: false } as const;
    const sources = inventorySources(flags, findProject(counterpart.beside));
    const heard = new PlaySides();
    say('play: check mode');
    const looked = await checkPlaybook(counterpart.file, {
      flags: { ...flags, typecheck: own.typecheck && !counterpart.isImported },
      beside: counterpart.beside,
      tags: { only: tagList(flags.tags), skip: tagList(flags.skipTags) },
      vault: await openVault(flags),
      passwords: await runPasswords(flags),
      launch,
      redactor,
      signal,
      listener: heard.listener,
    });
    say('ansible-playbook --check --diff');
    const told = await runAnsibleCheck({
      playbook: yml,
      // What play's own configuration says of becoming is for its playbooks: Ansible's say it themselves.
      flags: { ...flags, become: flags.become && givenOptions(command).has('become') },
      sources: sources.map((source) => (source.includes(',') ? source : resolve(source))),
      more,
      folder,
      signal,
      onOutput: (text) => {
        if (own.verbose > 0) process.stderr.write(shownLines(text.trimEnd().split('\n'), redactor));
      },
    });
    const ansible = ansibleSides(told);
    const hosts = [...new Set([...(looked === undefined ? [] : heard.sides.keys()), ...ansible.keys()])];
    const comparisons = hosts.map((host) =>
      compareSides(host, ansible.get(host) ?? new Side(), heard.sides.get(host) ?? new Side()),
    );
    const exit = exitOf(comparisons);
    tell(comparisons, exit, own, redactor);
    return exit;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function compareCommand(): ReturnType<typeof makeCommand> {
  return makeCommand(
    'play compare',
    'Runs ansible-playbook and play in check mode on the same hosts, and shows what each would do that the other would not. Changes nothing there. Exit code 3: they differ.',
  )
    .argument('<ansible>', 'the tool to compare with')
    .argument('<playbook>', "Ansible's playbook: site.yml")
    .argument('[options...]', 'after --: more options for ansible-playbook')
    .option('--with <playbook>', "play's playbook (default: site.ts next to site.yml, or what play import makes of it)")
    .option('-t, --tags <tags>', 'only tasks with one of these tags', collect, [])
    .option('--skip-tags <tags>', 'no task with one of these tags', collect, [])
    .option('-D, --diff', 'if both would write a file: show how their texts differ', false)
    .option('-f, --forks <n>', 'hosts at once (default: 50)', positive('--forks'), 50)
    .option('--output <form>', 'human (default), or json', oneOf('--output', ['human', 'json']), 'human')
    .option('-v, --verbose', 'also show what Ansible prints', (_: string, count: number) => count + 1, 0);
}

function exitOf(comparisons: readonly Comparison[]): number {
  if (comparisons.some(({ isUnreachable }) => isUnreachable)) return ExitCode.unreachable;
  if (comparisons.some(({ stopped }) => stopped.ansible !== null || stopped.play !== null)) return ExitCode.hostFailed;
  const differ = comparisons.some(({ rows }) => rows.some(({ verdict }) => verdict !== 'unsure'));
  return differ ? ExitCode.wouldChange : ExitCode.ok;
}

function tell(comparisons: readonly Comparison[], exit: number, own: CompareFlags, redactor: Redactor): void {
  if (own.output === 'json') {
    const text = JSON.stringify({ hosts: comparisons.map(comparisonData), exit }, undefined, 2);
    process.stdout.write(`${redactor.redact(text)}\n`);
    return;
  }
  const style = makeStyle(wantsColour(process.stdout));
  const redact = (text: string): string => redactor.redact(text);
  const lines = comparisons.flatMap((one) => comparisonLines(one, style, { diff: own.diff, redact }));
  process.stdout.write(shownLines(lines, redactor));
}
