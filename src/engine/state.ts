import { dirname, resolve } from 'node:path/posix';
import { accountTable, content, ProbeFailure, questionKey, stat, type AccountTable, type Content, type PlannedPath, type Question, type Stat, type Subject } from '../probes/index.ts';
import type { Below, Known } from '../playbook/index.ts';
import { stagedAccounts, type Stage, type StagedAccounts, type StagedFile } from './staging.ts';

/** What the host answered. */
interface Answer {
  readonly answer: unknown;
  /** Check mode: why it is a guess. */
  readonly assumed: string | undefined;
}

/**
 * What is known of one host: its own answers, and in check mode what planned changes will make of them. An answer is kept
 * until something it depends on is touched.
 */
export class HostState {
  readonly #answers = new Map<string, Answer & { readonly question: Question }>();
  readonly #future = new Map<string, Known>();
  /** Paths that a planned change removes or replaces: what the host has below them now is gone by then, also where they come back. */
  readonly #emptied = new Set<string>();
  /** Paths of which a planned change decides what lies below, in ways not foreseen one by one. */
  readonly #unknownBelow = new Map<string, Below>();
  /** Check mode: why answers that user code gives (`unless`) may be others by then. */
  changedBefore: string | undefined;
  clouded: string | undefined;

  /** The answer as the host gave it to this account. */
  answer(account: string, question: Question): Answer | undefined {
    return this.#answers.get(`${account}\0${questionKey(question)}`);
  }

  /** @param assumed why the answer is a guess */
  record(account: string, question: Question, answer: unknown, assumed?: string): void {
    this.#answers.set(`${account}\0${questionKey(question)}`, { question, answer, assumed });
  }

