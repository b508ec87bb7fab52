/** The faults of one host with its playbook: prepared once, surveyed once, then chain after chain. */
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from '../../../src/sandbox/command.ts';
import { openFleet } from '../../../src/sandbox/state.ts';
import { Dice } from '../../support/dice.ts';
import { strikeInARow, type FaultResult } from './blows.ts';
import { FaultHost, type Ground } from './host.ts';
import { allOf, projectFolders, secretsOf, whole, writeProject, type JobSpec, type Section } from './jobs.ts';
import { readSurvey, stampOf, surveyText } from './kept-survey.ts';
import { whyNotFine } from './laws.ts';
import { startPlay, type Running } from './play-process.ts';
import { faultKey, faultsOf, nextRow, type Fault } from './schedule.ts';
import { survey, type Survey, type Surveyed, type SurveyedSection } from './survey.ts';

/** A fault that was tried. */
export interface Tried extends FaultResult {
  readonly job: string;
  readonly ground: Ground;
  readonly chain: number;
  readonly section: string;
  readonly steps: number;
}

export interface JobOptions {
  readonly root: string;
  readonly seed: number;
  readonly kinds: readonly string[];
  readonly ground: Ground;
  /** Only requests in which apt is at work. */
  readonly ofApt: boolean;
  /** Only the section whose name holds this. */
  readonly section: string | undefined;
  readonly say: (line: string) => void;
  /** Default: one of its own, which stays. */
  readonly fleet?: string;
  /** How often it is looked what happens without faults; default 2. */
  readonly surveys?: 1 | 2;
}

/** Hosts are at other work, of different disks, where apt is. */
export const fleetOf = ({ name }: JobSpec, { ofApt }: Pick<JobOptions, 'ofApt'>): string =>
  `faults-${ofApt ? 'apt-' : ''}${name}`;

export class Job implements Surveyed {
  readonly spec: JobSpec;
  readonly host: FaultHost;
  readonly ofApt: boolean;
  readonly #options: JobOptions;
  readonly #dir: string;
  readonly #env: NodeJS.ProcessEnv;
  readonly #sections: readonly Section[];
  readonly #fleet: string;

  private constructor(
    spec: JobSpec,
    options: JobOptions,
    dir: string,
    env: NodeJS.ProcessEnv,
    sections: readonly Section[],
    host: FaultHost,
    fleet: string,
  ) {
    this.spec = spec;
    this.ofApt = options.ofApt;
    this.#options = options;
    this.#dir = dir;
    this.#env = env;
    this.#sections = sections;
    this.host = host;
    this.#fleet = fleet;
  }

  /** The host with its grounds. What was made by an earlier run of the suite stays. */
  static async prepare(spec: JobSpec, options: JobOptions): Promise<Job> {
    const fleet = options.fleet ?? fleetOf(spec, options);
    const { directory, root: sandboxRoot } = openFleet(fleet);
    const dir = join(directory, 'project');
    const tagged = writeProject(options.root, spec, dir);
    const env = {
      ...process.env,
      PLAY_SANDBOX_FLEET: fleet,
      PLAY_SANDBOX_DIR: sandboxRoot,
      XDG_STATE_HOME: join(dir, '.state'),
    };
    // In the project, which declares stand-ins for what hosts cannot have.
    const enter = ['sh', '-c', 'cd "$1" && shift && exec "$@"', 'sh', dir];
    const sandbox = [join(options.root, 'play'), 'sandbox'];
    if (!FaultHost.isKept(fleet, spec.host)) {
      const started = await run([...enter, ...sandbox, 'start', spec.host], { env });
      if (started.code !== 0) throw new Error(started.stderr);
    }
    const host = new FaultHost(fleet, spec.host, () => secretsOf(dir));
    await host.raiseNetwork(sandbox);
    await host.keepFresh();
    const listed = await run(
      [...enter, join(options.root, 'play'), spec.playbook, '-l', spec.host, '--sandbox', '--list-tags'],
      { env },
    );
    const inUse = new Set(listed.stdout.match(/\w+/g));
    // Roles without a task for this host.
    const sections = tagged.filter(({ tag }) => inUse.has(tag)).map(({ name, tag }) => ({ name, args: ['-t', tag] }));
    const job = new Job(spec, options, dir, env, sections, host, fleet);
    if (options.ground === 'packages' && !job.host.isPrepared) await job.#layPackages();
    return job;
  }

