import { BecomeFailed, HostKeyChanged, type Connection, type Lane } from '../../../connection/index.ts';
import { ExitCode, type PlayError } from '../../../errors/index.ts';
import { makeCommand } from '../../../options/command.ts';
import { addHostOptions, type HostFlags } from '../../../options/host-flags.ts';
import type { Launch } from '../../../project/launch.ts';
import { makeStyle, said, shownLines, wantsColour, type Style } from '../../../report/index.ts';
import { holderScript, holderText, readHolder } from '../../../run/index.ts';
import type { Redactor } from '../../../secrets/index.ts';
import { chooseHosts, onEachHost, type ChosenHosts } from '../../../targets/chosen-hosts.ts';
import { shortReason } from '../../../targets/unreachable.ts';
import { parseWithConfig } from '../../parse.ts';
import { doctorScript, judgeHost, parseTold, type Finding } from './doctor-checks.ts';

/** `play doctor HOST`: looks over a host for what keeps play, or anybody, from working there. */
export async function runDoctorCommand(args: readonly string[], launch: Launch, redactor: Redactor): Promise<number> {
  const command = addHostOptions(
    makeCommand(
      'play doctor',
      'Examines a host: login, sudo, tools, disk, clock, names, package locks ... and says how to fix what is wrong. Changes nothing.',
    ),
  );
  command.argument('<host>', 'a host, or a pattern');
  await parseWithConfig(command, args, launch);
  const flags = command.opts<HostFlags>();
  const chosen = await chooseHosts({ flags, launch, redactor, pattern: command.args[0] ?? '' });
  const style = makeStyle(wantsColour(process.stdout));
  let exit: number = ExitCode.ok;
  const tell = (host: string, findings: readonly Finding[]): void => {
    if (flags.output === 'jsonl')
      process.stdout.write(
        redactor.redact(findings.map((one) => `${JSON.stringify({ event: 'finding', host, ...one })}\n`).join('')),
      );
    else
      process.stdout.write(
        shownLines(
          [
            ...(chosen.hosts.length > 1 ? [style.bold(host)] : []),
            ...findings.flatMap((one) => findingLines(one, style)),
          ],
          redactor,
        ),
      );
  };
  await onEachHost(chosen, {
    forks: flags.forks,
    work: async (host, open) => {
      const findings = await examine(host, open, chosen);
      if (findings.some(({ verdict }) => verdict === 'bad')) exit = Math.max(exit, ExitCode.hostFailed);
      tell(host, findings);
    },
    failed: (host, error) => {
      exit = Math.max(exit, error.exitCode === ExitCode.internal ? ExitCode.internal : ExitCode.unreachable);
      tell(host, [notLetIn(error, host)]);
    },
  });
  return exit;
}

function findingLines({ check, verdict, what, fix }: Finding, style: Style): string[] {
  const word =
    verdict === 'ok'
      ? style.green('ok      ')
      : verdict === 'warning'
        ? style.yellow('warning ')
        : style.red('BAD     ');
  return [
    `${word} ${check.padEnd(12)}  ${said(what)}`,
    ...(fix === undefined ? [] : fix.split('\n').map((line) => `${' '.repeat(23)}${said(line)}`)),
  ];
}

async function examine(host: string, open: () => Promise<Connection>, chosen: ChosenHosts): Promise<Finding[]> {
  const started = performance.now();
  const connection = await open();
  const login = await connection.lane();
  const seconds = ((performance.now() - started) / 1000).toFixed(2);
  const findings: Finding[] = [
    { check: 'login', verdict: 'ok', what: `as ${login.greeting.user} by ${connection.description} in ${seconds} s` },
  ];
  const { lane, finding } = await becomeRoot(connection, login, chosen, host);
  findings.push(finding);
  const from = Date.now() / 1000;
  const [reply, holder] = await lane.exchange([
    { script: doctorScript, args: [login.greeting.user], timeout: 120 },
    { script: holderScript, timeout: 20 },
  ]);
  if (reply && reply.code !== 0)
    findings.push({
      check: 'questions',
      verdict: 'warning',
      what: `not everything could be asked: ${reply.stderr.toString('utf8').trim() || `code ${reply.code}`}`,
    });
  findings.push(...judgeHost(parseTold(reply?.stdout.toString('utf8') ?? ''), { from, to: Date.now() / 1000 }));
  const held = holder?.stdout.toString('utf8').trim() ?? '';
  if (held !== '')
    findings.push({
      check: 'held',
      verdict: 'warning',
      what: `by ${holderText(readHolder(held.split('\n')[0] ?? ''))}`,
      fix: 'Another run waits for it; --steal ends it on this host.',
    });
  return findings;
}

async function becomeRoot(
  connection: Connection,
  login: Lane,
  chosen: ChosenHosts,
  host: string,
): Promise<{ lane: Lane; finding: Finding }> {
  if (login.greeting.uid === 0)
    return { lane: login, finding: { check: 'root', verdict: 'ok', what: 'the login user is root' } };
  const become = chosen.become(host, 'root');
  try {
    return {
      lane: await connection.lane(become),
      finding: { check: become.method, verdict: 'ok', what: `${login.greeting.user} may become root` },
    };
  } catch (thrown) {
    if (!(thrown instanceof BecomeFailed)) throw thrown;
    // Without root less can be seen, but not nothing.
    return {
      lane: login,
      finding: {
        check: become.method,
        verdict: /wants a password/.test(thrown.message) ? 'warning' : 'bad',
        what: thrown.message,
        ...(thrown.hint === undefined ? {} : { fix: thrown.hint }),
      },
    };
  }
}

function notLetIn(error: PlayError, host: string): Finding {
  const fix = [error.hint, error instanceof HostKeyChanged ? undefined : error.detail]
    .filter((text) => text !== undefined)
    .join('\n');
  return { check: 'login', verdict: 'bad', what: shortReason(error, host), ...(fix === '' ? {} : { fix }) };
}
