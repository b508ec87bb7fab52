import { isDebianMade, isGround } from './debian-made.ts';
import type { Declared } from './declared.ts';
import type { Survey, SurveyedUnit } from './survey.ts';

/** What a host has that no playbook declares. */
export interface Unmanaged {
  /** What it does: it runs, listens, is scheduled, is a package, or lies changed in /etc. */
  readonly kind: 'runs' | 'listens' | 'scheduled' | 'package' | 'changed';
  readonly what: string;
  /** What is known of it. */
  readonly detail: string;
}

export const unmanagedKinds = ['runs', 'listens', 'scheduled', 'package', 'changed'] as const;

/** Compares a host with what its playbooks say of it. What Debian itself makes is no finding. */
export function findUnmanaged(survey: Survey, declared: Declared): Unmanaged[] {
  const view = new View(survey, declared);
  return [...view.runs(), ...view.listens(), ...view.scheduled(), ...view.packages(), ...view.changed()];
}

class View {
  readonly #survey: Survey;
  readonly #declared: Declared;
  /** Packages that are there for a reason: what is declared, what Debian is made of, and what these need. */
  readonly #explained: ReadonlySet<string>;
  /** Units that nobody declared, by all of their names. */
  readonly #strange: ReadonlyMap<string, SurveyedUnit>;

  constructor(survey: Survey, declared: Declared) {
    this.#survey = survey;
    this.#declared = declared;
    this.#explained = explainedPackages(survey, declared);
    this.#strange = new Map(
      survey.units.filter((unit) => !this.#isKnown(unit)).flatMap((unit) => unit.names.map((name) => [name, unit])),
    );
  }

