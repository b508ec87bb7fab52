import { createHash } from 'node:crypto';
import type { Found, Prediction, PathState, Question } from '../../../contract/index.ts';
import { content, largeContent, linkTarget, sha256, stat, unitsChanged } from '../../../probes/index.ts';
import type { PackageContents, PackagedPath, RemovedPackage } from '../apt-contents.probe.ts';
import type { AptAction, AptSimulation } from '../apt-simulate.probe.ts';
import { conffileSum } from '../conffile.probe.ts';
import { packageState, type Package } from '../package.probe.ts';
import { dpkgSelection } from '../selection.probe.ts';
import { besideName, conffileQuestions, fateOf, sumOf, type ConffileFate } from './conffiles.ts';
import { foldersAfter, foldersLeft, type Going } from './future-folders.ts';
import { unitQuestions, unitsGone, unitsOf } from './future-units.ts';
import { followScripts } from './scripts/index.ts';

/**
 * The host as it will be after apt has done what it would do (check mode). What of that cannot be told is assumed.
 *
 * @param dpkgOptions the `--force-` options for dpkg, separated by commas
 */
export function futureOf(simulation: AptSimulation, dpkgOptions: string, found: Found): readonly Prediction[] {
  const fresh = new Set(
    simulation.actions.filter((one) => one.from === null).map((one) => one.name.replace(/:.*/, '')),
  );
  const removed = simulation.removed.map((one) => asBrought(one, found));
  const lost = new Set<string>();
  const after: Prediction[] = removed.flatMap((one) => {
    const purged = simulation.actions.find(
      (action) => action.name.replace(/:.*/, '') === one.name.replace(/:.*/, ''),
    )?.purge;
    const gone = one.paths.filter((path) => isManaged(path) && (purged || !one.conffiles.includes(path)));
    // With a conffile go the copies that dpkg and editors made of it.
    const kept = purged ? one.conffiles : [];
    for (const path of [...gone, ...kept, ...kept.map(besideName)]) lost.add(path);
    return [
      ...[...gone, ...kept.map(besideName)].flatMap((path) => aliases(path).flatMap(absentKnowns)),
      ...kept.map((path) => ({ question: conffileSum(one.name.replace(/:.*/, ''), path), answer: null })),
      ...foldersLeft(one),
      ...unitsGone(one),
    ];
  });
  after.push(...foldersAfter(removed, lost, found));
  const contents = simulation.contents ?? [];
  const order = simulation.actions.map((one) => one.name.replace(/:.*/, ''));
  const isNew = contents
    .filter((one) => fresh.has(one.name))
    .sort((a, b) => order.indexOf(a.name) - order.indexOf(b.name));
  const hasSystemd = !simulation.startsNothing;
  found.need(
    ...pathQuestions(contents),
    ...unitQuestions(isNew, simulation),
    ...followScripts(isNew, allPaths(contents), hasSystemd, found).lacking,
  );
  // dpkg unpacks all packages before it runs the scripts that set them up, and those share folders.
  const paths = new Map<string, PathState>();
  const guessed = new Map<string, string>();
  const written = contents.flatMap((one) => writtenBy(one, dpkgOptions, found));
  for (const { known, at, assumed } of written) {
    if (known.type === 'directory' && paths.has(known.path)) continue;
    paths.set(known.path, at);
    if (assumed !== undefined) guessed.set(known.path, assumed);
  }
  const scripts = followScripts(isNew, paths, hasSystemd, found);
  askFor(scripts.lacking, found);
  after.push(
    ...written.flatMap(({ known, bytes }) =>
      pathKnowns(known, bytes, paths.get(known.path), scripts.guessed.get(known.path) ?? guessed.get(known.path)),
    ),
    ...contents.flatMap(conffileKnowns),
  );
  const brings = new Map(contents.map((one) => [one.name, broughtBy(one, paths)]));
  after.push(...scripts.knowns, ...unitsOf(isNew, paths, scripts.units, simulation, found));
  after.push(...simulation.actions.flatMap((one) => packagePredictions(one, removed, brings)));
  // dpkg's triggers make systemd read new unit files.
  if (contents.length + removed.length > 0) after.push({ question: unitsChanged, answer: false });
  const { contentsProblem } = simulation;
  if (contentsProblem !== null)
    found.assume(`what the packages bring is not known: ${contentsProblem.split('\n')[0] ?? ''}`);
  for (const { name } of removed.filter((one) => one.paths.length === 0))
    found.assume(`which files go with ${name} is not known`);
  return after;
}

