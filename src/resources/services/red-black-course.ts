import { createHash } from 'node:crypto';
import {
  predict,
  settled,
  type Change,
  type Found,
  type Plan,
  type Prediction,
  type Step,
  type Subject,
  type Validation,
} from '../../contract/index.ts';
import { utf8 } from '../../formats/text-bytes.ts';
import { content, sha256, stat, type Unit } from '../../probes/index.ts';
import { planFile } from '../kit/file-content.ts';
import { nftTable } from './nft.probe.ts';
import { planTable } from './nftables.ts';
import { carryOut, type Phase } from './red-black-run.ts';
import {
  bothColours,
  otherThan,
  toldDrain,
  toldHealth,
  type Colour,
  type Instance,
  type RedBlackResult,
  type Wanted,
} from './red-black-wanted.ts';
import { lastChange, unitTimes } from './red-black.probe.ts';
import { disable, operate } from './systemd-steps.ts';
import { planUnit, type WantedUnit } from './systemd.ts';
import { runs } from './units/followers.ts';
import { foreseenUnit } from './units/foreseen-unit.ts';

/** What of an instance decides who shall be live. */
interface State {
  readonly unit: Unit;
  readonly runs: boolean;
  /** Why it is not of this release, or not all of it; undefined where it is. */
  readonly outdated: string | undefined;
  /** Its own files hold what they shall. */
  readonly hasFiles: boolean;
}
type States = Readonly<Record<Colour, State>>;

/** Plans the way from what is found to one instance that is live, is of this release, and runs alone. */
export function planCourse(wanted: Wanted, found: Found): Plan<RedBlackResult> {
  const states: States = { red: stateOf('red', wanted, found), black: stateOf('black', wanted, found) };
  const live = liveOf(wanted, states, found);
  const target = wanted.rollback ? afterRollback(live, wanted, states, found) : liveAfter(live, wanted, states, found);
  const course = new Course(wanted, found, states, live);
  return course.to(target);
}

function stateOf(colour: Colour, { reads, ...wanted }: Wanted, found: Found): State {
  const { unit: name, files } = wanted[colour];
  const now = foreseenUnit(name, found);
  const times = unitTimes(name);
  for (const path of reads)
    found.presume(found.get(stat(path)).type !== 'absent', {
      failure: `there is no ${path}, which ${name} reads according to \`reads\``,
      by: 'changes',
      assume: `${path} is there`,
    });
  const other = files.find((file) => found.get(sha256(file.path)) !== hashOf(file.content));
  const started = found.get(times).started;
  const newer = runs(now)
    ? reads.find((path) => found.outdated(lastChange(path)) || found.get(lastChange(path)) > started)
    : undefined;
  const isUnitNewer = runs(now) && (found.outdated(times) || found.get(times).files > started);
  return {
    unit: now,
    runs: runs(now),
    hasFiles: other === undefined,
    outdated:
      other !== undefined
        ? `${other.path} differs`
        : newer !== undefined
          ? `${newer} is newer than ${name}`
          : isUnitNewer
            ? `the unit file of ${name} is newer than the running process`
            : undefined,
  };
}

const hashOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** Who the pointer leads to. What it holds may be of an earlier playbook; then the port in it tells, or who runs. */
function liveOf(wanted: Wanted, states: States, found: Found): Colour | undefined {
  const { pointer } = wanted;
  const text = pointer.by === 'file' ? textOf(pointer.file, found) : tableOf(pointer.tables.red.table, found);
  if (pointer.by === 'file') {
    const exact = bothColours.find((colour) => pointer.texts[colour] === text);
    if (exact !== undefined) return exact;
  }
  const named = bothColours.filter((colour) => new RegExp(`(?<![\\d.])${wanted[colour].port}(?!\\d)`).test(text));
  const running = bothColours.filter((colour) => states[colour].runs);
  const [one, ...more] = named.length === 1 ? named : running;
  found.require(more.length === 0, {
    failure: `it is unclear which of ${wanted.red.unit} and ${wanted.black.unit} is live: both run, and ${pointer.by === 'file' ? pointer.file : `the table ${pointer.tables.red.table}`} names neither`,
    hint: 'Stop the one that has no clients.',
  });
  return one;
}

function textOf(file: string, found: Found): string {
  const answer = found.get(content(file));
  return 'bytes' in answer ? utf8.decode(answer.bytes) : '';
}

function tableOf(table: string, found: Found): string {
  const answer = found.get(nftTable(table));
  return answer.is === 'table' ? answer.text : '';
}

function liveAfter(live: Colour | undefined, { reads }: Wanted, states: States, found: Found): Colour {
  if (live === undefined) return 'red';
  if (states[live].outdated !== undefined) return otherThan(live);
  // A package that is planned may bring the program.
  if (states[live].runs) for (const path of reads) found.trust(`${path} stays as it is`, 'programs');
  return live;
}

