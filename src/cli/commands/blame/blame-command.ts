import { thingKey, type Thing } from '../../../engine/index.ts';
import { makeCommand } from '../../../options/command.ts';
import { addHostOptions, type HostFlags } from '../../../options/host-flags.ts';
import { positive } from '../../../options/option-values.ts';
import type { Launch } from '../../../project/launch.ts';
import type { Redactor } from '../../../secrets/index.ts';
import { chooseHosts } from '../../../targets/chosen-hosts.ts';
import { parseWithConfig } from '../../parse.ts';
import { onHosts, type TellHost } from '../on-hosts.ts';
import { blameLines, diffLines, type Blamed } from './blame-text.ts';
import { lookAt, type LookedAt } from './look-at-thing.ts';
import { thingsMeant } from './thing-meant.ts';
import { leftBy, verdictOf } from './verdict.ts';
import { writtenText } from './written-text.ts';

interface BlameFlags extends HostFlags {
  readonly number: number;
}

/**
 * `play blame HOST PATH|UNIT|PACKAGE`: which runs changed it, by whom, at which line of which playbook, and whether it is as
 * the last of them left it. Changes nothing.
 */
export async function runBlameCommand(args: readonly string[], launch: Launch, redactor: Redactor): Promise<number> {
  const command = addHostOptions(
    makeCommand(
      'play blame',
      'Shows which runs changed a file, unit, package or account on a host, and whether it has been changed by hand since. Changes nothing.',
    ),
  )
    .argument('<host>', 'a host, or a pattern')
    .argument('<thing>', 'a path, a unit, a package or an account; unit:NAME, package:NAME and account:NAME say which')
    .option('-n, --number <n>', 'how many changes to show, the last ones (default: 5)', positive('--number'), 5);
  await parseWithConfig(command, args, launch);
  const flags = command.opts<BlameFlags>();
  const [pattern = '', text = ''] = command.args;
  const meant = thingsMeant(text);
  const chosen = await chooseHosts({ flags, launch, redactor, pattern });
  return onHosts({
    flags,
    redactor,
    chosen,
    async work(host, open, tell) {
      const looked: LookedAt[] = [];
      for (const thing of meant) looked.push(await lookAt(thing, host, open, chosen));
      for (const one of known(looked)) tellBlame(host, one, flags.number, redactor, tell);
    },
  });
}

/** Of a name that may be several things: those of which there is something on record, else those that are there. */
function known(looked: readonly LookedAt[]): readonly LookedAt[] {
  const onRecord = looked.filter(({ changes }) => changes.length > 0);
  if (onRecord.length > 0) return onRecord;
  const there = looked.filter(({ now }) => Boolean(now.version) || Boolean(now.enabled) || now.active === 'active');
  return there.length > 0 ? there : looked.slice(0, 1);
}

function tellBlame(host: string, looked: LookedAt, most: number, redactor: Redactor, tell: TellHost): void {
  const { thing, changes, now } = looked;
  const key = thingKey(thing);
  const verdict = verdictOf(changes, key, now);
  const blamed: Blamed = { looked, verdict, written: writtenBy(looked, thing) };
  tell(
    host,
    {
      event: 'blame',
      host,
      kind: thing.kind,
      name: thing.name,
      is: verdict.is,
      differences: 'differences' in verdict ? verdict.differences : [],
      changed: looked.changedAt?.toISOString() ?? null,
      diff: diffLines(looked, blamed.written, redactor).join('\n') || null,
      by: changes.toReversed().slice(0, most),
    },
    blameLines(blamed, most, redactor),
  );
}

/** What the last run that wrote a file put into it; null where the file still holds that. */
function writtenBy({ changes, now, bytes }: LookedAt, thing: Thing): Blamed['written'] {
  const key = thingKey(thing);
  const { sha } = leftBy(changes.filter(({ on }) => on === key));
  if (sha === undefined || sha === now.sha || (bytes === undefined && now.type !== 'absent')) return null;
  const writer = changes.findLast((one) => one.on === key && one.left?.sha === sha);
  return writer && writtenText(writer.id, thing.name, sha);
}