/** What goes with a package that is planned to come, too, is also what it brings. */
function asBrought(one: RemovedPackage, found: Found): Going {
  const brings = found.planned(packageState(one.name.replace(/:.*/, '')))?.brings;
  return brings === undefined
    ? one
    : {
        ...one,
        paths: [...new Set([...one.paths, ...brings.files])],
        planned: brings.folders.filter((path) => !one.folders.includes(path)),
        conffiles: [...new Set([...one.conffiles, ...brings.conffiles])],
      };
}

/** Has all of it asked at once. */
function askFor(questions: readonly Question[], found: Found): void {
  const [first] = questions;
  found.need(...questions);
  if (first !== undefined) found.peek(first);
}

/** What the packages bring, before it is known what of it the host has. */
function allPaths(contents: readonly PackageContents[]): Map<string, PathState> {
  return new Map(contents.flatMap((one) => one.paths.map((known) => [known.path, toStat(known)])));
}

/** What decides whether dpkg writes a file or a folder. */
function pathQuestions(contents: readonly PackageContents[]): Question[] {
  return contents.flatMap((one) => [
    ...one.paths.filter(isDoubtful).map(({ path }) => stat(path)),
    ...conffileQuestions(one),
  ]);
}

/** Folders outside of /usr may be there already, in a shape that dpkg leaves alone. */
const isDoubtful = ({ path, type }: PackagedPath): boolean =>
  isManaged(path) && type === 'directory' && !path.startsWith('/usr/');

/** Folders of /usr itself have much else in them. */
const isOwn = ({ path, type }: PackagedPath): boolean => type === 'directory' && path.split('/').length > 3;

/** Folders of the root itself are Debian's own, and are links on merged systems. */
function isManaged(path: string): boolean {
  return path.lastIndexOf('/') > 0;
}

/** What dpkg puts on the host. */
interface Written {
  readonly known: PackagedPath;
  readonly at: PathState;
  /** Of a file, as far as they were brought here. */
  readonly bytes: Buffer | undefined;
  /** Why that is a guess. */
  readonly assumed?: string | undefined;
}

function writtenBy(one: PackageContents, dpkgOptions: string, found: Found): Written[] {
  return one.paths.flatMap((known): Written[] => {
    const { path } = known;
    if (!isManaged(path)) return [];
    const bytes = known.type === 'file' ? one.files.get(path) : undefined;
    const conf = one.conffiles.find((each) => each.path === path);
    if (conf) return writtenConffile({ known, at: toStat(known), bytes }, fateOf(conf, one, dpkgOptions, found), found);
    // dpkg keeps a link to a folder.
    if (known.type === 'directory' && found.planned(stat(path))?.type === 'link') return [];
    if (!isDoubtful(known)) return [{ known, at: toStat(known), bytes }];
    const { answer, assumed } = found.peek(stat(path));
    return answer.type === 'absent' ? [{ known, at: toStat(known), bytes, assumed }] : [];
  });
}

function writtenConffile(asPackaged: Written, fate: ConffileFate, found: Found): Written[] {
  const { assumed } = fate;
  if (fate.is === 'kept') {
    if (assumed !== undefined) found.assume(assumed);
    return [];
  }
  const { known, at, bytes } = asPackaged;
  const { mode, uid, gid, owner, group } = fate.as ?? at;
  const path = fate.is === 'beside' ? besideName(known.path) : known.path;
  return [{ known: { ...known, path }, at: { ...at, mode, uid, gid, owner, group }, bytes, assumed }];
}

function toStat({ type, mode, owner, group, size }: PackagedPath): PathState {
  return { type, mode, owner, group, size, uid: owner === 'root' ? 0 : -1, gid: group === 'root' ? 0 : -1 };
}

type Brings = NonNullable<Package['brings']>;

