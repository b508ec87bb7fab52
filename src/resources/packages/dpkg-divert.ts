import * as v from 'valibot';
import {
  predict,
  settled,
  type Change,
  type Found,
  type Plan,
  type Prediction,
  type Step,
} from '../../contract/index.ts';
import { defineResource } from '../../playbook/index.ts';
import { content, linkTarget, sha256, stat } from '../../probes/index.ts';
import { folderOf, presumeFolder } from '../kit/folder.ts';
import { requireNoObstacle } from '../kit/obstacle.ts';
import { gone } from '../kit/predictions.ts';
import { filePath, flag, text } from '../kit/schemas.ts';
import { toolNeed } from '../kit/tool-need.ts';
import { diversion } from './diversion.probe.ts';

interface WantedDiversion {
  readonly path: string;
  readonly divert: string;
  readonly holder: string;
  readonly rename: boolean;
  readonly force: boolean;
  readonly state: 'present' | 'absent';
}

export interface DivertResult {
  /** The path that is diverted, or was. */
  readonly path: string;
  /** Where packages install their copy: `divert`, or the path itself if it is not diverted. */
  readonly divert: string;
}

const onOneLine = <S extends v.GenericSchema<string, string>>(schema: S) =>
  v.pipe(schema, v.regex(/^[^\n]*$/, 'must be one line: dpkg takes no other'));

/** A file of a package that goes elsewhere, so that one's own stays in its place. */
export const dpkgDivert = defineResource({
  name: 'dpkgDivert',
  summary:
    "Diverts a package's file, so that your own file can take its place and no upgrade overwrites it: dpkg-divert(1).",
  options: {
    path: onOneLine(filePath('The file in the package.')),
    divert: v.optional(onOneLine(filePath("Where the package's copy goes. Default: `path` with `.distrib` appended."))),
    holder: v.optional(
      v.pipe(
        text('The package whose own copy is not diverted. Default `LOCAL`: the copies of all packages are.'),
        v.regex(/^(?:LOCAL|[a-z0-9][a-z0-9+.-]*)$/, 'must be the name of a package, or LOCAL'),
      ),
      'LOCAL',
    ),
    rename: flag(
      'Also move the existing file, aside or back, when the diversion is added, changed or removed. Not for files that the host cannot do without for a moment.',
      false,
    ),
    force: flag('With `rename`: a file in the way of the move is lost. Otherwise that fails.', false),
    state: v.optional(
      v.pipe(v.picklist(['present', 'absent']), v.description('Whether it is diverted. Default `present`.')),
      'present',
    ),
  },
  example: `dpkgDivert({ path: '/usr/bin/editor-helper', rename: true })
copy({ src: 'editor-helper', dest: '/usr/bin/editor-helper', mode: '0755' })`,
  validateOptions: ({ path, divert, rename, force }) => {
    if (divert === path) return '`divert` is `path` itself';
    return force && !rename ? '`force` needs `rename`' : undefined;
  },
  title: ({ path }) => path ?? '',
  prepare: ({ divert, ...given }): WantedDiversion => ({ ...given, divert: divert ?? `${given.path}.distrib` }),
  probes: ({ path, divert }) => [diversion(path), stat(path), stat(divert)],
  plan,
  owns: ({ path }) => [{ on: 'named', name: `diversion of ${path}` }],
});

function plan(wanted: WantedDiversion, found: Found): Plan<DivertResult> {
  const { path, holder, state } = wanted;
  const now = found.get(diversion(path));
  found.require(now !== 'no dpkg', toolNeed('dpkg-divert', 'dpkg'));
  const divert = state === 'present' ? wanted.divert : path;
  const result = { path, divert };
  const isRight = state === 'present' ? now.holder === holder && now.divert === divert : now.holder === null;
  if (isRight) return settled(result);
  found.require(now.holder === null || now.holder === holder, {
    failure: `${path} is diverted to ${now.divert} by ${now.holder ?? ''} already`,
    hint: `To take that away: dpkgDivert({ path: '${path}', holder: '${now.holder ?? ''}', state: 'absent' })`,
    by: null,
  });
  found.require(found.get(stat(path)).type !== 'directory', { failure: `${path} is a directory`, by: null });
  const move = wanted.rename ? moveOf(now.divert, divert, wanted, found) : undefined;
  return {
    changes: [
      {
        what: 'diversion',
        ...(now.holder === null ? {} : { from: now.divert }),
        to: state === 'present' ? divert : 'none',
      },
      ...(move === undefined ? [] : [move.change]),
    ],
    steps: [stepOf(wanted, now.holder !== null, move?.isOver ?? false)],
    after: [...(move?.after ?? []), predict(diversion(path), { holder: state === 'present' ? holder : null, divert })],
    touches: [{ on: 'packages' }],
    result,
  };
}

interface Move {
  readonly change: Change;
  readonly after: readonly Prediction[];
  /** Something that is in the way is lost. */
  readonly isOver: boolean;
}

/** What dpkg-divert(1) moves with `--rename`; undefined where nothing is there to be moved. */
function moveOf(from: string, to: string, { path, force }: WantedDiversion, found: Found): Move | undefined {
  found.need(stat(from), stat(to));
  const now = found.get(stat(from));
  if (now.type === 'absent') return undefined;
  const isOver = found.get(stat(to)).type !== 'absent';
  found.require(!isOver || (force && found.get(stat(to)).type !== 'directory'), {
    failure: `${from} cannot be moved to ${to}: something is there`,
    hint: `Remove it first, or give \`force: true\`: it is lost then.`,
    by: null,
  });
  presumeFolder(folderOf(to), found);
  requireNoObstacle(from, 'remove', found);
  requireNoObstacle(to, 'replace', found);
  found.need(sha256(from), content(from), linkTarget(from));
  return {
    change: { what: from === path ? 'file' : from, to: `moved to ${to}` },
    after: [
      ...gone(from),
      predict(stat(to), now),
      predict(sha256(to), found.get(sha256(from))),
      predict(content(to), found.get(content(from))),
      predict(linkTarget(to), found.get(linkTarget(from))),
    ],
    isOver,
  };
}

// dpkg changes no diversion: it is taken away and made anew. $1 path, $2 where its copies shall go or empty, $3 holder,
// $4 --rename or --no-rename, $5 y: there is a diversion now, $6 y: what is in the way of a move goes.
const script = `set -e
if [ "$3" = LOCAL ]; then set -- "$1" "$2" --local "$4" "$5" "$6"; else set -- "$1" "$2" "--package=$3" "$4" "$5" "$6"; fi
to=\${2:-$1}
[ -z "$6" ] || rm -f -- "$to"
[ -z "$5" ] || dpkg-divert --quiet "$3" "$4" --remove "$1"
[ -z "$2" ] || dpkg-divert --quiet "$3" "$4" --divert "$2" --add "$1"`;

function stepOf({ path, divert, holder, rename, state }: WantedDiversion, isDiverted: boolean, isOver: boolean): Step {
  const isPresent = state === 'present';
  return {
    script,
    args: [
      path,
      isPresent ? divert : '',
      holder,
      rename ? '--rename' : '--no-rename',
      isDiverted ? 'y' : '',
      isOver ? 'y' : '',
    ],
    label: isPresent ? `divert ${path} to ${divert}` : `divert ${path} no more`,
  };
}
