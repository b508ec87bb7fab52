import type { Question, Subject } from '../contract/index.ts';

/** The path a question is about; undefined where it is about none. */
export function pathOf(question: Question): string | undefined {
  return question.kind.depends(question.args).find((subject) => subject.on === 'path')?.path;
}

/** The paths it is about beside that one. */
export function otherPathsOf({ kind, args }: Question): string[] {
  return kind
    .depends(args)
    .flatMap((subject) => (subject.on === 'path' ? [subject.path] : []))
    .slice(1);
}

/**
 * All paths that a question is about (two, where it asks whether they are one file), and whether a link there is
 * followed: beside the path it is named for, it is about what the others lead to.
 *
 * @param ofWay where links lead that have to be known for the answer; otherwise, what it is about
 */
export function followedPaths(
  { kind, args }: Question,
  ofWay = false,
): { readonly path: string; readonly follows: boolean }[] {
  return kind
    .depends(args)
    .flatMap((subject) => (subject.on === 'path' ? [subject.path] : []))
    .map((path, i) => ({ path, follows: i > 0 || (kind.follows ?? (ofWay && kind.kind === 'realpath')) }));
}

/** The folders whose whole content an answer depends on. */
export function foldersOf(question: Question): string[] {
  return question.kind.depends(question.args).flatMap((subject) => (subject.on === 'below' ? [subject.path] : []));
}

/** The same question about another path. */
export function askedOf(question: Question, from: string, to: string): Question {
  return { kind: question.kind, args: question.args.map((arg) => (arg === from ? to : arg)) };
}

/** Whether the path is one of the folders, or below one. */
export function isBelow(path: string | undefined, folders: readonly string[]): boolean {
  return (
    path !== undefined &&
    folders.some((folder) => path === folder || path.startsWith(folder === '/' ? '/' : `${folder}/`))
  );
}

/** The folders above a path, the outermost first, the root left out. */
export function ancestors(path: string): string[] {
  const parts = path.split('/');
  return parts.slice(1, -1).map((_, i) => parts.slice(0, i + 2).join('/'));
}

/**
 * The root, the folders above a path, and the path; a text that is no absolute path (`tmpfs` as the source of a mount)
 * has nothing above it.
 */
export function wayTo(path: string): string[] {
  return path === '/' || !path.startsWith('/') ? [path] : ['/', ...ancestors(path), path];
}

/** Whether an answer is in doubt once these were touched. */
export function dependsOn(question: Question, touches: readonly Subject[]): boolean {
  if (touches.length === 0) return false;
  const depends = question.kind.depends(question.args);
  return touches.some((touched) => touched.on === 'everything' || depends.some((needed) => overlaps(touched, needed)));
}

function overlaps(touched: Subject, needed: Subject): boolean {
  if (needed.on === 'everything' || touched.on === 'everything') return true;
  if (touched.on === 'path' && needed.on === 'path') return isBelow(needed.path, [touched.path]);
  if (touched.on === 'path' && needed.on === 'below')
    return isBelow(touched.path, [needed.path]) || isBelow(needed.path, [touched.path]);
  if (touched.on === 'unit' && needed.on === 'unit')
    return touched.unit === needed.unit || withoutInstance(touched.unit) === needed.unit;
  if (touched.on === 'named' && needed.on === 'named') return touched.name === needed.name;
  return touched.on === needed.on && (touched.on === 'packages' || touched.on === 'accounts' || touched.on === 'units');
}

/** `postgresql@15-main.service` is what runs behind `postgresql.service`. */
const withoutInstance = (unit: string): string => unit.replace(/@[^.]*(?=\.)/, '');
