/** What OpenSSH's configuration says about a target, in its own words (`ssh -G`), with few starts of ssh. */
import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import type { Target } from './types.ts';

/** `ssh -G`: keyword in lower case -> its values, in order. */
export type SshConfig = ReadonlyMap<string, readonly string[]>;

/** What ssh said of a target. */
export interface Said {
  readonly config: SshConfig;
  /** In small letters, what its files and options may have set; undefined where that is not plain to see. */
  readonly keywords: ReadonlySet<string> | undefined;
}

interface Answer extends Said {
  /** Its files say the same of every other target. */
  readonly isOfAll: boolean;
}

/** A run asks for all its hosts at once; who runs for long (`play ui`, workers) has to see what was edited since. */
const keptFor = 10_000;

interface Asked {
  readonly until: number;
  /** Whom it was asked for, by the words it was asked with. */
  readonly words: string;
  readonly answer: Promise<Answer | undefined>;
}

const shared = new Map<string, Asked>();

/**
 * The configuration of a target. A start of ssh for each of five hundred hosts would take seconds: where nothing in the
 * files is about some hosts alone, the answer of the first host with the same options serves all.
 *
 * @returns undefined where there is no ssh client
 */
export async function readConfig(target: Target): Promise<Said | undefined> {
  const key = likeness(target);
  const known = shared.get(key);
  if (known === undefined || known.until < Date.now()) {
    const answer = ask(target);
    shared.set(key, { until: Date.now() + keptFor, words: wordsFor(target).join('\0'), answer });
    return await answer;
  }
  // What it was asked for may be what is wrong with it.
  const answer = await known.answer.catch(() => undefined);
  if (answer !== undefined && known.words === wordsFor(target).join('\0')) return answer;
  if (answer?.isOfAll !== true || !isPlain(target.address)) return await ask(target);
  return { ...answer, config: ofAnyHost(answer.config) };
}

let defaults: Promise<SshConfig | undefined> | undefined;

/** What differs from it was configured. */
export async function readDefaults(): Promise<SshConfig | undefined> {
  defaults ??= runSsh(['-F', 'none', '-G', '--', 'localhost']).then(
    (said) => said && parse(said.stdout),
    () => undefined,
  );
  return defaults;
}

/** The ssh options for what the target itself specifies: they override ssh's files, as on a command line. */
export function sshOptions(target: Target): string[] {
  const options = [...(target.sshArgs ?? [])];
  if (target.port !== undefined) options.push('-p', String(target.port));
  if (target.user !== undefined) options.push('-l', target.user);
  if (target.privateKeyFile !== undefined) options.push('-i', keyHere(target.privateKeyFile));
  if (target.hostKeyAlias !== undefined) options.push('-o', `HostKeyAlias=${target.hostKeyAlias}`);
  if (target.knownHostsFiles !== undefined) {
    options.push(
      '-o',
      `UserKnownHostsFile=${target.knownHostsFiles.join(' ')}`,
      '-o',
      'GlobalKnownHostsFile=/dev/null',
    );
  }
  if (target.acceptNewHostKeys === true) options.push('-o', 'StrictHostKeyChecking=accept-new');
  if (target.connectTimeout !== undefined) options.push('-o', `ConnectTimeout=${target.connectTimeout}`);
  return options;
}

/**
 * `ssh -i` ignores a file that does not exist; for a key that only the agent holds it takes the public half (ssh(1)).
 */
function keyHere(file: string): string {
  return !existsSync(file) && existsSync(`${file}.pub`) ? `${file}.pub` : file;
}

/** The same for targets that differ in address, port, user and host key alias alone: whoever reads the answer has these from the target. */
function likeness(target: Target): string {
  const { port, user, hostKeyAlias, ...others } = target;
  const isGiven = [port, user, hostKeyAlias].map((one) => one !== undefined);
  return JSON.stringify([isGiven, sshOptions(others)]);
}

/** -v tells which files were read. */
const wordsFor = (target: Target): string[] => [...sshOptions(target), '-v', '-G', '--', target.address];

