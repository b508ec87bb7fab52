import { Console } from 'node:console';
import { chmodSync, existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { start, type REPLServer } from 'node:repl';
import { PassThrough, Writable } from 'node:stream';
import { inspect, types } from 'node:util';
import { ExitCode, PlayError } from '../../../errors/index.ts';
import { stateFolder } from '../../../operator/failed-hosts.ts';
import { makeCommand, parseWith } from '../../../options/command.ts';
import { addHostOptions } from '../../../options/host-flags.ts';
import { wantsColour } from '../../../report/index.ts';
import { optionsOf } from '../../../runner/command-options.ts';
import { errorText, openRunner, styleFor, type Runner } from '../../../runner/index.ts';
import { completion } from './completion.ts';
import { ConsoleDesk } from './desk.ts';
import { resourceOptions } from './planned.ts';

/** `play console`: inventory, variables, facts and resources at a prompt. Nothing is changed unless it is asked for. */
export async function runConsoleCommand(args: readonly string[]): Promise<number> {
  const command = addHostOptions(
    makeCommand('play console', "A JavaScript prompt that knows the inventory, variables, facts and play's resources."),
  )
    .option('--write', 'let apply(...) change hosts; without it nothing is changed', false)
    .addHelpText('after', namesHelp);
  parseWith(command, args);
  const { limit, ...options } = optionsOf(command);
  const runner = await openRunner(options);
  try {
    const isWritable = command.opts<{ readonly write: boolean }>().write;
    return await converse(runner, new ConsoleDesk({ runner, limit, isWritable }));
  } finally {
    await runner.close();
  }
}

const namesHelp = `
Names at its prompt:
  hosts, groups, inventory.hosts('web:!db')     the inventory; hosts are those of -l
  hostvars('web1')                              variables of a host; secrets are masked
  await facts('web1')                           what playbooks read as facts; without a host: of all of -l
  render('port {{http_port}}', 'web1')          a template with the variables of a host
  await file({ path: '/srv', state: 'absent' }) what a resource would change, as -C -D shows it
  apply(file({ ... }))                          carries it out; with --write alone
  .limit web                                    other hosts; .exit or Ctrl-D ends`;

/** Until its input ends. @returns 1 where a line failed that nobody sat before */
async function converse(runner: Runner, desk: ConsoleDesk): Promise<number> {
  const isTerminal = process.stdin.isTTY && process.stdout.isTTY;
  const { dim } = styleFor(process.stdout);
  if (isTerminal)
    process.stdout.write(
      `${runner.inventory.hosts().length} hosts. ${dim('await file({ ... }) shows what would change; .help, Tab, Ctrl-D to end')}\n`,
    );
  const output = maskedOutput(runner);
  let hasFailed = false;
  const shown = (value: unknown): string => {
    // Whatever is thrown is shown by this, too.
    hasFailed ||= types.isNativeError(value);
    const text =
      value instanceof PlayError
        ? errorText(value).trimEnd()
        : inspect(value, { colors: wantsColour(process.stdout), depth: 6, maxArrayLength: 200 });
    return runner.mask(text);
  };
  const repl = start({
    prompt: isTerminal ? 'play> ' : '',
    terminal: isTerminal,
    input: isTerminal ? process.stdin : new PassThrough(),
    output: process.stdout,
    ignoreUndefined: true,
    writer: shown,
  });
  Object.defineProperties(repl.context, {
    ...desk.names(),
    console: { value: new Console(output, output), enumerable: true },
  });
  complete(repl, runner);
  repl.defineCommand('limit', {
    help: 'Take other hosts: .limit web:!db',
    action(pattern) {
      this.clearBufferedCommand();
      try {
        if (pattern.trim() !== '') desk.limit = pattern.trim();
        output.write(runner.printable(desk.hosts.join(' ')));
      } catch (thrown) {
        if (!(thrown instanceof PlayError)) throw thrown;
        output.write(`${shown(thrown)}\n`);
      }
      this.displayPrompt();
    },
  });
  repl.on('SIGINT', () => desk.interrupt());
  const ended = new Promise<void>((done) => repl.once('exit', () => done()));
  if (isTerminal) await keepHistory(repl);
  else await feed(repl);
  await ended;
  return hasFailed && !isTerminal ? ExitCode.usage : ExitCode.ok;
}

/** Standard output, for what was typed to print: a secret that was exposed is masked all the same. */
function maskedOutput(runner: Runner): Writable {
  return new Writable({
    decodeStrings: false,
    write: (chunk: string | Buffer, _, done) => void process.stdout.write(runner.mask(chunk.toString()), () => done()),
  });
}

/** Gives the lines of standard input one by one: Node's own prompt would begin the next while one is awaited. */
async function feed(repl: REPLServer): Promise<void> {
  const { input } = repl;
  if (!(input instanceof PassThrough)) return;
  let ready: (() => void) | undefined;
  const display = repl.displayPrompt;
  Object.assign(repl, {
    displayPrompt: (keepsCursor?: boolean): void => {
      display.call(repl, keepsCursor);
      ready?.();
    },
  });
  for await (const line of createInterface({ input: process.stdin })) {
    await new Promise<void>((done) => {
      ready = done;
      input.write(`${line}\n`);
    });
  }
  input.end();
}

function complete(repl: REPLServer, runner: Runner): void {
  const usual = repl.completer;
  const names = [...runner.inventory.hosts(), ...Object.keys(runner.inventory.groups)];
  Object.assign(repl, {
    completer: (line: string, done: (error: Error | null, found?: unknown) => void): void => {
      const found = completion(line, names, resourceOptions);
      if (found) done(null, found);
      else void Reflect.apply(usual, repl, [line, done]);
    },
  });
}

/** What was typed, for the next time: nobody else's to read, as a password may be among it. */
async function keepHistory(repl: REPLServer): Promise<void> {
  const folder = stateFolder();
  const file = join(folder, 'console-history');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  if (existsSync(file)) chmodSync(file, 0o600);
  await new Promise<void>((done) => repl.setupHistory(file, () => done()));
  if (existsSync(file)) chmodSync(file, 0o600);
}