function afterRollback(live: Colour | undefined, wanted: Wanted, states: States, found: Found): Colour {
  found.require(live !== undefined, {
    failure: `no instance of ${wanted.name} is live, so there is nothing to roll back`,
    hint: 'Run it without `rollback`.',
  });
  if (!states[live].hasFiles) return live;
  const back = wanted[otherThan(live)];
  const missing = back.files.find(({ path }) => found.get(stat(path)).type === 'absent');
  found.require(missing === undefined, {
    failure: `there is no release to go back to: ${back.unit} has no ${missing?.path}`,
    hint: 'Say in the playbook which release you want, and run it without `rollback`.',
    by: null,
  });
  found.require(!states[otherThan(live)].hasFiles, {
    failure: `there is no release to go back to: ${back.unit} has the same one`,
    hint: 'Say in the playbook which release you want, and run it without `rollback`.',
    by: null,
  });
  return otherThan(live);
}

/** Collects what is to be done, each part planned against what those before it will have done. */
class Course {
  readonly #wanted: Wanted;
  readonly #states: States;
  readonly #live: Colour | undefined;
  #now: Found;
  readonly #changes: Change[] = [];
  readonly #phases: Phase[] = [];
  readonly #parts: Plan<unknown>[] = [];
  readonly #after: Prediction[] = [];

  constructor(wanted: Wanted, found: Found, states: States, live: Colour | undefined) {
    this.#wanted = wanted;
    this.#now = found;
    this.#states = states;
    this.#live = live;
  }

  to(target: Colour): Plan<RedBlackResult> {
    const isSwitch = target !== this.#live;
    this.#reloadIfDue();
    if (isSwitch) this.#switchTo(target);
    else this.#keep(target);
    this.#end(otherThan(target));
    return this.#plan(target, isSwitch);
  }

  /** The pointer was moved, but a run ended before its unit was told. */
  #reloadIfDue(): void {
    const { pointer } = this.#wanted;
    if (pointer.by !== 'file' || this.#live === undefined || !runs(foreseenUnit(pointer.reload, this.#now))) return;
    const moved = lastChange(pointer.file);
    const times = this.#now.get(unitTimes(pointer.reload));
    if (this.#now.outdated(moved) || this.#now.get(moved) <= Math.max(times.started, times.changed)) return;
    this.#phases.push({ does: 'steps', steps: this.#unit(pointer.reload, { state: 'reloaded' }) });
    this.#after.push(predict(unitTimes(pointer.reload), { ...times, changed: Number.MAX_SAFE_INTEGER }));
  }

  #switchTo(target: Colour): void {
    const { rollback } = this.#wanted;
    const instance = this.#wanted[target];
    const state = this.#states[target];
    const from = this.#live === undefined ? undefined : this.#wanted[this.#live];
    if (this.#live !== undefined)
      this.#changes.push({
        what: 'reason',
        to: rollback ? 'rollback' : (this.#states[this.#live].outdated ?? ''),
      });
    if (!rollback && state.runs && state.outdated !== undefined) {
      // What a run before left of it may have work in flight yet.
      this.#drain(instance, true);
      this.#phases.push({ does: 'steps', steps: this.#unit(instance.unit, { state: 'stopped' }) });
    }
    const abandon = this.#start(instance, { writesFiles: !rollback });
    this.#point(instance, from, abandon);
  }

