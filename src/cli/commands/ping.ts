import { BecomeFailed, type Connection } from '../../connection/index.ts';
import { ExitCode } from '../../errors/index.ts';
import { makeCommand } from '../../options/command.ts';
import { addHostOptions, type HostFlags } from '../../options/host-flags.ts';
import type { Launch } from '../../project/launch.ts';
import { makeStyle, said, shownLines, wantsColour } from '../../report/index.ts';
import type { Redactor } from '../../secrets/index.ts';
import { chooseHosts, onEachHost, type ChosenHosts } from '../../targets/chosen-hosts.ts';
import { shortReason } from '../../targets/unreachable.ts';
import { parseWithConfig } from '../parse.ts';

interface Pong {
  readonly milliseconds: number;
  readonly how: string;
  /** `sudo:yes`, `sudo:password` (one is wanted and was not given), `sudo:no`; `root` where that is the login user. */
  readonly become: string;
  readonly os: string;
}

const osScript = `if [ -r /etc/os-release ]; then . /etc/os-release; printf '%s' "$ID\${VERSION_ID:+ $VERSION_ID}"; else uname -s; fi`;

/** `play ping -l PATTERN`: whether each host lets us in, how, how fast, and whether we may become root there. */
export async function runPingCommand(args: readonly string[], launch: Launch, redactor: Redactor): Promise<number> {
  const command = addHostOptions(
    makeCommand('play ping', 'Logs in to hosts and says how it went: login, sudo, operating system. Changes nothing.'),
  );
  command.argument('[pattern]', 'the hosts (default: all)');
  await parseWithConfig(command, args, launch);
  const flags = command.opts<HostFlags>();
  const chosen = await chooseHosts({ flags, launch, redactor, pattern: command.args[0] ?? 'all' });
  const width = Math.max(...chosen.hosts.map((host) => host.length));
  const style = makeStyle(wantsColour(process.stdout));
  let exit: number = ExitCode.ok;
  const print = (event: object, lines: readonly string[]): void => {
    if (flags.output === 'jsonl') process.stdout.write(`${redactor.redact(JSON.stringify(event))}\n`);
    else process.stdout.write(shownLines(lines, redactor));
  };
  await onEachHost(chosen, {
    forks: flags.forks,
    work: async (host, open) => {
      const pong = await ping(host, open, chosen);
      if (chosen.asked(host) && !/^root$|:yes$/.test(pong.become)) exit = Math.max(exit, ExitCode.hostFailed);
      const word = pong.become.endsWith(':no') ? style.yellow(pong.become) : pong.become;
      print({ event: 'ping', host, ok: true, ...pong }, [
        `${host.padEnd(width)} ${style.green('ok')} ${pong.milliseconds} ms ${pong.how} ${word} ${said(pong.os)}`,
      ]);
    },
    failed: (host, error) => {
      exit = Math.max(exit, error.exitCode === ExitCode.internal ? ExitCode.internal : ExitCode.unreachable);
      const reason = shortReason(error, host);
      const more =
        flags.verbose > 0
          ? [error.detail, error.hint].flatMap((text) =>
              text ? text.split('\n').map((line) => `    ${said(line)}`) : [],
            )
          : [];
      print({ event: 'ping', host, ok: false, reason, hint: error.hint ?? null }, [
        `${host.padEnd(width)} ${style.red('UNREACHABLE')} ${said(reason)}`,
        ...more,
      ]);
    },
  });
  return exit;
}

async function ping(host: string, open: () => Promise<Connection>, chosen: ChosenHosts): Promise<Pong> {
  const started = performance.now();
  const connection = await open();
  const lane = await connection.lane();
  const [reply] = await lane.exchange([{ script: osScript, timeout: 20 }]);
  const milliseconds = Math.round(performance.now() - started);
  const [how = ''] = connection.description.split(' ');
  const become = lane.greeting.uid === 0 ? 'root' : await becomeWord(connection, chosen, host);
  return { milliseconds, how, become, os: reply?.stdout.toString('utf8').trim() || 'unknown' };
}

async function becomeWord(connection: Connection, chosen: ChosenHosts, host: string): Promise<string> {
  const become = chosen.become(host, 'root');
  try {
    await connection.lane(become);
    return `${become.method}:yes`;
  } catch (thrown) {
    if (!(thrown instanceof BecomeFailed)) throw thrown;
    return `${become.method}:${/wants a password/.test(thrown.message) ? 'password' : 'no'}`;
  }
}
