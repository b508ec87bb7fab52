import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Connection } from '../../../connection/index.ts';
import { ExitCode, PlayError } from '../../../errors/index.ts';
import { makeCommand } from '../../../options/command.ts';
import { addHostOptions, type HostFlags } from '../../../options/host-flags.ts';
import { decodeHolds } from '../../../probes/index.ts';
import type { Launch } from '../../../project/launch.ts';
import { saidLines } from '../../../report/index.ts';
import { warnOf } from '../../../report/warnings.ts';
import type { Redactor } from '../../../secrets/index.ts';
import { chooseHosts, onEachHost, type ChosenHosts } from '../../../targets/chosen-hosts.ts';
import { exitCodeOf, shortReason } from '../../../targets/unreachable.ts';
import { parseWithConfig } from '../../parse.ts';
import { decodeStopped, statusScript } from '../hold/stopped.ts';
import { ask } from '../on-hosts.ts';
import { findRunbook, loadRunbook, runbookNames } from '../runbook/find-runbook.ts';
import { readCertificates } from './certificates.ts';
import { readDeclarations, type HostDeclaration } from './declared.ts';
import { pageText, type HostFacts, type PageHost } from './host-page.ts';
import { jobStates } from './job-state.ts';
import { lookingLane } from './looking-lane.ts';
import { surveyHost } from './survey.ts';

interface PageFlags extends HostFlags {
  readonly out?: string;
}

/** `play page PATTERN`: what somebody has to know of hosts who never saw them, from code and from the hosts. */
export async function runPageCommand(args: readonly string[], launch: Launch, redactor: Redactor): Promise<number> {
  const command = addHostOptions(
    makeCommand(
      'play page',
      'Writes a page about a host or group for somebody who does not know it: what runs where, who owns it, what to do when it breaks. In Markdown, from the playbooks and the hosts. Changes nothing on them.',
    ),
  )
    .argument('<pattern>', 'the hosts')
    .option('--out <file>', 'write it there (default: stdout)');
  const config = await parseWithConfig(command, args, launch);
  const flags = command.opts<PageFlags>();
  const [pattern = ''] = command.args;
  const chosen = await chooseHosts({ flags, launch, redactor, pattern });
  const { hosts: declarations, broken } = await readDeclarations(chosen, launch, {
    playbooksDir: config.playbooksDir,
    isSandbox: flags.sandbox !== false,
  });
  for (const one of broken) warnOf({ what: `Declarations of a playbook are missing on the page: ${one}` });
  const runbooks = await titlesOf(launch);
  const facts = new Map<string, PageHost['facts']>();
  let exit: number = ExitCode.ok;
  await onEachHost(chosen, {
    forks: flags.forks,
    async work(host, open) {
      const declaration = declarations.get(host);
      if (declaration !== undefined) facts.set(host, await factsOf(host, await open(), declaration, chosen));
    },
    failed(host, error) {
      exit = Math.max(exit, exitCodeOf(error));
      facts.set(host, { missing: `${shortReason(error, host)}.` });
    },
  });
  const pages = chosen.hosts.flatMap((name): PageHost[] => {
    const [declaration, known] = [declarations.get(name), facts.get(name)];
    const groups = chosen.inventory.host(name).groups.filter((group) => group !== 'all' && group !== 'ungrouped');
    return declaration && known ? [{ name, groups, declaration, facts: known }] : [];
  });
  const text = `${redactor.redact(saidLines(pageText(pages, runbooks, pattern))).trimEnd()}\n`;
  if (flags.out !== undefined) write(flags.out, text);
  else process.stdout.write(flags.output === 'jsonl' ? `${JSON.stringify({ event: 'page', pattern, text })}\n` : text);
  return exit;
}

async function factsOf(
  host: string,
  connection: Connection,
  { all }: HostDeclaration,
  chosen: ChosenHosts,
): Promise<HostFacts> {
  const lane = await lookingLane(host, connection, chosen);
  const status = (await ask(lane, host, { script: statusScript, timeout: 60 })).stdout.toString('utf8');
  return {
    survey: await surveyHost(lane, host),
    certificates: await readCertificates(lane, host, [...all.certificates]),
    jobs: await jobStates(lane, host),
    holds: decodeHolds(status.split('\n')).holds,
    stopped: decodeStopped(status),
  };
}

/** The project's runbooks with their titles; one that cannot be read is left out, and said. */
async function titlesOf(launch: Launch): Promise<Map<string, string>> {
  const titles = new Map<string, string>();
  for (const name of runbookNames()) {
    try {
      titles.set(name, (await loadRunbook(findRunbook(name), launch)).spec.title);
    } catch (thrown) {
      if (!(thrown instanceof PlayError)) throw thrown;
      warnOf({ what: `A runbook is missing on the page: ${name}: ${thrown.message}` });
    }
  }
  return titles;
}

function write(file: string, text: string): void {
  try {
    writeFileSync(resolve(file), text);
  } catch (thrown) {
    throw new PlayError(`The page cannot be written: ${thrown instanceof Error ? thrown.message : String(thrown)}`, {
      hint: 'Give --out a file in an existing folder that you may write to.',
    });
  }
}