  play(section: Section, more: readonly string[] = []): Running {
    return startPlay(this.#options.root, this.#dir, this.#env, [
      this.spec.playbook,
      '-l',
      this.spec.host,
      '--sandbox',
      ...section.args,
      ...more,
    ]);
  }

  /** The packages of the whole playbook, all at once, so that chains need not wait for apt. */
  async #layPackages(): Promise<void> {
    const { say } = this.#options;
    say(`${this.spec.name}: finding out which packages it installs`);
    await this.host.boot('fresh');
    const before = await this.#packages();
    const { code, output } = await this.play(whole).ended;
    if (code !== 0) throw new Error(`${this.spec.playbook} fails on a fresh host:\n${output.slice(-4000)}`);
    // The project's own start as soon as they are there: what their roles make first has to be first.
    const own = join(this.#dir, 'sandbox/packages');
    const late = [...before, ...(existsSync(own) ? readdirSync(own) : [])];
    const wanted = (await this.#packages()).filter((name) => !late.includes(name));
    say(`${this.spec.name}: installing ${wanted.length} packages`);
    await this.host.layPackages(
      `export DEBIAN_FRONTEND=noninteractive; apt-get update && apt-get install -y --no-install-recommends ${wanted.join(' ')}`,
    );
  }

  async #packages(): Promise<string[]> {
    const { stdout } = await this.host.exec(['dpkg-query', '-f', '${db:Status-Abbrev}${Package}\\n', '-W']);
    return stdout.split('\n').flatMap((line) => (line.startsWith('ii ') ? [line.slice(3).trim()] : []));
  }

  /** What happens without faults; of parts, or of the whole playbook at once. Kept until code or project change. */
  async survey(isWhole: boolean): Promise<Survey> {
    const { ground, root, say, section = '', surveys = 2 } = this.#options;
    // What comes behind the section that is asked for need not be run.
    const last = this.#sections.findLastIndex(({ name }) => name.includes(section));
    const sections = isWhole ? [whole] : this.#sections.slice(0, last + 1);
    const fileOf = (parts: string | number): string =>
      join(openFleet(this.#fleet).directory, `survey-${ground}-${parts}.json`);
    const file = fileOf(isWhole ? 'whole' : sections.length);
    const stamp = stampOf([
      join(root, 'dist/play.cjs'),
      ...projectFolders.map((name) => join(this.#dir, name)).filter((path) => existsSync(path)),
    ]);
    const kept = readSurvey(file, stamp);
    if (kept !== undefined) return kept;
    const ofAll = isWhole ? undefined : readSurvey(fileOf(this.#sections.length), stamp);
    if (ofAll !== undefined) return { ...ofAll, sections: ofAll.sections.slice(0, sections.length) };
    const begun = performance.now();
    const found = await survey(this, ground, sections, surveys);
    const steps = found.sections.reduce((sum, one) => sum + one.steps.length, 0);
    say(
      `${this.spec.name}: ${found.sections.length} parts, ${steps} requests, surveyed in ${((performance.now() - begun) / 1000).toFixed(0)} s`,
    );
    writeFileSync(file, surveyText(found, stamp));
    return found;
  }

  /** Of each section the faults that come next: of those that were not tried yet. */
  nextRows({ sections }: Survey, tried: readonly Tried[]): readonly (readonly Fault[])[] {
    const { kinds, seed, ofApt, ground, section: only } = this.#options;
    return sections.map((section, n) => {
      const { name } = section.section;
      if (only !== undefined && !name.includes(only)) return [];
      const mine = tried.filter((one) => one.job === this.spec.name && one.ground === ground && one.section === name);
      const done = new Set(mine.map(faultKey));
      const faults = faultsOf(section, kinds, ofApt, new Dice(seed * 1000 + n));
      return nextRow(
        section,
        faults.filter((one) => !done.has(faultKey(one))),
        ofApt,
      );
    });
  }

  /**
   * From a new disk through all sections, faults in each.
   *
   * @param rows of each section, none in those that are only run
   * @param chain its number, for those who read what came of it
   * @returns what came of each row
   */
  async *chain(
    { sections, unsteady }: Survey,
    rows: readonly (readonly Fault[])[],
    chain: number,
  ): AsyncGenerator<readonly Tried[]> {
    const { ground } = this.#options;
    const about = { job: this.spec.name, ground, chain };
    await this.host.boot(ground);
    for (const [n, section] of sections.entries()) {
      const row = rows[n] ?? [];
      if (row.length === 0) {
        await this.play(section.section).ended;
        continue;
      }
      const results = await strikeInARow({ job: this, ground, unsteady }, section, row);
      yield results.map((one) => ({ ...about, section: section.section.name, steps: section.steps.length, ...one }));
      // What is wrong here would be wrong in all that follows.
      if (results.some(({ wrong }) => wrong.length > 0)) await this.#bootAs(sections.slice(0, n + 1));
    }
    yield [{ ...about, section: whole.name, steps: 0, ...(await this.#lastRun(sections)) }];
  }

  /** After all faults nothing is left to do: told as a fault that struck nothing. */
  async #lastRun(done: readonly SurveyedSection[]): Promise<FaultResult> {
    const begun = performance.now();
    const { code, ...told } = await this.play(allOf(done.map(({ section }) => section))).ended;
    const wrong = whyNotFine({ code, ...told }, true);
    return {
      kind: 'none',
      step: 0,
      moment: 'after',
      delay: 0,
      nth: -1,
      number: 0,
      struck: false,
      request: '',
      code,
      wrong,
      told: wrong.length > 0 ? told.output : '',
      seconds: (performance.now() - begun) / 1000,
    };
  }

  /** A new disk after these sections, without faults. */
  async #bootAs(sections: readonly SurveyedSection[]): Promise<void> {
    await this.host.boot(this.#options.ground);
    for (const { section } of sections) await this.play(section).ended;
  }
}