async function ask(target: Target): Promise<Answer | undefined> {
  const said = await runSsh(wordsFor(target));
  if (said === undefined) return undefined;
  const config = parse(said.stdout);
  const files = [...said.stderr.matchAll(/^debug1: Reading configuration data (.+?)\r?$/gm)].map(
    ([, file = '']) => file,
  );
  const texts = files.map(textOf);
  const isOfAll = isPlain(target.address) && !namesHost(config, target.address) && !texts.some(namesSome);
  // Another ssh may not say what it reads.
  const isOpenSsh = said.stderr.startsWith('OpenSSH_');
  return { config, isOfAll, keywords: isOpenSsh ? keywordsOf(sshOptions(target), texts) : undefined };
}

const isPlain = (address: string): boolean => /^[\w.:-]+$/.test(address);

const ofHost = ['host', 'hostname'];

/** Whether some value hangs on which host it is: tokens (`%h`), names that are made canonical, a socket for each host. */
function namesHost(config: SshConfig, address: string): boolean {
  const isSet = (keyword: string, ...off: string[]): boolean =>
    !['none', 'no', 'false', ...off].includes(config.get(keyword)?.[0] ?? 'none');
  if (config.get('hostname')?.[0] !== address.toLowerCase()) return true;
  if (isSet('controlpath') || isSet('canonicalizehostname')) return true;
  return [...config].some(
    ([keyword, values]) =>
      !ofHost.includes(keyword) && values.some((value) => value.includes('%') || value.includes(address)),
  );
}

/** @returns undefined for what cannot be read */
function textOf(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

/** Whether a file has a part for some hosts alone. */
function namesSome(text: string | undefined): boolean {
  const parts = text?.matchAll(/^[ \t]*(host|match)\b[ \t=]*(.*?)[ \t\r]*$/gim);
  return (
    parts === undefined ||
    [...parts].some(([, keyword = '', whom = '']) =>
      keyword.toLowerCase() === 'host' ? whom !== '*' : whom.toLowerCase() !== 'all',
    )
  );
}

/** Options whose word after them sets none of what `keywordsOf` is for: port, user, key; `-F` names a file that is read. */
const settingNothing = new Set(['-p', '-l', '-i', '-F']);

function keywordsOf(
  options: readonly string[],
  texts: readonly (string | undefined)[],
): ReadonlySet<string> | undefined {
  const lines: (string | undefined)[] = [];
  for (let at = 0; at < options.length; at++) {
    const option = options[at] ?? '';
    if (option === '-o') lines.push(options[++at]);
    else if (option.startsWith('-o')) lines.push(option.slice(2));
    else if (settingNothing.has(option)) at++;
    else return undefined;
  }
  for (const text of texts) lines.push(...(text?.split('\n') ?? [undefined]));
  const keywords = new Set<string>();
  for (const line of lines) {
    if (line === undefined) return undefined;
    if (/^\s*(?:#|$)/.test(line)) continue;
    const keyword = /^\s*([a-z0-9]+)(?=[\s=])/i.exec(line)?.[1];
    if (keyword === undefined) return undefined;
    keywords.add(keyword.toLowerCase());
  }
  return keywords;
}

function ofAnyHost(config: SshConfig): SshConfig {
  return new Map([...config].filter(([keyword]) => !ofHost.includes(keyword)));
}

function parse(text: string): SshConfig {
  const config = new Map<string, string[]>();
  for (const line of text.split('\n')) {
    const space = line.indexOf(' ');
    if (space < 0) continue;
    const keyword = line.slice(0, space).toLowerCase();
    config.set(keyword, [...(config.get(keyword) ?? []), line.slice(space + 1).trim()]);
  }
  return config;
}

/** @returns undefined when there is no ssh client */
function runSsh(args: readonly string[]): Promise<{ readonly stdout: string; readonly stderr: string } | undefined> {
  return new Promise((done, fail) => {
    const child = execFile('ssh', args, { encoding: 'utf8' }, (error, stdout, stderr) => {
      if (error === null) done({ stdout, stderr });
      else if (error.code === 'ENOENT') done(undefined);
      else fail(new Error(withoutTrace(stderr) || error.message));
    });
    child.stdin?.end();
  });
}

/** The complaint without what -v tells beside it. */
function withoutTrace(stderr: string): string {
  return stderr
    .split('\n')
    .filter((line) => !/^(?:debug\d: |OpenSSH_)/.test(line))
    .join('\n')
    .trim();
}
