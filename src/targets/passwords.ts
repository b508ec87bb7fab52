import { accessSync, constants, statSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Target } from '../connection/index.ts';
import { PlayError } from '../errors/index.ts';
import { hasTerminal, promptHidden } from '../operator/prompt.ts';
import type { ConnectionFlags } from '../options/connection-flags.ts';
import { Secret, secretFromCommand, secretFromFile } from '../secrets/index.ts';
import { requireTrusted } from '../trust/index.ts';

/** The become password of the command line: from a file, from a program, or typed once for all hosts. */
async function becomePassword(flags: ConnectionFlags, otherwise: string): Promise<Secret | undefined> {
  const { becomePasswordFile: file, askBecomePass: isAsked } = flags;
  return await passwordFrom({
    what: 'become password',
    otherwise,
    file,
    isAsked,
    ask: '-K',
    fileOption: '--become-password-file',
  });
}

/** The password to log in with, in the same three ways. */
async function loginPassword(flags: ConnectionFlags): Promise<Secret | undefined> {
  const { connectionPasswordFile: file, askPass: isAsked } = flags;
  return await passwordFrom({
    what: 'login password',
    otherwise: '',
    file,
    isAsked,
    ask: '-k',
    fileOption: '--connection-password-file',
  });
}

/** Both, in Ansible's order; an empty answer to the second question means the same one again, as it does there. */
export async function runPasswords(
  flags: ConnectionFlags,
): Promise<{ readonly login: Secret | undefined; readonly become: Secret | undefined }> {
  const login = await loginPassword(flags);
  const become = await becomePassword(flags, login === undefined ? '' : ' [the login password]');
  return { login, become: become?.expose() === '' ? login : become };
}

interface PasswordSource {
  readonly what: string;
  /** What an empty answer means, for the question. */
  readonly otherwise: string;
  readonly file: string | undefined;
  readonly isAsked: boolean;
  readonly ask: string;
  readonly fileOption: string;
}

async function passwordFrom({
  what,
  otherwise,
  file,
  isAsked,
  ask,
  fileOption,
}: PasswordSource): Promise<Secret | undefined> {
  if (file !== undefined) {
    if (isAsked) throw new PlayError(`${ask} and ${fileOption} both give the ${what}`, { hint: 'Use one of them.' });
    const path = resolve(file);
    requireTrusted(path);
    const password = isProgram(path) ? secretFromCommand([path]) : secretFromFile(path);
    if (password.expose() === '') throw new PlayError(`The ${what} is empty`, { where: { file: path } });
    return password;
  }
  if (!isAsked) return undefined;
  return new Secret(await promptHidden(`${what}${otherwise}`, `${fileOption} FILE`), `the ${what} typed in`);
}

/** How often a passphrase may be mistyped: as ssh. */
const TRIES = 3;

/**
 * Asks for the passphrase of a private key, one question at a time. Undefined without a terminal, or when none was
 * right.
 */
export function passphraseAsker(): NonNullable<Target['passphrase']> {
  let last: Promise<unknown> = Promise.resolve();
  return (file, isRight) => {
    const answer = last.then(async () => {
      if (!hasTerminal()) return undefined;
      for (let tries = 0; tries < TRIES; tries++) {
        const typed = await promptHidden(`${tries === 0 ? '' : 'That was not it, '}passphrase of ${file}`, 'ssh-add');
        if (typed === '') return undefined;
        if (isRight(typed)) return typed;
      }
      return undefined;
    });
    last = answer.catch(() => undefined);
    return answer;
  };
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