  /** Live already, and of the release: what is missing besides is put right in place. */
  #keep(live: Colour): void {
    const isRight = this.#states[live].runs;
    this.#start(this.#wanted[live], { writesFiles: !this.#wanted.rollback, isStarted: isRight });
    this.#point(this.#wanted[live], undefined, []);
  }

  /** @returns what undoes it */
  #start(
    instance: Instance,
    { writesFiles, isStarted = false }: { writesFiles: boolean; isStarted?: boolean },
  ): readonly Step[] {
    const files = writesFiles ? instance.files : [];
    const written = files.flatMap((file) =>
      this.#take(planFile(file, this.#now, null), (change) => ({ ...change, what: `${change.what} of ${file.path}` })),
    );
    const wasDisabled = foreseenUnit(instance.unit, this.#now).enabled === 'disabled';
    const started = this.#unit(instance.unit, { state: 'started', enabled: true });
    const steps = [...written, ...started];
    if (isStarted) {
      if (steps.length > 0) this.#phases.push({ does: 'steps', steps });
      return [];
    }
    const abandon = [operate('stop', instance.unit), ...(wasDisabled ? [disable(instance.unit, false)] : [])];
    this.#changes.push({ what: 'health', to: toldHealth(instance) });
    this.#phases.push({ does: 'start', instance, steps, abandon });
    this.#after.push(
      predict(unitTimes(instance.unit), {
        started: Number.MAX_SAFE_INTEGER,
        changed: Number.MAX_SAFE_INTEGER,
        files: 0,
      }),
    );
    return abandon;
  }

  #point(to: Instance, from: Instance | undefined, abandon: readonly Step[]): void {
    const { pointer } = this.#wanted;
    const before = this.#now;
    if (pointer.by === 'port') {
      const plan = planTable(pointer.tables[to.colour], before);
      const moved = plan.changes.find(({ what }) => what.startsWith('table '));
      const steps = this.#take(plan, (change) =>
        change === moved
          ? toldPointer(to, from, change)
          : { ...change, what: `${change.what} of ${change.text?.path ?? 'the redirection'}` },
      );
      if (steps.length === 0) return;
      const back = from === undefined ? [] : planTable(pointer.tables[from.colour], this.#now).steps;
      this.#phases.push({ does: 'point', to, from, steps, check: undefined, load: [], back, abandon });
      return this.#tellFront(from);
    }
    const file = (colour: Colour) => ({
      path: pointer.file,
      content: Buffer.from(pointer.texts[colour]),
      validate: pointer.validate,
    });
    const plan = planFile(file(to.colour), before, null);
    const steps = this.#take(plan, (change) =>
      change.what === 'content'
        ? toldPointer(to, from, change)
        : { ...change, what: `${change.what} of ${pointer.file}` },
    );
    if (steps.length === 0) return;
    const load = this.#unit(pointer.reload, { state: 'reloaded' });
    const back = from === undefined ? [] : planFile(file(from.colour), this.#now, null).steps;
    this.#phases.push({ does: 'point', to, from, steps, check: plan.validate, load, back, abandon });
    this.#after.push(
      predict(unitTimes(pointer.reload), { started: 0, changed: Number.MAX_SAFE_INTEGER, files: 0 }),
      predict(lastChange(pointer.file), 1),
    );
    this.#tellFront(from);
  }

  #tellFront(from: Instance | undefined): void {
    const { front } = this.#wanted;
    if (front !== undefined && from !== undefined) this.#changes.push({ what: 'front', to: `${front} answers` });
  }

  /** The one that is not live has nothing to do, and does not come back with the next boot. */
  #end(colour: Colour): void {
    const instance = this.#wanted[colour];
    const now = foreseenUnit(instance.unit, this.#now);
    if (runs(now)) this.#drain(instance, false);
    else if (now.enabled !== 'enabled') return;
    this.#phases.push({ does: 'steps', steps: this.#unit(instance.unit, { state: 'stopped', enabled: false }) });
  }

  #drain(instance: Instance, mustEnd: boolean): void {
    this.#changes.push({ what: 'drain', to: toldDrain(instance, this.#wanted, mustEnd) });
    this.#phases.push({ does: 'drain', instance, mustEnd });
  }

  #unit(name: string, wanted: WantedUnit): readonly Step[] {
    return this.#take(planUnit(wanted, name, this.#now), (change) => ({
      ...change,
      what: change.what === 'state' ? name : `${change.what} of ${name}`,
    }));
  }

  #take(plan: Plan<unknown>, tell: (change: Change) => Change): readonly Step[] {
    this.#parts.push(plan);
    this.#changes.push(...plan.changes.map(tell));
    this.#now = this.#now.with(plan);
    return plan.steps;
  }

  #plan(target: Colour, switched: boolean): Plan<RedBlackResult> {
    const wanted = this.#wanted;
    const result: RedBlackResult = { live: target, port: wanted[target].port, switched };
    const failing = this.#parts.find(({ failure }) => failure !== undefined);
    if (failing?.failure !== undefined)
      return {
        ...settled(result),
        failure: failing.failure,
        ...(failing.hint === undefined ? {} : { hint: failing.hint }),
      };
    if (this.#changes.length === 0) return settled({ ...result, switched: false });
    const phases = this.#phases;
    return {
      changes: this.#changes,
      steps: [],
      after: [...this.#parts.flatMap((part) => part.after), ...this.#after, ...this.#readBy()],
      foreseen: () => this.#parts.flatMap((part) => part.foreseen?.() ?? []),
      touches: this.#touches(),
      units: [wanted.red.unit, wanted.black.unit, ...this.#parts.flatMap((part) => part.units ?? [])],
      assumed: this.#parts.flatMap((part) => part.assumed ?? []),
      // One that is left with work in flight is due to be looked at again.
      ...(wanted.onTimeout === 'leave' ? { again: true } : {}),
      ...this.#validation(),
      result,
      imperative: (context) => carryOut({ wanted, phases, result }, context),
    };
  }

  #touches(): Subject[] {
    return [{ on: 'units' }, ...this.#parts.flatMap((part) => part.touches)];
  }

  /** Check mode: what was planned before is older than who is started now. */
  #readBy(): Prediction[] {
    return this.#wanted.reads
      .filter((path) => this.#now.outdated(lastChange(path)))
      .map((path) => predict(lastChange(path), 1));
  }

  #validation(): { readonly validate?: Validation } {
    const validate = this.#parts.find((part) => part.validate !== undefined)?.validate;
    return validate === undefined ? {} : { validate };
  }
}

function toldPointer(to: Instance, from: Instance | undefined, change: Change): Change {
  const told = ({ colour, port }: Instance): string => `${colour} (port ${port})`;
  return {
    what: 'pointer',
    ...(from === undefined ? {} : { from: told(from) }),
    to: told(to),
    ...(change.text === undefined ? {} : { text: change.text }),
  };
}
