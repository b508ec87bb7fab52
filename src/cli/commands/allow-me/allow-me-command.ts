import { connect as connectTcp } from 'node:net';
import { wayTo, type Lane } from '../../../connection/index.ts';
import { logWhole, type LoggedRun } from '../../../engine/index.ts';
import { ExitCode, PlayError } from '../../../errors/index.ts';
import { makeCommand } from '../../../options/command.ts';
import { addHostOptions, type HostFlags } from '../../../options/host-flags.ts';
import { parseUntil } from '../../../options/option-values.ts';
import { timeText } from '../../../probes/index.ts';
import type { Launch } from '../../../project/launch.ts';
import type { Redactor } from '../../../secrets/index.ts';
import { chooseHosts, type ChosenHosts } from '../../../targets/chosen-hosts.ts';
import { operatorName } from '../../../values/index.ts';
import { parseWithConfig } from '../../parse.ts';
import { ask, onHosts, rootLane, type TellHost } from '../on-hosts.ts';
import { recorded, type Recorded } from '../recorded.ts';
import {
  accessCode,
  decodeLook,
  letIn,
  lookRequest,
  placesIn,
  shutOut,
  wouldLetIn,
  type Look,
} from './access-script.ts';
import { idOf, parseAddress, parsePort, portText, type Access, type AskedPort, type FoundAccess } from './access.ts';

interface AllowFlags extends HostFlags {
  readonly for?: string;
  readonly from?: string;
  readonly list: boolean;
  readonly revoke: boolean;
  readonly check: boolean;
}

/** A week: what is to last longer belongs in the playbook. */
const mostSeconds = 7 * 86_400;
/** How long an answer from a port is waited for, in milliseconds. */
const answerTime = 1500;

/** `play allow-me HOST PORT --for 1h`: lets one's own address in through the firewall for a time, and no longer. */
export async function runAllowMeCommand(args: readonly string[], launch: Launch, redactor: Redactor): Promise<number> {
  const command = addHostOptions(
    makeCommand(
      'play allow-me',
      'Lets your address in to a port of hosts for a limited time, where their firewall would drop it, and opens nothing else. It expires by itself on the hosts.',
    ),
  )
    .argument('[pattern]', 'the hosts (with --list and --revoke default: all)')
    .argument('[port]', 'the port; 53/udp for UDP')
    .option('--for <time>', 'how long: 30m, 2h, at most 7d (default: 1h)')
    .option('--from <address>', 'a different address from the one that the hosts see you come from')
    .option('--list', 'who is let in, by whom, until when; changes nothing', false)
    .option('--revoke', 'close this port, or all of them, again now, no matter who asked for it', false)
    .option('-C, --check', 'say what would be done', false);
  await parseWithConfig(command, args, launch);
  const flags = command.opts<AllowFlags>();
  const [pattern, portName] = command.args;
  if (flags.list && flags.revoke) throw new PlayError('--list and --revoke contradict each other');
  const port = portName === undefined ? undefined : parsePort(portName);
  const from = flags.from === undefined ? undefined : parseAddress('--from', flags.from);
  if (flags.list || flags.revoke) {
    if (flags.for !== undefined) throw new PlayError('--for is only for letting in', { hint: 'Leave it out.' });
    const chosen = await chooseHosts({ flags, launch, redactor, pattern: pattern ?? 'all' });
    return await listOrRevoke({ flags, redactor, chosen }, { port, from });
  }
  if (pattern === undefined || port === undefined)
    throw new PlayError('To which port of which hosts?', {
      hint: 'play allow-me web1 9200 --for 1h; --list says who is let in.',
    });
  const seconds = secondsOf(flags.for ?? '1h');
  const chosen = await chooseHosts({ flags, launch, redactor, pattern });
  const by = operatorName().replace(/\s/g, '_');
  const onAll = (record: Recorded | undefined): Promise<number> =>
    onHosts({
      flags,
      redactor,
      chosen,
      ...record,
      async work(host, open, tell) {
        const lane = await rootLane(host, await open(), chosen);
        await letInOn({ host, lane, chosen, flags, asked: port, from, by, seconds, logged: record?.logged, tell });
      },
    });
  if (flags.check) return await onAll(undefined);
  return await recorded({ kind: 'allow-me', hosts: chosen.hosts, redactor }, onAll);
}

