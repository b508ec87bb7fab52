import { nearest, type Location } from '../errors/index.ts';
import type { DeployerConfig } from './config.ts';
import { readIni, type IniEntry, type IniSection, type IniWord } from './ini.ts';

export interface Mistake {
  readonly what: string;
  readonly where: Location;
  readonly hint?: string;
}

const environmentKeys = ['badges_path', 'deb_packages', 'stages'];
const stagePrefix = 'stage:';
/** Debian policy 5.6.1; nothing that a program could take for an option. */
const packageName = /^[a-z0-9][a-z0-9+.-]+$/;
const stageName = /^[\w.-]+$/;
/** What ssh takes for a name or an address. */
const hostName = /^[A-Za-z0-9_][A-Za-z0-9_.:-]*$/;

/**
 * Makes a configuration of a file's text, with all that is wrong with it. With mistakes the configuration is not to be
 * used.
 */
export function checkConfig(
  text: string,
  file: string,
): { readonly config: DeployerConfig; readonly mistakes: readonly Mistake[] } {
  const { sections, mistakes: unread } = readIni(text);
  const check = new Check(file, sections);
  for (const { what, line, column, hint } of unread) check.mistake(what, { line, column }, hint);
  const places = new Map<string, IniWord>();
  const environment = check.section('environment', 'It names deb_packages and stages.');
  check.sectionNames();
  check.keys(environment, environmentKeys);
  const packages = check.words(environment, 'deb_packages', 'package', packageName);
  const stages = check
    .words(environment, 'stages', 'stage', stageName)
    .map((name) => ({ name: name.text, hosts: check.hostsOf(name, places) }));
  return {
    config: {
      file,
      packages: packages.map((one) => one.text),
      stages,
      badgesPath: check.badgesPath(environment),
      placeOf: (host) => ({
        file,
        ...(places.has(host) ? { line: places.get(host)?.line ?? 1, column: places.get(host)?.column ?? 1 } : {}),
      }),
    },
    mistakes: check.mistakes,
  };
}

class Check {
  readonly mistakes: Mistake[] = [];
  readonly #file: string;
  readonly #sections: readonly IniSection[];

  constructor(file: string, sections: readonly IniSection[]) {
    this.#file = file;
    this.#sections = sections;
  }

  mistake(what: string, at: { readonly line: number; readonly column?: number | undefined }, hint?: string): void {
    const where = { file: this.#file, line: at.line, ...(at.column === undefined ? {} : { column: at.column }) };
    this.mistakes.push({ what, where, ...(hint === undefined ? {} : { hint }) });
  }

  section(name: string, purpose: string): IniSection | undefined {
    const found = this.#sections.find((one) => one.name === name);
    if (!found)
      this.mistake(
        `There is no section [${name}]`,
        { line: 1 },
        this.#near(
          name,
          this.#sections.map((one) => one.name),
          purpose,
        ),
      );
    return found;
  }

  sectionNames(): void {
    for (const { name, line } of this.#sections) {
      if (name === 'environment' || name.startsWith(stagePrefix)) continue;
      this.mistake(
        `Unknown section [${name}]`,
        { line },
        this.#near(
          name,
          ['environment', ...this.#sections.map((one) => one.name).filter((one) => one.startsWith(stagePrefix))],
          'There are [environment] and [stage:NAME].',
        ),
      );
    }
  }

  keys(section: IniSection | undefined, known: readonly string[]): void {
    for (const { key, line } of section?.entries ?? []) {
      if (!known.includes(key))
        this.mistake(
          `Unknown setting "${key}" in [${section?.name ?? ''}]`,
          { line },
          this.#near(key, known, `It may hold ${known.join(', ')}.`),
        );
    }
  }

  /** The words of a setting that must be there. */
  words(section: IniSection | undefined, key: string, kind: string, pattern: RegExp): readonly IniWord[] {
    if (!section) return [];
    const entry = section.entries.find((one) => one.key === key);
    if (!entry) this.mistake(`[${section.name}] does not set ${key}`, section, `Write it below: ${key} = ...`);
    else if (entry.words.length === 0) this.mistake(`${key} names no ${kind}`, entry);
    return entry ? this.#good(entry, kind, pattern) : [];
  }

  #good({ words }: IniEntry, kind: string, pattern: RegExp): readonly IniWord[] {
    // Nothing behind a # is looked at: one mistake, not one a word.
    const comment = words.findIndex(({ text }) => /^[#;]/.test(text));
    const remark = words[comment];
    if (remark) this.mistake('A comment needs a line of its own', remark, 'After a value it is read as part of it.');
    const seen = new Map<string, IniWord>();
    return words.slice(0, comment < 0 ? undefined : comment).filter((word) => {
      const before = seen.get(word.text);
      if (before)
        this.mistake(`The ${kind} "${word.text}" is named twice`, word, `The first is in line ${before.line}.`);
      else if (!pattern.test(word.text))
        this.mistake(`"${word.text}" is not a ${kind} name`, word, this.#whyNot(word.text, kind));
      seen.set(word.text, word);
      return !before;
    });
  }

  #whyNot(text: string, kind: string): string | undefined {
    if (text.includes(',')) return 'Names are separated by spaces.';
    if (text.includes('%')) return 'Values are taken literally: %(name)s is not replaced.';
    return kind === 'host' && text.includes('@')
      ? 'The user belongs in the inventory (ansible_user), in ~/.ssh/config, or after -u.'
      : undefined;
  }

  hostsOf(stage: IniWord, places: Map<string, IniWord>): string[] {
    const name = `${stagePrefix}${stage.text}`;
    const section = this.#sections.find((one) => one.name === name);
    if (!section) {
      const known = this.#sections.flatMap((one) =>
        one.name.startsWith(stagePrefix) ? [one.name.slice(stagePrefix.length)] : [],
      );
      this.mistake(
        `The stage "${stage.text}" has no section [${name}]`,
        stage,
        this.#near(stage.text, known, 'Write it, with its hosts = ...'),
      );
      return [];
    }
    this.keys(section, ['hosts']);
    const hosts = this.words(section, 'hosts', 'host', hostName);
    for (const host of hosts) {
      const elsewhere = places.get(host.text);
      // Two stages on one machine would be one: what is tried out there is live.
      if (elsewhere)
        this.mistake(
          `The host "${host.text}" is in two stages`,
          host,
          `It is named in line ${elsewhere.line} already.`,
        );
      else places.set(host.text, host);
    }
    return hosts.map((one) => one.text);
  }

  badgesPath(section: IniSection | undefined): string | undefined {
    const entry = section?.entries.find((one) => one.key === 'badges_path');
    if (!entry) return undefined;
    const [word, more] = entry.words;
    if (!word) this.mistake('badges_path is empty', entry);
    else if (more) this.mistake('badges_path is one path, without spaces', more);
    else if (!/^\/[^\0]*[^/]$/.test(word.text) || /\/\.\.?(\/|$)/.test(word.text))
      this.mistake(`badges_path must be an absolute path of a folder, not "${word.text}"`, word);
    return word?.text;
  }

  #near(name: string, known: readonly string[], otherwise: string): string {
    const close = nearest(name, known);
    return close.length > 0 ? `Did you mean ${close.map((one) => `"${one}"`).join(' or ')}?` : otherwise;
  }
}