/** @param written all that is new on the host */
function broughtBy({ paths, conffiles }: PackageContents, written: ReadonlyMap<string, PathState>): Brings {
  const named = paths.filter(({ path }) => isManaged(path));
  return {
    files: named.filter(({ type }) => type !== 'directory').map(({ path }) => path),
    folders: named.filter((one) => isOwn(one) && (!isDoubtful(one) || written.has(one.path))).map(({ path }) => path),
    conffiles: conffiles.map(({ path }) => path),
  };
}

/** What dpkg remembers of configuration, whatever it made of it. */
function conffileKnowns(one: PackageContents): Prediction[] {
  return one.conffiles.map(({ path }) => {
    const question = conffileSum(one.name, path);
    const answer = sumOf(one.files.get(path));
    return answer === undefined
      ? { question, answer: '', assumed: `what the package puts into ${path} was not compared` }
      : { question, answer };
  });
}

function pathKnowns(
  known: PackagedPath,
  bytes: Buffer | undefined,
  at: PathState | undefined,
  guessed: string | undefined,
): Prediction[] {
  if (!at) return [];
  const assumed = guessed === undefined ? {} : { assumed: guessed };
  const hash = bytes === undefined ? undefined : createHash('sha256').update(bytes).digest('hex');
  return aliases(known.path).flatMap((path): Prediction[] => [
    { question: stat(path), answer: at, ...assumed },
    ...(known.type === 'link' ? [{ question: linkTarget(path), answer: known.target }] : []),
    ...(hash === undefined ? [] : [{ question: sha256(path), answer: hash }]),
    ...(bytes === undefined
      ? tooLarge(known, path)
      : isRead(path)
        ? [{ question: content(path), answer: { bytes } }]
        : []),
  ]);
}

/** Bytes that somebody reads: configuration and units. All else would only burden what a checker is shown. */
function isRead(path: string): boolean {
  return path.startsWith('/etc/') || /^\/(?:usr\/)?lib\/systemd\/system\//.test(path);
}

/** Files whose bytes were not brought here: that they differ from what a task writes is all but sure, but not known. */
function tooLarge(known: PackagedPath, path: string): Prediction[] {
  if (known.type !== 'file') return [];
  return [
    { question: sha256(path), answer: '', assumed: `what the package puts into ${path} was not compared` },
    { question: content(path), answer: { tooLarge: known.size } },
    { question: largeContent(path), answer: null, unknown: `what the package puts into ${path} is not read before` },
  ];
}

function absentKnowns(path: string): Prediction[] {
  return [
    { question: stat(path), answer: { type: 'absent' } },
    { question: sha256(path), answer: null },
    { question: content(path), answer: { missing: 'absent' } },
  ];
}

/** /bin, /sbin and /lib are links into /usr: whichever name a package uses, a task may use the other. */
function aliases(path: string): string[] {
  if (/^\/(?:bin|sbin|lib)\//.test(path)) return [path, `/usr${path}`];
  if (path.startsWith('/usr/lib/systemd/')) return [path, path.slice('/usr'.length)];
  return [path];
}

/** dpkg forgets a package that leaves neither configuration nor a script to purge it with. */
export function remains({ name, to, purge }: AptAction, removed: readonly RemovedPackage[]): boolean {
  const gone = removed.find((one) => one.name.replace(/:.*/, '') === name.replace(/:.*/, ''));
  return (
    to === null &&
    !purge &&
    (gone === undefined || gone.paths.length === 0 || gone.conffiles.length > 0 || gone.hasScript)
  );
}

function packagePredictions(
  action: AptAction,
  removed: readonly RemovedPackage[],
  brings: ReadonlyMap<string, Brings>,
): Prediction[] {
  const { name, arch, from, to } = action;
  const plain = name.replace(/:.*/, '');
  const stays = remains(action, removed);
  const own = brings.get(plain);
  const answer: Package = {
    installed: to !== null,
    configFiles: stays,
    version: to ?? '',
    held: false,
    broken: false,
    ...(to === null || own === undefined ? {} : { brings: own }),
  };
  const names = [...new Set([name, ...(arch === '' ? [] : [`${plain}:${arch}`])])];
  const selection = to !== null ? 'install' : stays ? 'deinstall' : null;
  return [
    ...names.map((one) => ({ question: packageState(one), answer })),
    // An upgrade leaves it as it is.
    ...(from !== null && to !== null ? [] : names.map((one) => ({ question: dpkgSelection(one), answer: selection }))),
  ];
}
