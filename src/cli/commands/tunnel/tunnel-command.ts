import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { makeAskpass, privateFolder, sshOptions, type Target } from '../../../connection/index.ts';
import { ExitCode, PlayError } from '../../../errors/index.ts';
import { makeCommand } from '../../../options/command.ts';
import { addHostOptions, type HostFlags } from '../../../options/host-flags.ts';
import type { Launch } from '../../../project/launch.ts';
import { said, shownLines } from '../../../report/index.ts';
import type { Redactor } from '../../../secrets/index.ts';
import { chooseHosts, onlyHost } from '../../../targets/chosen-hosts.ts';
import { parseWithConfig } from '../../parse.ts';
import { freePorts, parseForward, type Forward } from './forward.ts';

/** `play tunnel HOST PORT...`: ports of this machine that lead to ports of a host, or behind it, over its ssh. */
export async function runTunnelCommand(args: readonly string[], launch: Launch, redactor: Redactor): Promise<number> {
  const command = addHostOptions(
    makeCommand(
      'play tunnel',
      "Forwards ports on 127.0.0.1 here to ports on a host, or on what it can reach, over ssh with the inventory's settings (ssh -L). Until Ctrl-C.",
    ),
  )
    .argument('<host>')
    .argument(
      '<port...>',
      '9200; 9201:9200, 9201 here and 9200 there; db:5432; 8080:10.0.0.5:80; 0:9200, any port here',
    );
  await parseWithConfig(command, args, launch);
  const flags = command.opts<HostFlags>();
  const [pattern = '', ...ports] = command.args;
  const asked = ports.map(parseForward);
  const chosen = await chooseHosts({ flags, launch, redactor, pattern });
  const host = onlyHost(chosen, pattern, 'A tunnel goes to one host.');
  const target = chosen.target(host);
  if (target.transport === 'local')
    throw new PlayError(`${host} is this machine: its ports are here already`, {
      hint: 'A tunnel is for hosts that are reached by ssh.',
    });
  const forwards = await freePorts(asked);
  const tell = (event: object, line: string): void => {
    if (flags.output === 'jsonl') process.stdout.write(`${redactor.redact(JSON.stringify(event))}\n`);
    else process.stdout.write(shownLines([line], redactor));
  };
  const exit = await tunnel(target, forwards, {
    opened() {
      for (const { local, address, port } of forwards)
        tell(
          { event: 'tunnel', host, local: `127.0.0.1:${local}`, remote: `${address}:${port}` },
          `127.0.0.1:${local} -> ${host} -> ${address}:${port}`,
        );
      if (flags.output === 'human') process.stderr.write('Ctrl-C ends it.\n');
    },
    said: (line) => process.stderr.write(shownLines([`${host}  ${said(inPlainWords(line, host))}`], redactor)),
  });
  if (flags.output === 'jsonl') process.stdout.write(`${JSON.stringify({ event: 'recap', exit })}\n`);
  return exit;
}

interface Ears {
  /** The ports here are open. */
  opened(): void;
  /** A line of ssh's. */
  said(line: string): void;
}

/**
 * sh that runs ssh as long as whoever started it keeps its input open: no tunnel stays behind a play that was killed. Of
 * its own accord ssh would end only with the last connection through it. What it runs on the host ends with that input, too.
 */
const keeper = `exec 3<&0
"$@" <&3 3<&- & p=$!
trap 'kill "$p" 2>/dev/null' TERM
{ cat; kill "$p"; } <&3 3<&- >/dev/null 2>&1 & w=$!
exec 3<&- </dev/null
wait "$p"; r=$?
while kill -0 "$p" 2>/dev/null; do wait "$p"; r=$?; done
kill "$w" 2>/dev/null; exit "$r"`;

/** Runs ssh until Ctrl-C, its end or ours. */
async function tunnel(target: Target, forwards: readonly Forward[], ears: Ears): Promise<number> {
  const ready = randomBytes(12).toString('hex');
  // The first of ssh's options counts: these beat the inventory's, and what it says of a dead link beats ours.
  const fixed = [
    'ExitOnForwardFailure=yes',
    // A shared connection of the user's would keep the ports when this one is gone.
    'ControlPath=none',
    'PermitLocalCommand=no',
    'RemoteCommand=none',
    'GatewayPorts=no',
  ].flatMap((option) => ['-o', option]);
  const keepalive = ['-o', 'ServerAliveInterval=15', '-o', 'ServerAliveCountMax=3'];
  const leads = forwards.flatMap(({ local, address, port }) => ['-L', `127.0.0.1:${local}:${address}:${port}`]);
  const remote = ['--', target.address, `echo ${ready}; exec cat >/dev/null`];
  const argv = ['ssh', '-T', ...fixed, ...sshOptions(target), ...keepalive, ...leads, ...remote];
  const folder = target.password === undefined ? undefined : privateFolder();
  try {
    const askpass =
      folder === undefined
        ? undefined
        : makeAskpass(folder, { password: target.password, otherwise: 'ask at the terminal' });
    const words = ['-c', keeper, 'sh', ...(askpass?.argv(argv) ?? argv)];
    const env = { ...process.env, ...askpass?.environment };
    return await untilEnd(spawn('sh', words, { stdio: ['pipe', 'pipe', 'pipe'], env }), ready, target, ears);
  } finally {
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
  }
}

function untilEnd(child: ChildProcess, ready: string, { name }: Target, ears: Ears): Promise<number> {
  let isOpen = false;
  let isWanted = true;
  const end = (): void => {
    isWanted = false;
    child.kill();
  };
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const signal of signals) process.on(signal, end);
  return new Promise((resolve, reject) => {
    if (child.stdout)
      createInterface({ input: child.stdout }).on('line', (line) => {
        if (line !== ready || isOpen) return;
        isOpen = true;
        ears.opened();
      });
    if (child.stderr)
      createInterface({ input: child.stderr }).on('line', (line) => (isWanted ? ears.said(line) : undefined));
    child.stdin?.on('error', () => undefined);
    child.once('error', (cause) =>
      reject(new PlayError(`ssh cannot be started: ${cause.message}`, { hint: 'Install openssh-client.', cause })),
    );
    child.once('close', () => {
      for (const signal of signals) process.off(signal, end);
      if (!isWanted) resolve(isOpen ? ExitCode.ok : ExitCode.interrupted);
      else if (isOpen)
        reject(new PlayError(`The tunnel to ${name} was interrupted`, { exitCode: ExitCode.unreachable }));
      else
        reject(
          new PlayError(`There is no tunnel to ${name}`, {
            exitCode: ExitCode.unreachable,
            hint: `play ping ${name} says whether it lets us in; sshd there may forbid tunnels (AllowTcpForwarding).`,
          }),
        );
    });
  });
}

/** What ssh says of a channel that leads nowhere, for those who did not write ssh. */
function inPlainWords(line: string, host: string): string {
  const [, why] = /^channel \d+: open failed: (.*)$/.exec(line.trim()) ?? [];
  if (why === undefined) return line.trim();
  if (/Connection refused/.test(why)) return `${host} found nothing listening at the other end (${why})`;
  if (/administratively prohibited/.test(why)) return `sshd of ${host} does not allow it (${why})`;
  return `${host} could not reach the other end (${why})`;
}