interface Work {
  readonly host: string;
  readonly lane: Lane;
  readonly chosen: ChosenHosts;
  readonly flags: AllowFlags;
  readonly asked: AskedPort;
  readonly from: string | undefined;
  readonly by: string;
  readonly seconds: number;
  /** Undefined in check mode. */
  readonly logged: LoggedRun | undefined;
  readonly tell: TellHost;
}

async function letInOn(work: Work): Promise<void> {
  const { host, lane, chosen, flags, asked, by, seconds, logged, tell } = work;
  const look = decodeLook((await ask(lane, host, lookRequest)).stdout.toString('utf8'));
  const address = work.from ?? (await ownAddress(host, chosen, look));
  const access: Access = { ...asked, address, by };
  const canTry = work.from === undefined && asked.protocol === 'tcp';
  const at = chosen.target(host).address;
  const event = { event: 'allow-me', host, address, port: asked.port, protocol: asked.protocol };
  const isRenewed = look.found.some(({ id }) => id === idOf(access));
  if (canTry && !isRenewed && (await answerOf(at, asked.port)) === 'answers') {
    tell(host, { ...event, until: null, places: [] }, [
      `port ${asked.port} answers ${address} already: nothing is changed`,
    ]);
    return;
  }
  const wanted = placesIn((await ask(lane, host, wouldLetIn(access))).stdout.toString('utf8'));
  if (wanted.length === 0) {
    tell(host, { ...event, until: null, places: [] }, [
      `no firewall of the host drops anything: nothing is changed. If ${portText(asked)} does not answer, nothing listens there, or something before the host drops it.`,
    ]);
    return;
  }
  if (flags.check) {
    tell(host, { ...event, until: isoOf(look.now + seconds), places: wanted, check: true }, [
      `would let ${address} in to port ${portText(asked)} until ${timeText(look.now + seconds)} (${wanted.join('; ')})`,
    ]);
    return;
  }
  const { stdout, code } = await ask(lane, host, letIn(access, seconds), Object.values(accessCode));
  if (code !== 0) throw cannotKeep(host, code);
  const text = stdout.toString('utf8');
  const until = Number(/^@until (\d+)$/m.exec(text)?.[1] ?? 0);
  if (logged !== undefined) await ask(lane, host, logWhole(logged, host, 1));
  const answer = canTry ? await answerOf(at, asked.port) : undefined;
  tell(host, { ...event, until: isoOf(until), places: placesIn(text), answer: answer ?? null }, [
    `lets ${address} in to port ${portText(asked)} until ${timeText(until)} (${placesIn(text).join('; ')})${answer === undefined ? '' : `: ${answerText[answer]}`}`,
  ]);
}

function cannotKeep(host: string, code: number): PlayError {
  return new PlayError(
    code === accessCode.noSystemd
      ? `${host} has no systemd-run to close the port again in time: nothing was changed`
      : `${host} has neither nft nor iptables: nothing was changed`,
    { exitCode: ExitCode.hostFailed },
  );
}

/** @throws PlayError where the host sees somebody else in our place */
async function ownAddress(host: string, chosen: ChosenHosts, { peer }: Look): Promise<string> {
  const target = chosen.target(host);
  const between = target.transport === 'local' ? undefined : await wayTo(target);
  if (between !== undefined)
    throw new PlayError(`${host} is reached through ${between}, and sees that address instead of yours`, {
      exitCode: ExitCode.hostFailed,
      hint: `Say which address to let in: --from ADDRESS${peer === undefined ? '' : ` (it sees ${peer})`}. play tunnel needs no opening.`,
    });
  if (peer === undefined)
    throw new PlayError(`${host} does not say which address you come from`, {
      exitCode: ExitCode.hostFailed,
      hint: 'Say which address to let in: --from ADDRESS.',
    });
  return parseAddress('--from', peer);
}

type PortAnswer = 'answers' | 'refused' | 'silent';

