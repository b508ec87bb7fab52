import { readFileSync } from 'node:fs';
import { PlayError } from '../../../errors/index.ts';
import { promptHidden, promptLine } from '../../../operator/prompt.ts';
import { makeCommand } from '../../../options/command.ts';
import { collect } from '../../../options/option-values.ts';
import type { Launch } from '../../../project/launch.ts';
import { warnOf } from '../../../report/warnings.ts';
import { parseWithConfig } from '../../parse.ts';
import { tellPeople, writeGiven } from './opened-file.ts';
import { newSealer, type Sealer } from './sealer.ts';
import { addOpening, addOutput, addSealing, type FileFlags } from './vault-options.ts';

interface StringFlags extends FileFlags {
  readonly name: readonly string[];
  readonly stdinName?: string;
  readonly prompt: boolean;
  readonly showInput: boolean;
}

/** A text to encrypt. */
interface Given {
  readonly name: string | undefined;
  readonly text: string;
  /** Where it came from, in ansible-vault's words. */
  readonly from: 'the interactive prompt' | 'stdin' | 'the command line args';
}

/** `play vault encrypt-string`: values for a file in the clear, to be pasted there. */
export async function runEncryptString(args: readonly string[], launch: Launch): Promise<void> {
  const command = addSealing(
    addOutput(
      addOpening(
        makeCommand('play vault encrypt-string', 'Encrypts texts as YAML values, to be pasted into a variable file.'),
      ),
    ),
  )
    .argument('[text...]', 'texts, which others here may see in ps; - is standard input (default)')
    .option('-n, --name <name>', 'the variable, for each text in turn; may be given several times', collect, [])
    .option('--stdin-name <name>', 'the variable, for standard input')
    .option('-p, --prompt', 'ask for the text at the terminal', false)
    .option('--show-input', 'show what is typed', false);
  await parseWithConfig(command, args, launch);
  const flags = command.opts<StringFlags>();
  const texts = command.args.filter((text) => text !== '-');
  const readsInput = texts.length < command.args.length || flags.stdinName !== undefined || isAlone(texts, flags);
  if (flags.prompt && readsInput)
    throw new PlayError('--prompt and standard input both ask for a text', { hint: 'Use one of them.' });
  // The key first, as its question comes before that for the text.
  const sealer = await newSealer(flags);
  const given = [
    ...(flags.prompt ? [await typed(flags, flags.name[texts.length])] : []),
    ...(readsInput ? [fromInput(flags, flags.name[texts.length])] : []),
    ...texts.map((text, at): Given => ({ name: flags.name[at], text, from: 'the command line args' })),
  ];
  if (flags.name.length > 0 && texts.length > flags.name.length)
    warnOf({ what: `There are more texts than names: the last named is "${flags.name.at(-1) ?? ''}"` });
  const unused = flags.name.slice(given.length);
  if (unused.length > 0) warnOf({ what: `There are more names than texts: ${unused.join(', ')} names none` });
  for (const { text, from } of given)
    if (text === '')
      throw new PlayError(`The text from ${from} is empty`, { hint: 'An empty value needs no encryption.' });
  if (given.length > 1)
    given.forEach(({ name, from }, at) =>
      process.stderr.write(
        `# The encrypted version of ${name === undefined ? '' : `variable ("${name}", `}the string #${at + 1} from ${from}${name === undefined ? '' : ')'}.\n`,
      ),
    );
  writeGiven(flags.output ?? '-', `${given.map((one) => asYaml(one, sealer)).join('\n')}\n`);
  tellPeople('Encryption successful');
}

function isAlone(texts: readonly string[], { prompt }: StringFlags): boolean {
  return texts.length === 0 && !prompt;
}

async function typed({ showInput }: StringFlags, named: string | undefined): Promise<Given> {
  const name = named ?? (await promptLine('variable name (Enter for none): ')) ?? '';
  const text = showInput
    ? ((await promptLine('text to encrypt: ')) ?? '')
    : await promptHidden('text to encrypt', 'standard input');
  return { name: name === '' ? undefined : name, text, from: 'the interactive prompt' };
}

/** @param named what `--name` has beyond the texts: ansible-vault drops it, and the value would have no name */
function fromInput({ stdinName }: StringFlags, named: string | undefined): Given {
  if (process.stdin.isTTY)
    tellPeople('Reading standard input; Ctrl-D ends it, pressed twice if the text does not end with a line end');
  return { name: stdinName ?? named, text: readFileSync(0, 'utf8'), from: 'stdin' };
}

/** As ansible-vault indents it. */
function asYaml({ name, text }: Given, { tag, seal }: Sealer): string {
  const key = name === undefined ? '' : `${/^[A-Za-z_][\w.-]*$/.test(name) ? name : JSON.stringify(name)}: `;
  const lines = seal(Buffer.from(text)).trimEnd().split('\n');
  return [`${key}${tag} |`, ...lines.map((line) => `${' '.repeat(10)}${line}`)].join('\n');
}