  runs(): Unmanaged[] {
    const units = [...new Set(this.#strange.values())].filter(({ names }) => !names[0]?.endsWith('.timer'));
    return [
      ...units.map((unit): Unmanaged => ({ kind: 'runs', what: unit.names[0] ?? '', detail: this.#detailOf(unit) })),
      ...this.#survey.containers
        .filter(({ name }) => !this.#declared.containers.has(name))
        .map(({ name, image }): Unmanaged => ({ kind: 'runs', what: `container ${name}`, detail: image })),
      ...this.#survey.left.map(({ pid, user, program }): Unmanaged => ({
        kind: 'runs',
        what: program,
        detail: `process ${pid} of ${user}, left behind by a login`,
      })),
    ];
  }

  listens(): Unmanaged[] {
    return this.#survey.listeners
      .filter(
        ({ unit }) => unit === '' || this.#strange.has(unit) || /^(?:session-.*\.scope|user@\d+\.service)$/.test(unit),
      )
      .map(({ address, program, unit }) => ({
        kind: 'listens',
        what: address,
        detail:
          program === ''
            ? 'the kernel, or a process that is not seen'
            : `${program}${unit === '' ? '' : ` of ${unit}`}`,
      }));
  }

  scheduled(): Unmanaged[] {
    const timers = [...new Set(this.#strange.values())].filter(({ names }) => names[0]?.endsWith('.timer'));
    return [
      ...timers.map((unit): Unmanaged => ({
        kind: 'scheduled',
        what: unit.names[0] ?? '',
        detail: this.#detailOf(unit),
      })),
      ...this.#survey.crontabs.flatMap(({ user, lines }) =>
        lines.flatMap((line, i): Unmanaged[] => {
          if (/^\s*(?:#|$)/.test(line) || /^[ \t]*["']?[A-Za-z_]\w*["']?[ \t]*=/.test(line)) return [];
          const [, name] = /^#Ansible: (.*)$/.exec(lines[i - 1] ?? '') ?? [];
          if (name !== undefined && this.#declared.jobs.has(`${user} ${name}`)) return [];
          return [{ kind: 'scheduled', what: `crontab of ${user}`, detail: line.trim() }];
        }),
      ),
      ...this.#strangeFiles()
        .filter(({ path }) => isSchedule(path))
        .map(({ path, written }): Unmanaged => ({ kind: 'scheduled', what: path, detail: fileDetail(written) })),
    ];
  }

  packages(): Unmanaged[] {
    return this.#survey.packages
      .filter(({ name }) => this.#survey.manual.has(name) && !this.#explained.has(name))
      .map(({ name }) => ({ kind: 'package', what: name, detail: 'installed by hand' }));
  }

  changed(): Unmanaged[] {
    const owner = (path: string): string => this.#survey.owned.get(path) ?? 'its package';
    return [
      ...this.#survey.changed
        .filter((path) => !this.#isDeclared(path) && !isDebianMade(path))
        .map((path): Unmanaged => ({ kind: 'changed', what: path, detail: `not as ${owner(path)} brought it` })),
      ...this.#survey.removed
        .filter((path) => !this.#isDeclared(path))
        .map((path): Unmanaged => ({
          kind: 'changed',
          what: path,
          detail: `removed, though ${owner(path)} brought it`,
        })),
      ...this.#strangeFiles()
        .filter(({ path }) => !isSchedule(path))
        .map(({ path, written, target }): Unmanaged => ({
          kind: 'changed',
          what: path,
          detail: target === undefined ? fileDetail(written) : `a link of no package, to ${target}`,
        })),
    ];
  }

  #strangeFiles(): Survey['etc'] {
    // The unit of a file is told once: where it runs.
    const files = new Set([...this.#strange.values()].map(({ file }) => file));
    return this.#survey.etc.filter(
      ({ path, target }) =>
        !this.#survey.owned.has(path) &&
        !this.#isDeclared(path) &&
        !isDebianMade(path) &&
        !files.has(path) &&
        !isUnitLink(path, target),
    );
  }

  #isDeclared(path: string): boolean {
    const { paths, trees } = this.#declared;
    return (
      paths.has(path) ||
      [...trees].some((tree) => path === tree || path.startsWith(`${tree}/`)) ||
      isDropIn(path, paths)
    );
  }

  #isKnown({ names, file }: SurveyedUnit): boolean {
    const { units } = this.#declared;
    const templates = names.map((name) => name.replace(/@[^.]*\./, '@.'));
    // A service is known where its timer or socket is.
    const starters = names.map((name) => name.replace(/\.service$/, ''));
    if ([...names, ...templates].some((name) => units.has(name))) return true;
    if (starters.some((name) => units.has(`${name}.timer`) || units.has(`${name}.socket`))) return true;
    // What systemd makes while it runs: of fstab, of logins.
    if (file === '' || file.startsWith('/run/')) return true;
    const owner = this.#packageOf(file);
    return owner === undefined ? this.#isDeclared(file) : this.#explained.has(owner);
  }

  #packageOf(file: string): string | undefined {
    return (
      this.#survey.owned.get(file) ??
      this.#survey.owned.get(`/usr${file}`) ??
      this.#survey.owned.get(file.replace(/^\/usr/, ''))
    );
  }

  #detailOf({ active, enabled, file, user }: SurveyedUnit): string {
    const owner = this.#packageOf(file);
    const origin = owner === undefined ? `${file}, of no package` : `of the package ${owner}`;
    return [active, enabled, user === '' ? '' : `as ${user}`, origin].filter((part) => part !== '').join(', ');
  }
}

const isSchedule = (path: string): boolean =>
  /^\/etc\/(?:cron\.(?:d|hourly|daily|weekly|monthly)\/|crontab$|anacrontab$)/.test(path);

/** What systemctl makes: another name of a packaged unit, or a mask. */
function isUnitLink(path: string, target = ''): boolean {
  return path.startsWith('/etc/systemd/') && /^(?:\/dev\/null$|(?:\/usr)?\/lib\/systemd\/)/.test(target);
}

/** A drop-in of a unit, or a file of a folder, whose own path is declared without its ending. */
function isDropIn(path: string, paths: ReadonlySet<string>): boolean {
  return /\.d\/[^/]+\.conf$/.test(path) && paths.has(path.replace(/\.conf$/, ''));
}

const fileDetail = (written: number): string =>
  `a file of no package, last written ${new Date(written * 1000).toISOString().slice(0, 16).replace('T', ' ')} UTC`;

function explainedPackages({ packages }: Survey, declared: Declared): Set<string> {
  const byName = new Map<string, Survey['packages'][number][]>();
  for (const one of packages)
    for (const name of [one.name, ...one.provides]) byName.set(name, [...(byName.get(name) ?? []), one]);
  const explained = new Set<string>();
  const queue = packages
    .filter(
      ({ name, priority }) =>
        ['required', 'important', 'standard'].includes(priority) || isGround(name) || declared.packages.has(name),
    )
    .map(({ name }) => name);
  queue.push(...declared.packages);
  for (let name = queue.pop(); name !== undefined; name = queue.pop())
    for (const one of byName.get(name) ?? []) {
      if (explained.has(one.name)) continue;
      explained.add(one.name);
      queue.push(...one.needs);
    }
  return explained;
}
