import { basename } from 'node:path';
import { PlayError } from '../errors/index.ts';

/** The command line as it was typed, fit to be kept and to be shown to others. */

const names = '[\\w.-]*(?:pass|pwd|secret|token|credential|apikey|api_key|private_key)[\\w.-]*';
const assigned = new RegExp(`(^|[\\s,;&?{])(${names})=("[^"]*"|'[^']*'|[^\\s&;]+)`, 'gi');
const inJson = new RegExp(`(["']${names}["']\\s*:\\s*)("(?:[^"\\\\]|\\\\.)*"|'[^']*'|[^,}\\s]+)`, 'gi');

const inAddress = /(\b[a-z][a-z0-9+.-]*:\/\/[^/\s:@]*:)[^@\s]+@/gi;

/**
 * Arguments with the values of what is called a password, secret or token masked. Options that name files stay.
 *
 * @example maskArguments(['site', '-e', 'db_password=x port=1'])  // ['site', '-e', 'db_password=******** port=1']
 */
export function maskArguments(args: readonly string[]): string[] {
  return args.map((arg) => {
    const [, option = '', rest = arg] = /^(--[\w-]+=)([\s\S]*)$/.exec(arg) ?? [];
    return (
      option + rest.replace(assigned, '$1$2=********').replace(inJson, '$1"********"').replace(inAddress, '$1********@')
    );
  });
}

/**
 * Arguments that mean these hosts and no others, whatever they were limited to.
 *
 * @example limitedTo(['site', '-Cl', 'web', '-D'], ['web2', 'web3'])  // ['site', '-C', '-D', '-l', 'web2,web3']
 */
export function limitedTo(args: readonly string[], hosts: readonly string[]): string[] {
  const kept: string[] = [];
  for (let i = 0; i < args.length; i++) {
    const arg = args[i] ?? '';
    const [, before] = /^-([A-Za-z]*)l$/.exec(arg) ?? [];
    if (before !== undefined || arg === '--limit') i++;
    if (before) kept.push(`-${before}`);
    if (before === undefined && !/^--limit(?:=|$)|^-l./.test(arg)) kept.push(arg);
  }
  return [...kept, '-l', hosts.join(',')];
}

/** What was typed, quoted where a shell wants it; a program that uses play is told by its own name. */
export function commandLine([, program = '', ...args]: readonly string[] = process.argv): string {
  return shellWords([basename(program).replace(/^play\.cjs$/, 'play'), ...maskArguments(args)]);
}

/** Words as they can be pasted into a shell. */
export function shellWords(words: readonly string[]): string {
  return words
    .map((word) => (/^[\w@%+=:,./^-][\w@%+=:,./~^-]*$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`))
    .join(' ');
}

const maskedValue = new RegExp(`(?:^|[\\s,;&?{])(${names})=["']?\\*{8}(?=["'\\s&;,]|$)`, 'i');
const maskedInJson = new RegExp(`["'](${names})["']\\s*:\\s*["']\\*{8}["']`, 'i');

/**
 * Commands are printed with secrets masked. Pasted, such a line would make the mask the secret.
 *
 * @throws PlayError naming what has to be given again
 */
export function refuseMasked(args: readonly string[]): void {
  for (const arg of args) {
    const name = (maskedValue.exec(arg) ?? maskedInJson.exec(arg))?.[1];
    if (name === undefined) continue;
    throw new PlayError(`${name} is ********, which is the mask of a secret and not the secret`, {
      hint: 'Printed commands do not have secrets in them: put the value back in.',
    });
  }
}
