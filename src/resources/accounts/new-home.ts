import { createHash } from 'node:crypto';
import { predict, type Found, type Prediction, type PathState, type Question } from '../../contract/index.ts';
import { content, linkTarget, realPath, sha256, stat } from '../../probes/index.ts';
import { behindLinks, pathAndAbove } from '../kit/folder.ts';
import { targetOf } from '../kit/link.ts';
import { allThatIsThere } from '../kit/tree/here.ts';
import { accountDefaults, type AccountDefaults } from './account-defaults.probe.ts';

/** Whose a new home directory is. */
export interface HomeOwner {
  readonly name: string;
  readonly group: string;
  readonly uid: number;
  readonly gid: number;
}

/** Why a home directory cannot be made at this path. */
export function refuseHome(home: string, found: Found): string | undefined {
  const above = pathAndAbove(home).slice(0, -1);
  found.need(...above.map((one) => stat(one)));
  const wrong = above.find((one) => ['file', 'other'].includes(found.get(stat(one)).type));
  return wrong === undefined ? undefined : `the home directory ${home} cannot be made: ${wrong} is not a directory`;
}

/**
 * What accounts get by themselves, with the skeleton that is wanted.
 * @throws PlayError where a home directory is made and there is none to fill it from
 */
export function homeDefaults(skeleton: string | undefined, makesHome: boolean, found: Found): AccountDefaults {
  const defaults = found.get(accountDefaults);
  if (skeleton === undefined) return defaults;
  const isThere = !makesHome || behindLinks(skeleton, found).type === 'directory';
  found.require(isThere, {
    failure: `there is no directory ${skeleton} to fill the home directory from (\`skeleton\`)`,
  });
  return { ...defaults, skeleton };
}

/**
 * Why useradd(8), usermod(8) and userdel(8) shall not go to a home directory, which they do by its name: others could
 * swap a part of the way for a link meanwhile. The scripts look again (home-sh.ts).
 */
export function refuseSwappable(home: string, found: Found): string | undefined {
  const above = pathAndAbove(home).slice(0, -1);
  found.need(...above.map((one) => stat(one)));
  const theirs = above.find((one, i) => isTheirs(one, above[i + 1], found));
  return theirs === undefined
    ? undefined
    : `the home directory ${home} is left alone: ${theirs} belongs to others, who could replace it with a link in the meantime`;
}

/** Whether others could swap what is in a folder; a link is as safe as the way that it leads. */
function isTheirs(folder: string, next: string | undefined, found: Found): boolean {
  const real = found.get(stat(folder)).type === 'link' ? found.get(realPath(folder)) : null;
  const way = real === null ? [] : pathAndAbove(real);
  if (way.slice(0, -1).some((one, i) => isTheirs(one, way[i + 1], found))) return true;
  const now = behindLinks(folder, found);
  if (now.type !== 'directory') return false;
  const mode = Number.parseInt(now.mode, 8);
  const below = next === undefined ? undefined : found.get(stat(next));
  const isHeld = (mode & 0o1000) !== 0 && below?.type === 'directory' && below.uid === 0;
  return now.uid !== 0 || ((mode & 0o022) !== 0 && !isHeld);
}

/** A home directory as it will be, with what of the way to it is made too. */
export function homeAfter(home: string, owner: HomeOwner, defaults: AccountDefaults, found: Found): Prediction[] {
  const root = { uid: 0, gid: 0, owner: 'root', group: 'root' };
  const missing = pathAndAbove(home)
    .slice(0, -1)
    .filter((one) => found.get(stat(one)).type === 'absent');
  return [
    ...missing.map((path) => predict(stat(path), { type: 'directory', mode: '0755', size: 0, ...root })),
    predict(stat(home), { type: 'directory', mode: defaults.homeMode, size: 0, ...ownership(owner) }),
  ];
}

function ownership({ uid, gid, name, group }: HomeOwner): Pick<PathState, 'uid' | 'gid' | 'owner' | 'group'> {
  return { uid, gid, owner: name, group };
}

/** What is copied into a new home directory. */
export function skeletonAfter(
  home: string,
  owner: HomeOwner,
  { skeleton }: AccountDefaults,
  found: Found,
): Prediction[] {
  const entries = allThatIsThere(skeleton, skeleton, found);
  found.need(
    ...[...entries].flatMap(([name, { type }]): Question[] =>
      type === 'file' ? [content(`${skeleton}/${name}`)] : type === 'link' ? [linkTarget(`${skeleton}/${name}`)] : [],
    ),
  );
  return [...entries].flatMap(([name, { type, mode, size, assumed }]): Prediction[] => {
    const path = `${home}/${name}`;
    const at = predict(stat(path), { type, mode, size, ...ownership(owner) }, assumed);
    if (type === 'link') {
      const target = found.get(linkTarget(`${skeleton}/${name}`));
      return [at, predict(linkTarget(path), target), predict(realPath(path), targetOf(path, target ?? ''))];
    }
    return type === 'file' ? [at, ...contentAfter(path, `${skeleton}/${name}`, found)] : [at];
  });
}

function contentAfter(path: string, from: string, found: Found): Prediction[] {
  const bytes = found.get(content(from));
  if ('bytes' in bytes)
    return [
      predict(content(path), bytes),
      predict(sha256(path), createHash('sha256').update(bytes.bytes).digest('hex')),
    ];
  return [predict(content(path), bytes), predict(sha256(path), found.get(sha256(from)))];
}