const answerText: Readonly<Record<PortAnswer, string>> = {
  answers: 'it answers',
  refused: 'but nothing listens there',
  silent: 'but it does not answer: does something before the host, such as a firewall of the provider, drop it?',
};

/** What becomes of a connection from here; undefined where the host is not known here by an address. */
function answerOf(address: string, port: number): Promise<PortAnswer | undefined> {
  return new Promise((resolve) => {
    const socket = connectTcp({ host: address, port, timeout: answerTime });
    const done = (answer: PortAnswer | undefined): void => {
      socket.destroy();
      resolve(answer);
    };
    socket.once('connect', () => done('answers'));
    socket.once('timeout', () => done('silent'));
    socket.once('error', ({ code }: NodeJS.ErrnoException) =>
      done(code === 'ECONNREFUSED' ? 'refused' : code === 'ENOTFOUND' || code === 'EAI_AGAIN' ? undefined : 'silent'),
    );
  });
}

interface Meant {
  readonly port: AskedPort | undefined;
  readonly from: string | undefined;
}

async function listOrRevoke(
  { flags, redactor, chosen }: { flags: AllowFlags; redactor: Redactor; chosen: ChosenHosts },
  { port, from }: Meant,
): Promise<number> {
  const isMeant = (one: FoundAccess): boolean =>
    (port === undefined || (one.port === port.port && one.protocol === port.protocol)) &&
    (from === undefined || one.address === from);
  let count = 0;
  const onAll = (record: Recorded | undefined): Promise<number> =>
    onHosts({
      flags,
      redactor,
      chosen,
      ...record,
      async work(host, open, tell) {
        const lane = await rootLane(host, await open(), chosen);
        const { found } = decodeLook((await ask(lane, host, lookRequest)).stdout.toString('utf8'));
        const meant = found.filter(isMeant);
        if (record !== undefined && meant.length > 0) {
          await ask(lane, host, shutOut(meant));
          await ask(lane, host, logWhole(record.logged, host, meant.length));
        }
        for (const one of meant) tell(host, eventOf(host, one, flags), [lineOf(one, flags)]);
        count += meant.length;
      },
    });
  const exit =
    flags.revoke && !flags.check
      ? await recorded({ kind: 'allow-me', hosts: chosen.hosts, redactor }, onAll)
      : await onAll(undefined);
  if (count === 0 && exit === ExitCode.ok && flags.output === 'human')
    process.stdout.write(`nobody is let in${port === undefined ? '' : ` to port ${portText(port)}`}\n`);
  return exit;
}

function eventOf(host: string, one: FoundAccess, { revoke, check }: AllowFlags): object {
  const { address, port, protocol, by, since, until, places } = one;
  const times = { since: isoOf(since), until: isoOf(until) };
  return {
    event: revoke && !check ? 'revoked' : 'allowed',
    host,
    address,
    port,
    protocol,
    by,
    ...times,
    places,
    ...(revoke && check ? { check } : {}),
  };
}

function lineOf(one: FoundAccess, { revoke, check }: AllowFlags): string {
  const who = `${one.address} in to port ${portText(one)}`;
  if (revoke) return `${check ? 'would no longer let' : 'no longer lets'} ${who} (asked for by ${one.by})`;
  const missing =
    one.places.length > 0
      ? ` (${one.places.join('; ')})`
      : one.isKept
        ? ': the firewall was reloaded this moment; it is put back'
        : ': the firewall was reloaded, and nothing restores it. Ask for it again.';
  return `lets ${who} until ${timeText(one.until)}, asked for by ${one.by} at ${timeText(one.since)}${missing}`;
}

function secondsOf(text: string): number {
  const until = parseUntil('--for', text);
  if (!('after' in until))
    throw new PlayError(`--for needs a length of time, not "${text}"`, { hint: 'Such as 30m, 2h or 1d.' });
  if (until.after <= mostSeconds) return until.after;
  throw new PlayError('--for lets in for at most 7d', {
    hint: 'What should last longer belongs in a playbook: openPort of play/roles/nftables.',
  });
}

function isoOf(seconds: number): string {
  return new Date(seconds * 1000).toISOString();
}
