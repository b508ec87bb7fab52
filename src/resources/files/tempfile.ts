import * as v from 'valibot';
import { predict, type Found, type PathState, type Plan, type Prediction } from '../../contract/index.ts';
import { defineResource } from '../../playbook/index.ts';
import { stat, walkSh } from '../../probes/index.ts';
import { asMade } from '../kit/file-content.ts';
import { behindLinks, presumeFolder } from '../kit/folder.ts';
import { follow, path } from '../kit/schemas.ts';

export interface TempfileResult {
  /** The file or directory that was created. */
  readonly path: string;
}

const part = (description: string, standard: string) =>
  v.optional(
    v.pipe(v.string(), v.regex(/^[^/\0]*$/, 'must be part of a name, without slashes'), v.description(description)),
    standard,
  );

/** A new temporary file or directory. */
export const tempfile = defineResource({
  name: 'tempfile',
  summary:
    'Creates a temporary file or directory that only its owner can read, every time. Remove it with `file` when you are done.',
  options: {
    state: v.optional(
      v.pipe(v.picklist(['file', 'directory']), v.description('What to create. Default `file`.')),
      'file',
    ),
    path: v.optional(path('The folder to create it in. Default `/tmp`.'), '/tmp'),
    follow,
    prefix: part('Prefix of its name. Default `play.`.', 'play.'),
    suffix: part('Suffix of its name. Default none.', ''),
  },
  example: `const scratch = tempfile({ state: 'directory' });
file({ path: ({ results }) => results(scratch).path, state: 'absent' })`,
  title: (options) => options.state ?? 'file',
  prepare: (options) => options,
  probes: ({ path: folder }) => [stat(folder)],
  plan({ state, path: folder, prefix, suffix }, found: Found): Plan<TempfileResult> {
    presumeFolder(folder, found);
    return {
      changes: [{ what: 'state', from: 'absent', to: state }],
      // busybox mktemp(1) knows no --suffix, so the name is changed afterwards, which ln and mkdir do only where
      // nothing is.
      steps: [
        {
          script: `set -e
${walkSh}
enter "$1"
umask 077
while :; do
  n=$(od -An -N8 -tx1 /dev/urandom | tr -d ' \\n')
  p=./$2$n$3
  if [ "$4" = directory ]; then mkdir -m 0700 -- "$p" && break
  else (set -C; : >"$p") && break; fi
  [ -e "$p" ] || exit 1
done
printf %s "\${1%/}/\${p#./}"`,
          args: [folder, prefix, suffix, state],
          label: `make a temporary ${state} in ${folder}`,
        },
      ],
      after: [],
      foreseen: () => [somewhereIn(folder, { prefix, suffix, state }, found)],
      touches: [{ on: 'path', path: folder }],
      again: true,
      always: true,
      unforeseen: true,
      result: { path: '' },
      conclude: ([output]) => ({ path: output?.stdout ?? '' }),
    };
  },
});

/** What comes to be in the folder, under a name that stands for the one that is made up in the run. */
function somewhereIn(
  folder: string,
  { prefix, suffix, state }: { readonly prefix: string; readonly suffix: string; readonly state: 'file' | 'directory' },
  found: Found,
): Prediction {
  const others = found.plannedBelow(folder).length;
  const name = `${prefix}${String(others).padStart(16, '0')}${suffix}`;
  const isFolder = state === 'directory';
  const made: PathState = {
    ...asMade(behindLinks(folder, found), found),
    type: state,
    mode: isFolder ? '0700' : '0600',
    size: 0,
  };
  return predict(stat(`${folder === '/' ? '' : folder}/${name}`), made, 'its name is chosen during the run');
}
