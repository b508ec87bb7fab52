import { UnreadShell, readScript, type Command, type Script } from '../../../../formats/shell/index.ts';
import { call, type Caller, type Ending } from './call.ts';
import { negated } from './conditions.ts';
import { expandFields, expandText, matches, type Field, type Values } from './expand.ts';
import { outputOf } from './output.ts';
import type { Verdict, World } from './world.ts';

/** How a script is called: `postinst configure` and an empty version for a first installation (deb-postinst(5)). */
export interface Invocation {
  readonly package: string;
  readonly script: 'preinst' | 'postinst';
}

/**
 * Follows an installation script as it will run in a first installation, as far as its text tells: conditions are
 * worked out from what is known of the host, and where they cannot be, both ways are followed and what is done there
 * is a guess. Nothing is run. It is taken to succeed, as the installation fails otherwise.
 */
export function followScript(text: string, invocation: Invocation, world: World): void {
  // Others than sh cannot be read; dpkg runs what says nothing by sh.
  if (text.trim() === '') return;
  if (!/^#!\s*\/(?:usr\/)?bin\/(?:sh|dash|bash)\b/.test(text)) return world.blur();
  try {
    new Follower(invocation, world).run(readScript(text));
  } catch (error) {
    if (!(error instanceof UnreadShell)) throw error;
    world.blur();
  }
}

const longestLoop = 500;
const deepest = 40;

class Follower implements Values, Caller {
  readonly world: World;
  positional: readonly (string | undefined)[];
  readonly #invocation: Invocation;
  #variables: Map<string, string | undefined>;
  readonly #functions = new Map<string, Command>();
  #isCertain = true;
  /** It may have ended before. */
  #mayBeOver = false;
  #ending: Ending | undefined;
  #depth = 0;
  #temporary = 0;

  constructor(invocation: Invocation, world: World) {
    this.#invocation = invocation;
    this.world = world;
    this.positional = [invocation.script === 'preinst' ? 'install' : 'configure', ''];
    this.#variables = new Map([
      // dpkg(1): the root that is installed to, empty for the host itself.
      ['DPKG_ROOT', ''],
      ['DPKG_MAINTSCRIPT_PACKAGE', invocation.package],
      ['DPKG_MAINTSCRIPT_NAME', invocation.script],
    ]);
  }

  get isSure(): boolean {
    return this.#isCertain && !this.#mayBeOver;
  }

  run(script: Script): Verdict {
    let verdict: Verdict = true;
    for (const command of script) {
      verdict = this.#execute(command);
      if (this.#ending !== undefined) break;
    }
    return verdict;
  }

  variable(name: string): string | undefined {
    if (/^[1-9]\d*$/.test(name)) {
      const at = Number(name) - 1;
      return at < this.positional.length ? this.positional[at] : '';
    }
    if (name === '#') return String(this.positional.length);
    if (name === '@' || name === '*')
      return this.positional.every((one) => one !== undefined) ? this.positional.join(' ') : undefined;
    if (name === '0') return `/var/lib/dpkg/info/${this.#invocation.package}.${this.#invocation.script}`;
    if (this.#variables.has(name)) return this.#variables.get(name);
    // What dpkg and the environment set; all else is unset.
    return /^(?:[?!$-]|DPKG_\w+|DEBCONF_\w+|DEBIAN_\w+|PATH|HOME|USER|LANG|LC_\w+|TERM|TMPDIR|PWD|SHELL|IFS|OPTARG|RET)$/.test(
      name,
    )
      ? undefined
      : '';
  }

  assign(name: string, value: string | undefined): void {
    this.#variables.set(name, value);
  }

  unset(name: string): void {
    this.#variables.delete(name);
  }

  /** A file of mktemp(1): nobody else knows of it. */
  temporaryFile(): string {
    return `${temporaryFolder}${++this.#temporary}`;
  }

  /** From here on nothing is sure. */
  lose(): void {
    this.#mayBeOver = true;
  }

  end(ending: Ending): void {
    this.#ending = ending;
  }

  output(script: Script): string | undefined {
    const known = outputOf(script, this);
    if (known === undefined) this.#inSubshell(() => this.run(script));
    return known;
  }

  fields(command: Extract<Command, { readonly is: 'simple' }>): Field[] {
    return command.words.flatMap((word) => expandFields(word, this));
  }

  #execute(command: Command): Verdict {
    switch (command.is) {
      case 'simple':
        return this.#simple(command);
      case 'pipeline':
        return this.#pipeline(command.parts);
      case 'not':
        return negated(this.#execute(command.command));
      case 'and':
      case 'or': {
        const left = this.#execute(command.left);
        if (this.#ending !== undefined) return left;
        if (left === undefined) return this.#perhaps(() => this.#execute(command.right));
        return left === (command.is === 'and') ? this.#execute(command.right) : left;
      }
      case 'if':
        return this.#if(command.branches, command.otherwise);
      case 'case':
        return this.#case(command);
      case 'for':
        return this.#for(command);
      case 'loop':
        return this.#perhaps(() => {
          this.run(command.condition);
          if (this.#ending === undefined) this.run(command.body);
          return undefined;
        });
      case 'group':
        return this.run(command.body);
      case 'subshell':
        return this.#inSubshell(() => this.run(command.body));
      case 'function':
        this.#functions.set(command.name, command.body);
        return true;
    }
  }

  /** What is done there is a guess, and what it leaves is known only where it is as before. */
  #perhaps(body: () => Verdict): undefined {
    const before = this.#variables;
    const wasCertain = this.#isCertain;
    this.#variables = new Map(before);
    this.#isCertain = false;
    body();
    const ending = this.#ending;
    this.#ending = undefined;
    const after = this.#variables;
    this.#variables = before;
    this.#isCertain = wasCertain;
    if (ending === 'fail') return undefined;
    if (ending === 'exit') this.#mayBeOver = true;
    // Where it may end the round of a loop or a function, the rest of that is a guess.
    else if (ending !== undefined) this.#isCertain = false;
    for (const name of new Set([...before.keys(), ...after.keys()]))
      if (!before.has(name) || !after.has(name) || before.get(name) !== after.get(name)) before.set(name, undefined);
    return undefined;
  }

  #if(
    [first, ...others]: readonly { readonly condition: Script; readonly body: Script }[],
    otherwise: Script,
  ): Verdict {
    if (first === undefined) return this.run(otherwise);
    const verdict = this.run(first.condition);
    if (this.#ending !== undefined || verdict === true)
      return this.#ending === undefined ? this.run(first.body) : verdict;
    if (verdict === false) return this.#if(others, otherwise);
    this.#perhaps(() => this.run(first.body));
    return this.#perhaps(() => this.#if(others, otherwise));
  }

  #case({ word, branches }: Extract<Command, { readonly is: 'case' }>): Verdict {
    const text = expandText(word, this);
    let mayBeEarlier = false;
    for (const { patterns, body } of branches) {
      const known = patterns.map((pattern) => expandText(pattern, this));
      const isUnknown = text === undefined || known.includes(undefined);
      const isMatch = text !== undefined && known.some((one) => one !== undefined && matches(text, one));
      if (isMatch && !mayBeEarlier) return this.run(body);
      if (!isMatch && !isUnknown) continue;
      this.#perhaps(() => this.run(body));
      if (isMatch) return undefined;
      mayBeEarlier = true;
    }
    return mayBeEarlier ? undefined : true;
  }

  #for({ name, words, body }: Extract<Command, { readonly is: 'for' }>): Verdict {
    const fields =
      words === undefined
        ? this.positional.map((text) => ({ text, isPattern: false }))
        : words.flatMap((word) => expandFields(word, this));
    if (fields.length > longestLoop || fields.some((one) => one.text === undefined || one.isPattern)) {
      return this.#perhaps(() => {
        this.assign(name, undefined);
        return this.run(body);
      });
    }
    const wasCertain = this.#isCertain;
    for (const { text } of fields) {
      this.assign(name, text);
      this.run(body);
      this.#isCertain &&= wasCertain;
      if (this.#ending === 'break') break;
      if (this.#ending === 'continue') this.#ending = undefined;
      if (this.#ending !== undefined) return undefined;
    }
    if (this.#ending === 'break') this.#ending = undefined;
    this.#isCertain = wasCertain;
    return undefined;
  }

  #pipeline(parts: readonly Command[]): Verdict {
    const last = parts.at(-1);
    const input = outputOf([{ is: 'pipeline', parts: parts.slice(0, -1) }], this);
    let verdict: Verdict;
    for (const part of parts) verdict = this.#inSubshell(() => this.#execute(part));
    const words = last?.is === 'simple' ? this.fields(last).map((one) => one.text) : [];
    return words[0] === 'grep' ? greps(words, input) : verdict;
  }

  #inSubshell(body: () => Verdict): Verdict {
    const [before, positional, certain] = [this.#variables, this.positional, this.#isCertain];
    this.#variables = new Map(before);
    const verdict = body();
    this.#variables = before;
    this.positional = positional;
    this.#isCertain = certain;
    this.#ending = undefined;
    return verdict;
  }

  #simple(command: Extract<Command, { readonly is: 'simple' }>): Verdict {
    const fields = this.fields(command);
    for (const { operator, target } of command.redirections) this.#redirect(operator, expandText(target, this));
    if (fields.length === 0) {
      for (const { name, value } of command.assignments) this.assign(name, expandText(value, this));
      const isPlain = command.assignments.every(({ value }) => value.every((part) => part.is !== 'output'));
      return isPlain ? true : undefined;
    }
    const own = this.#functions.get(fields[0]?.text ?? '');
    return own === undefined ? call(fields, this) : this.#callOwn(own, fields);
  }

  #redirect(operator: string, target: string | undefined): void {
    if (!operator.startsWith('>') || operator === '>&') return;
    if (target !== undefined && target.startsWith('/') && !target.startsWith('/dev/'))
      this.world.does({ do: 'file', path: target, isEmpty: false }, this.isSure);
  }

  #callOwn(body: Command, [, ...args]: readonly Field[]): Verdict {
    if (this.#depth >= deepest) {
      this.lose();
      return undefined;
    }
    const [positional, certain] = [this.positional, this.#isCertain];
    this.positional = args.map((one) => (one.isPattern ? undefined : one.text));
    this.#depth++;
    const verdict = this.#execute(body);
    this.#depth--;
    this.positional = positional;
    this.#isCertain = certain;
    if (this.#ending === 'return') {
      this.#ending = undefined;
      return undefined;
    }
    return verdict;
  }
}

/** grep(1) for a word. */
function greps([, ...args]: readonly (string | undefined)[], input: string | undefined): Verdict {
  if (input === '') return false;
  const [pattern, ...more] = args.filter((one) => one === undefined || !one.startsWith('-'));
  const flags = args.filter((one) => one?.startsWith('-')).join('');
  if (input === undefined || pattern === undefined || more.length > 0 || !/^(?:-[qw]+)*$/.test(flags)) return undefined;
  if (!/^[\w-]+$/.test(pattern)) return undefined;
  return new RegExp(flags.includes('w') ? `(?<![\\w])${pattern}(?![\\w])` : pattern).test(input);
}

/** Where files of mktemp(1) are put here: a folder that cannot be on a host. */
export const temporaryFolder = '/tmp/.of-installation-scripts/';