  /** What a planned change will make of the answer. */
  planned(question: Question): Known | undefined {
    const exact = this.#future.get(questionKey(question));
    if (exact || this.#future.size === 0) return exact;
    const path = pathOf(question);
    const folders = foldersOf(question);
    for (const above of path === undefined ? [] : ancestors(path).reverse()) {
      const below = this.#unknownBelow.get(above);
      if (below && !below.spares?.(path ?? above, folders.length > 0)) return { question, answer: null, unknown: below.unknown };
      if (this.#emptied.has(above) && 'absent' in question.kind) return { question, answer: question.kind.absent };
    }
    const unknown = this.#unknownIn(folders);
    return unknown === undefined ? undefined : { question, answer: null, unknown };
  }

  /** Check mode: an answer once the planned accounts are there: they own files by their numbers. */
  amidAccounts<A>(question: Question<A>, answer: A): A {
    const { amid } = question.kind;
    const table = amid && this.#future.get(questionKey(accountTable));
    return amid && table && table.unknown === undefined ? amid(answer, question.args, table.answer as AccountTable) : answer;
  }

  /** Why the content of one of the folders, whole, cannot be known. */
  #unknownIn(folders: readonly string[]): string | undefined {
    if (folders.length === 0) return undefined;
    return [...this.#unknownBelow].find(([path]) => isBelow(path, folders))?.[1].unknown;
  }

  /** The question as it will be meant once planned links are there: about what they lead to. */
  throughLinks(question: Question): Question {
    const [asked = '', ...rest] = question.args;
    let path = asked;
    if (this.#future.size === 0 || pathOf(question) !== path) return question;
    const follows = question.kind.kind === 'sha256' || question.kind.kind === 'content' || question.kind.kind === 'large-content';
    // As often as the kernel follows links before it gives up (path_resolution(7)).
    for (let i = 0; i < 40; i++) {
      const link = [...ancestors(path), ...(follows ? [path] : [])].find((above) => typeof this.#future.get(`link\0${above}`)?.answer === 'string');
      if (link === undefined) break;
      path = resolve(dirname(link), String(this.#future.get(`link\0${link}`)?.answer)) + path.slice(link.length);
    }
    return path === question.args[0] ? question : { kind: question.kind, args: [path, ...rest] };
  }

  /** What is planned and can be shown to a checker, what `after` will be included. */
  stage(after: readonly Known[] = []): Stage {
    const future = new Map(this.#future);
    for (const one of after) future.set(questionKey(one.question), one);
    return { files: plannedFiles(future), removed: [...this.#emptied], accounts: this.#stagedAccounts(future) };
  }

  #stagedAccounts(future: ReadonlyMap<string, Known>): StagedAccounts {
    const planned = future.get(questionKey(accountTable));
    if (planned === undefined || planned.unknown !== undefined) return { users: [], groups: [] };
    const now = [...this.#answers.values()].find(({ question }) => question.kind === accountTable.kind)?.answer;
    return stagedAccounts(planned.answer as AccountTable, now instanceof ProbeFailure ? undefined : (now as AccountTable | undefined));
  }

  /** Whether packages, Debian's or Python's, are planned to come or go: they may bring what no contents of theirs tell. */
  get plansPackages(): boolean {
    return [...this.#future.values()].some(({ question }) => ['package', 'pip'].includes(question.kind.kind));
  }

  /** What is planned beyond files, so that no staged view can show it. */
  get beyondFiles(): string | undefined {
    if (this.clouded !== undefined) return this.clouded;
    const other = this.#unknownBelow.size > 0 || [...this.#future.values()].some(({ question }) => pathOf(question) === undefined && !isOfAccounts(question));
    return other ? this.changedBefore : undefined;
  }

  /** Writes the state after a planned change over what was found (check mode). */
  foresee(after: readonly Known[]): void {
    const written = new Set(after.flatMap((one) => (isContent(one) ? [pathOf(this.throughLinks(one.question))] : [])));
    const isDoubtful = ({ kind, args }: Question): boolean => kind.files?.(args).some((file) => written.has(file)) === true;
    for (const [key, { question }] of this.#answers) if (question.kind.staged || isDoubtful(question)) this.#answers.delete(key);
    for (const [key, { question }] of this.#future) if (isDoubtful(question)) this.#future.delete(key);
    for (const planned of after) {
      const known = { ...planned, question: this.throughLinks(planned.question) };
      const path = pathOf(known.question);
      if (path !== undefined && isAbsent(known)) {
        this.#forgetFutureBelow(path);
        this.#emptied.add(path);
      }
      if (path !== undefined && known.below) {
        this.#forgetFutureBelow(path);
        for (const other of this.#emptied) if (other.startsWith(`${path}/`)) this.#emptied.delete(other);
        this.#unknownBelow.set(path, known.below);
      }
      const key = questionKey(known.question);
      // Taken out first, so that the map's order is the order of planning.
      this.#future.delete(key);
      this.#future.set(key, known);
    }
  }

  /** Whether a file out of which a tool reads the answer is planned. */
  isRewritten({ kind, args }: Question): boolean {
    return kind.files?.(args).some((file) => {
      const planned = this.#future.get(questionKey(content(file)));
      return planned !== undefined && isContent(planned);
    }) === true;
  }

  /** Whether what lies below the paths this question depends on is planned to change after its own planned answer. */
  outdated(question: Question): boolean {
    const own = questionKey(question);
    const folders = foldersOf(question);
    let outdated = false;
    for (const [key, known] of this.#future) {
      if (key === own) outdated = false;
      else if (isBelow(pathOf(known.question), folders)) outdated = true;
    }
    return outdated;
  }

  plannedBelow(account: string, path: string): PlannedPath[] {
    return [...this.#future.values()].flatMap((known) => {
      const below = pathOf(known.question);
      if (known.question.kind.kind !== 'stat' || known.unknown !== undefined || !below?.startsWith(`${path}/`)) return [];
      const answer = this.answer(account, stat(below))?.answer;
      const after = this.amidAccounts(stat(below), known.answer as Stat);
      return [{ path: below, before: answer === undefined || answer instanceof ProbeFailure ? undefined : (answer as Stat), after }];
    });
  }

  #forgetFutureBelow(path: string): void {
    for (const [key, known] of this.#future) {
      const other = pathOf(known.question);
      if (other?.startsWith(`${path}/`)) this.#future.delete(key);
    }
    for (const other of this.#unknownBelow.keys()) if (isBelow(other, [path])) this.#unknownBelow.delete(other);
  }

  /** Forgets the answers that a change makes doubtful: those it replaces, and those that depend on what it touches. */
  expire(after: readonly Known[], touches: readonly Subject[]): void {
    const replaced = new Set(after.map((known) => questionKey(known.question)));
    const paths = after.map((known) => pathOf(known.question)).filter((path) => path !== undefined);
    const names = new Set(paths.map(baseName));
    for (const [key, { question }] of this.#answers) {
      const path = pathOf(question);
      // A path of the same last name may be the same file behind a link.
      const alias = path !== undefined && names.has(baseName(path));
      const folders = foldersOf(question);
      const inside = folders.length > 0 && paths.some((one) => isBelow(one, folders));
      const isRead = question.kind.files?.(question.args).some((file) => paths.includes(file)) === true;
      if (replaced.has(questionKey(question)) || alias || isRead || inside || question.kind.volatile || dependsOn(question, touches)) this.#answers.delete(key);
    }
  }

  /** Whether a failed answer is on record, so that it is not asked for ever. */
  failure(account: string, question: Question): ProbeFailure | undefined {
    const known = this.answer(account, question)?.answer;
    return known instanceof ProbeFailure ? known : undefined;
  }
}

/** Every planned file whose bytes are known, directory and link. */
function plannedFiles(future: ReadonlyMap<string, Known>): StagedFile[] {
  const paths = new Set([...future.values()].map(({ question }) => pathOf(question)).filter((path) => path !== undefined));
  return [...paths].sort().flatMap((path): StagedFile[] => {
    const at = future.get(`stat\0${path}`)?.answer as Stat | undefined;
    const entry = { name: path.slice(1), mode: at && 'mode' in at ? at.mode : '0644', content: Buffer.alloc(0), ...ownerOf(at) };
    if (at?.type === 'absent') return [];
    if (at?.type === 'directory') return [{ ...entry, type: 'directory' }];
    const target = future.get(`link\0${path}`)?.answer;
    if (at?.type === 'link') return typeof target === 'string' ? [{ ...entry, type: { linkTo: target } }] : [];
    const bytes = future.get(`content\0${path}`)?.answer as Content | undefined;
    return bytes && 'bytes' in bytes ? [{ ...entry, content: bytes.bytes }] : [];
  });
}

function ownerOf(at: Stat | undefined): { readonly owner?: string } {
  if (at === undefined || at.type === 'absent' || at.owner === '' || at.group === '' || (at.uid === 0 && at.gid === 0)) return {};
  return { owner: `${at.uid < 0 ? at.owner : at.uid}:${at.gid < 0 ? at.group : at.gid}` };
}

/** Whether a staged view shows what a question is about, beside paths. */
function isOfAccounts(question: Question): boolean {
  return ['account-table', 'user', 'group', 'shadow'].includes(question.kind.kind);
}

/** Whether the bytes of a file, or that there is none, are part of it. */
function isContent({ question, unknown }: Known): boolean {
  return question.kind.kind === 'content' && unknown === undefined;
}

function isAbsent(known: Known): boolean {
  return known.question.kind.kind === 'stat' && (known.answer as { type?: string } | undefined)?.type === 'absent';
}

function pathOf(question: Question): string | undefined {
  return question.kind.depends(question.args).find((subject) => subject.on === 'path')?.path;
}

/** The folders whose whole content an answer depends on. */
function foldersOf(question: Question): string[] {
  return question.kind.depends(question.args).flatMap((subject) => (subject.on === 'below' ? [subject.path] : []));
}

function isBelow(path: string | undefined, folders: readonly string[]): boolean {
  return path !== undefined && folders.some((folder) => path === folder || path.startsWith(`${folder}/`));
}

function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

function ancestors(path: string): string[] {
  const parts = path.split('/');
  return parts.slice(1, -1).map((_, i) => parts.slice(0, i + 2).join('/'));
}

function dependsOn(question: Question, touches: readonly Subject[]): boolean {
  if (touches.length === 0) return false;
  const depends = question.kind.depends(question.args);
  return touches.some((touched) => touched.on === 'everything' || depends.some((needed) => overlaps(touched, needed)));
}

function overlaps(touched: Subject, needed: Subject): boolean {
  if (needed.on === 'everything' || touched.on === 'everything') return true;
  if (touched.on === 'path' && needed.on === 'path') {
    return needed.path === touched.path || needed.path.startsWith(touched.path.endsWith('/') ? touched.path : `${touched.path}/`);
  }
  if (touched.on === 'path' && needed.on === 'below') return isBelow(touched.path, [needed.path]) || isBelow(needed.path, [touched.path]);
  if (touched.on === 'unit' && needed.on === 'unit') return touched.unit === needed.unit;
  if (touched.on === 'named' && needed.on === 'named') return touched.name === needed.name;
  return touched.on === needed.on && (touched.on === 'packages' || touched.on === 'accounts' || touched.on === 'units');
}
