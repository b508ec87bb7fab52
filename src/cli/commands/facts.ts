import { Unreachable } from '../../connection/index.ts';
import { HostSession } from '../../engine/index.ts';
import { ExitCode, unknownName } from '../../errors/index.ts';
import { makeCommand } from '../../options/command.ts';
import { addHostOptions, type HostFlags } from '../../options/host-flags.ts';
import { commonFacts, fact, factNames, type FactName } from '../../probes/index.ts';
import type { Launch } from '../../project/launch.ts';
import { makeStyle, said, shownLines, wantsColour } from '../../report/index.ts';
import type { Redactor } from '../../secrets/index.ts';
import { chooseHosts, onEachHost } from '../../targets/chosen-hosts.ts';
import { exitCodeOf, shortReason } from '../../targets/unreachable.ts';
import { parseWithConfig } from '../parse.ts';

/** `play facts HOST [NAME]`: what playbooks can read of a host as `facts`. */
export async function runFactsCommand(args: readonly string[], launch: Launch, redactor: Redactor): Promise<number> {
  const command = addHostOptions(
    makeCommand('play facts', 'Shows the facts of a host, under the names that playbooks use.'),
  )
    .argument('<host>', 'a host, or a pattern')
    .argument('[name]', 'only this fact, its bare value');
  await parseWithConfig(command, args, launch);
  const flags = command.opts<HostFlags>();
  const [pattern = '', name] = command.args;
  const names = name === undefined ? commonFacts : [factNames.find((known) => known === name) ?? unknownFact(name)];
  const chosen = await chooseHosts({ flags, launch, redactor, pattern });
  const show = name === undefined ? allFacts : oneFact;
  let exit: number = ExitCode.ok;
  await onEachHost(chosen, {
    forks: flags.forks,
    work: async (host, open) => {
      const facts = await readFacts(
        new HostSession(host, await open(), { become: () => undefined }, () => undefined, false, open),
        names,
      );
      if (flags.output === 'jsonl')
        process.stdout.write(redactor.redact(`${JSON.stringify({ event: 'facts', host, facts })}\n`));
      else process.stdout.write(shownLines(show(host, facts, chosen.hosts.length > 1), redactor));
    },
    failed: (host, error) => {
      exit = Math.max(exit, exitCodeOf(error));
      const style = makeStyle(wantsColour(process.stderr));
      process.stderr.write(
        shownLines(
          [
            `${host} ${style.red(error instanceof Unreachable ? 'UNREACHABLE' : 'FAILED')} ${said(shortReason(error, host))}`,
          ],
          redactor,
        ),
      );
    },
  });
  return exit;
}

function unknownFact(name: string): never {
  throw unknownName('fact', name, factNames);
}

async function readFacts(session: HostSession, names: readonly FactName[]): Promise<Record<string, unknown>> {
  const questions = names.map((name) => fact(name));
  await session.exchange('', [], questions);
  return Object.fromEntries(
    names.map((name, i) => [name, questions[i] && session.state.answer('', questions[i])?.answer]),
  );
}

function allFacts(host: string, facts: Readonly<Record<string, unknown>>, isMany: boolean): string[] {
  const width = Math.max(...Object.keys(facts).map((name) => name.length));
  const lines = Object.entries(facts).map(
    ([name, value]) => `${isMany ? '  ' : ''}${name.padEnd(width)}  ${shown(value)}`,
  );
  return [...(isMany ? [host] : []), ...lines];
}

function oneFact(host: string, facts: Readonly<Record<string, unknown>>, isMany: boolean): string[] {
  return Object.values(facts).map((value) => `${isMany ? `${host}  ` : ''}${shown(value)}`);
}

function shown(value: unknown): string {
  if (Array.isArray(value)) return value.map(shown).join(' ');
  return said(
    typeof value === 'object' && value !== null && 'message' in value
      ? `(unknown: ${String(value.message)})`
      : typeof value === 'string'
        ? value
        : (JSON.stringify(value) ?? ''),
  );
}
