import type { PathState, Prediction, Stat } from '../../../../contract/index.ts';
import { content, largeContent, linkTarget, sha256, stat } from '../../../../probes/index.ts';
import { resolveMode } from '../../../kit/mode.ts';
import type { ScriptEffect } from './effects.ts';
import { predicted, type Asked, type Reason } from './known.ts';

const fresh: PathState = { type: 'file', mode: '0644', uid: 0, gid: 0, owner: 'root', group: 'root', size: 0 };
const emptyHash = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';

interface Made {
  readonly at: Stat;
  readonly reason: Reason;
  /** Of a link. */
  readonly target?: string;
  /** A file of which nobody knows what is in it. */
  readonly isUnread?: boolean;
}

/** Files, folders and links as scripts make them, beside what their packages bring. */
export class MadeFiles {
  /** Paths of the packages that scripts may have altered, with the reason. */
  readonly guessed = new Map<string, string>();
  readonly #asked: Asked;
  readonly #packaged: Map<string, PathState>;
  readonly #made = new Map<string, Made>();

  /** @param packaged what the packages bring; altered where a script is sure to */
  constructor(packaged: Map<string, PathState>, asked: Asked) {
    this.#packaged = packaged;
    this.#asked = asked;
  }

  knowns(): Prediction[] {
    return [...this.#made].flatMap(([path, { at, reason, target, isUnread }]): Prediction[] => {
      if (at.type === 'absent')
        return [
          predicted(stat(path), at, path, reason),
          predicted(sha256(path), null, path, reason),
          predicted(content(path), { missing: 'absent' }, path, reason),
        ];
      const known = [predicted(stat(path), at, path, reason)];
      if (target !== undefined) known.push(predicted(linkTarget(path), target, path, reason));
      if (at.type !== 'file' || reason !== undefined) return known;
      const unknown = `what an installation script writes into ${path} is not known before`;
      return isUnread === true
        ? [
            ...known,
            { question: sha256(path), answer: null, unknown },
            { question: content(path), answer: { missing: 'absent' }, unknown },
            { question: largeContent(path), answer: null, unknown },
          ]
        : [
            ...known,
            { question: sha256(path), answer: emptyHash },
            { question: content(path), answer: { bytes: Buffer.alloc(0) } },
          ];
    });
  }

  /** @param isUnpacked whether the packages are on the disk: for a postinst */
  at(path: string, isUnpacked: boolean): Stat | undefined {
    const names = aliases(path);
    for (const name of names) {
      const made = this.#made.get(name);
      if (made !== undefined) return made.reason === undefined ? made.at : undefined;
      const packaged = isUnpacked ? this.#packaged.get(name) : undefined;
      if (packaged !== undefined) return packaged;
    }
    const now = this.#asked.seen(stat(path));
    return now === undefined || now.assumed !== undefined ? undefined : now.answer;
  }

  linkTarget(path: string): string | undefined {
    const made = this.#made.get(path);
    if (made !== undefined) return made.reason === undefined ? made.target : undefined;
    const now = this.#packaged.has(path) ? undefined : this.#asked.seen(linkTarget(path));
    return now === undefined || now.assumed !== undefined ? undefined : (now.answer ?? undefined);
  }

  link({ path, target, replaces }: ScriptEffect & { readonly do: 'link' }, reason: Reason): void {
    const now = this.at(path, true);
    if (now === undefined)
      return this.#put(path, { at: linkAt(target), target, reason: reason ?? this.#doubtOf(path) });
    if (now.type === 'directory' || (now.type !== 'absent' && !replaces)) return;
    // Behind a link there may be a folder: then it is made in there.
    if (now.type === 'link' && this.linkTarget(path) !== target && !this.#leadsToFile(path))
      return this.#put(path, { at: now, reason: reason ?? unclear });
    this.#put(path, { at: linkAt(target), target, reason });
  }

  folder({ path, mode, owner, group, adjusts }: ScriptEffect & { readonly do: 'directory' }, reason: Reason): void {
    if (!adjusts && this.at(path, true)?.type !== 'absent') return;
    for (const above of foldersAbove(path)) this.#makeFolder(above, reason);
    this.#makeFolder(path, reason);
    this.#alter(
      path,
      (now) => owned({ ...now, mode: resolveMode(mode, now.mode, true) }, owner ?? '', group ?? ''),
      reason,
    );
  }

  file({ path, isEmpty }: ScriptEffect & { readonly do: 'file' }, reason: Reason): void {
    const now = this.at(path, true);
    if (now?.type === 'absent') return this.#put(path, { at: fresh, reason, isUnread: !isEmpty });
    if (isEmpty && now !== undefined) return;
    if (now?.type === 'file' || now === undefined) this.doubt(path, reason ?? unclear);
  }

  remove(path: string, reason: Reason): void {
    const now = this.at(path, true);
    if (now?.type === 'absent') return;
    if (reason !== undefined || now === undefined) return this.doubt(path, reason ?? unclear);
    this.#packaged.delete(path);
    this.#put(path, { at: { type: 'absent' }, reason });
  }

  own(effect: ScriptEffect & { readonly do: 'own' }, reason: Reason): void {
    for (const path of effect.below ? this.#atOrBelow(effect.path) : [effect.path])
      this.#alter(path, (now) => owned(now, effect.owner, effect.group), reason);
  }

  setMode({ path, mode, below }: ScriptEffect & { readonly do: 'mode' }, reason: Reason): void {
    if (below) for (const one of this.#atOrBelow(path)) if (one !== path) this.doubt(one, reason ?? unclear);
    this.#alter(
      path,
      (now) => (isMode(mode) ? { ...now, mode: resolveMode(mode, now.mode, now.type === 'directory') } : now),
      isMode(mode) ? reason : (reason ?? unclear),
    );
  }

  /** @param path may hold `*`; all below it is doubted, too */
  doubt(path: string, reason: string): void {
    const [plain = ''] = path.split('*');
    for (const one of path === plain ? this.#atOrBelow(path) : this.#all().filter((each) => each.startsWith(plain)))
      this.#doubtOne(one, reason);
  }

  /** Each of these alone. */
  doubtThese(paths: Iterable<string>, reason: string): void {
    for (const path of paths) this.#doubtOne(path, reason);
  }

  #doubtOne(path: string, reason: string): void {
    const made = this.#made.get(path);
    if (made !== undefined) this.#made.set(path, { ...made, reason: made.reason ?? reason });
    else if (this.#packaged.has(path)) this.guessed.set(path, `${path}: ${reason}`);
  }

  #all(): string[] {
    return [...this.#packaged.keys(), ...this.#made.keys()];
  }

  #atOrBelow(path: string): string[] {
    const plain = path.replace(/\/+$/, '');
    return this.#all().filter((one) => one === plain || one.startsWith(`${plain}/`));
  }

  #put(path: string, made: Made): void {
    if (this.#packaged.has(path)) {
      this.guessed.set(path, `${path}: ${made.reason ?? unclear}`);
      return;
    }
    this.#made.set(path, made);
  }

  #makeFolder(path: string, reason: Reason): void {
    const now = this.at(path, true);
    if (now?.type === 'absent') this.#put(path, { at: { ...fresh, type: 'directory', mode: '0755' }, reason });
  }

  /** What was on the host before is not claimed to change. */
  #alter(path: string, change: (now: PathState) => PathState, reason: Reason): void {
    const packaged = this.#packaged.get(path);
    const made = this.#made.get(path);
    if (made !== undefined && made.at.type !== 'absent')
      this.#made.set(path, { ...made, at: change(made.at), reason: made.reason ?? reason });
    else if (packaged !== undefined) {
      this.#packaged.set(path, change(packaged));
      if (reason !== undefined) this.guessed.set(path, `${path}: ${reason}`);
    }
  }

  #leadsToFile(path: string): boolean {
    const target = this.linkTarget(path);
    if (target === undefined) return false;
    const type = this.at(new URL(target, `file://${path}`).pathname, true)?.type;
    return type === 'file' || type === 'absent';
  }

  #doubtOf(path: string): string {
    return `what is at ${path} by then is not known`;
  }
}

const unclear = 'an installation script may alter it';

function linkAt(target: string): PathState {
  return { ...fresh, type: 'link', mode: '0777', size: Buffer.byteLength(target) };
}

function foldersAbove(path: string): string[] {
  const parts = path.split('/').slice(1, -1);
  return parts.map((_, i) => `/${parts.slice(0, i + 1).join('/')}`).slice(1);
}

/** /bin, /sbin and /lib are links into /usr: packages may use either name. */
function aliases(path: string): string[] {
  if (/^\/(?:bin|sbin|lib)\//.test(path)) return [path, `/usr${path}`];
  return /^\/usr\/(?:bin|sbin|lib)\//.test(path) ? [path, path.slice('/usr'.length)] : [path];
}

const isMode = (text: string): boolean =>
  /^(?:[0-7]{3,5}|[ugoa]*[=+-][rwxXst]*(?:,[ugoa]*[=+-][rwxXst]*)*)$/.test(text);

function owned(now: PathState, owner: string, group: string): PathState {
  return {
    ...now,
    ...(owner === '' ? {} : { owner, uid: owner === 'root' ? 0 : -1 }),
    ...(group === '' ? {} : { group, gid: group === 'root' ? 0 : -1 }),
  };
}
