import type { Connection, Lane, LaneReply, LaneRequest } from '../../connection/index.ts';
import { Unreachable } from '../../connection/index.ts';
import { ExitCode, PlayError } from '../../errors/index.ts';
import type { HostFlags } from '../../options/host-flags.ts';
import { said, shownLines } from '../../report/index.ts';
import type { Redactor } from '../../secrets/index.ts';
import { onEachHost, type ChosenHosts } from '../../targets/chosen-hosts.ts';
import { exitCodeOf, shortReason } from '../../targets/unreachable.ts';

/** Says one thing of a host: to people as lines that begin with its name, to programs as an event. */
export type TellHost = (host: string, event: object, lines: readonly string[]) => void;

export interface HostCommand {
  readonly flags: HostFlags;
  readonly redactor: Redactor;
  readonly chosen: ChosenHosts;
  readonly work: (host: string, open: () => Promise<Connection>, tell: TellHost) => Promise<void>;
  /** Hears what people are told, for the record. */
  readonly note?: (host: string, text: string) => void;
  /** Whether programs are told the exit code at once, as all is told. Default true. */
  readonly recap?: boolean;
  /** The exit code, for what was found on the hosts. Default: what they could be asked for is fine. */
  readonly judge?: (exit: number) => number;
}

/** Does something on each host, and says what came of it. @returns the exit code */
export async function onHosts({
  flags,
  redactor,
  chosen,
  work,
  note,
  recap = true,
  judge = (code) => code,
}: HostCommand): Promise<number> {
  const width = Math.max(...chosen.hosts.map((host) => host.length));
  let exit: number = ExitCode.ok;
  const tell: TellHost = (host, event, lines) => {
    for (const line of lines) note?.(host, line);
    if (flags.output === 'jsonl') process.stdout.write(`${redactor.redact(JSON.stringify(event))}\n`);
    else
      process.stdout.write(
        shownLines(
          lines.map((line) => `${host.padEnd(width)}  ${said(line)}`),
          redactor,
        ),
      );
  };
  await onEachHost(chosen, {
    forks: flags.forks,
    work: (host, open) => work(host, open, tell),
    failed: (host, error) => {
      exit = Math.max(exit, exitCodeOf(error));
      const event = error instanceof Unreachable ? 'unreachable' : 'host-failed';
      const reason = shortReason(error, host);
      const hint = error.hint === undefined ? [] : [`  ${error.hint}`];
      tell(host, { event, host, reason, hint: error.hint ?? null }, [
        `${event === 'unreachable' ? 'UNREACHABLE' : 'FAILED'} ${reason}`,
        ...hint,
      ]);
    },
  });
  const judged = judge(exit);
  if (recap && flags.output === 'jsonl') process.stdout.write(`${JSON.stringify({ event: 'recap', exit: judged })}\n`);
  return judged;
}

/** root's lane. @throws BecomeFailed */
export async function rootLane(host: string, connection: Connection, chosen: ChosenHosts): Promise<Lane> {
  const lane = await connection.lane();
  return lane.greeting.uid === 0 ? lane : connection.lane(chosen.become(host, 'root'));
}

/** Sends one request. @throws PlayError where it fails, unless with a code that means something */
export async function ask(
  lane: Lane,
  host: string,
  request: LaneRequest,
  known: readonly number[] = [],
): Promise<LaneReply> {
  const [reply] = await lane.exchange([request]);
  if (!reply) throw new Error('the lane gave no reply');
  if (reply.code === 0 || known.includes(reply.code)) return reply;
  throw new PlayError(`${host} ${reply.stderr.toString('utf8').trim() || `failed with code ${reply.code}`}`, {
    exitCode: ExitCode.hostFailed,
  });
}
