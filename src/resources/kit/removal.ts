import { settled, type Found, type Plan, type Step } from '../../contract/index.ts';
import { mountsBelow, stat, tree, walkSh, writability } from '../../probes/index.ts';
import type { FileOptions, FileResult } from './file-options.ts';
import { requireNoObstacle, requireNothingFrozen } from './obstacle.ts';
import { gone } from './predictions.ts';
import { removeSh } from './remove-sh.ts';
import { count, plural, withPlanned } from './tree-permissions.ts';

// The mounts are looked for again: one may have come since the question was asked.
const removeScript = `set -e
${mountsBelow}
${walkSh}
${removeSh}
enter "\${1%/*}/"
name=\${1##*/}
if [ -d "./$name" ] && [ ! -L "./$name" ]; then
  m=$(mounts_below "$1")
  [ -z "$m" ] || { printf 'mounted there: %s\\n' "$m" >&2; exit 1; }
fi
remove "$name"`;

/** Removes what is at a path, whatever it is. */
export function removeStep(path: string): Step {
  return { script: removeScript, args: [path], label: `remove ${path}` };
}

/** Nothing at the path any more, whatever it was. Mount points below it are never crossed. */
export function planRemoval({ path }: FileOptions, found: Found): Plan<FileResult> {
  const now = found.get(stat(path));
  if (now.type === 'absent') return settled({ path, state: 'absent' });
  let from: string = now.type;
  if (now.type === 'directory') {
    const below = found.get(tree(path));
    found.require(below.mounts.length === 0, {
      failure: `${path} is not removed: ${below.mounts.slice(0, 5).join(', ')} ${below.mounts.length === 1 ? 'is a mount point' : 'are mount points'}`,
      hint: 'Unmount first.',
      by: null,
    });
    from = `directory (${plural(count(withPlanned(below, path, found)))} below)`;
    found.need(writability(path));
    requireNothingFrozen(path, () => true, found);
  }
  requireNoObstacle(path, 'remove', found);
  return {
    changes: [{ what: 'state', from, to: 'absent' }],
    steps: [removeStep(path)],
    after: gone(path),
    touches: [{ on: 'path', path }],
    result: { path, state: 'absent' },
  };
}
