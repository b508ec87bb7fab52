import * as v from 'valibot';
import { flag, follow, path, text } from '../kit/schemas.ts';

/** The options of `git`. */
export const options = {
  repo: v.pipe(
    text('The repository: a URL or path as in git-clone(1). No password in it: use a key.'),
    v.regex(/^[^-\0]/, 'must not begin with a dash'),
  ),
  dest: path('The working copy on the host.'),
  follow,
  version: v.optional(
    v.pipe(
      text("A branch, tag, or full commit hash. Default `HEAD`: the repository's default branch."),
      v.regex(/^[^-\0\s][^\0\s]*$/, 'must be the name of a branch or tag, or a commit'),
    ),
    'HEAD',
  ),
  remote: v.optional(
    v.pipe(
      text('The name of the remote in the working copy. Default `origin`.'),
      v.regex(/^[A-Za-z0-9_.][A-Za-z0-9_./-]*$/, 'must be a name'),
    ),
    'origin',
  ),
  refspec: v.optional(
    v.pipe(
      text(
        'A refspec to fetch in addition, as in git-fetch(1): for commits that no branch or tag leads to (`refs/pull/7/head`).',
      ),
      v.regex(/^\+?[^-+\0\s][^\0\s]*$/, 'must be a refspec'),
    ),
  ),
  depth: v.optional(
    v.pipe(
      v.number(),
      v.integer(),
      v.minValue(1),
      v.description(
        'Fetch only this many commits of the history. Default: all of them, even if fewer were fetched before.',
      ),
    ),
  ),
  recursive: flag('Initialise and update submodules, recursively.', true),
  force: flag(
    'Discard modified tracked files, local commits, and files in the way of new ones; otherwise the task fails.',
    false,
  ),
  acceptHostkey: flag(
    'Over SSH: accept the key of a server the host has no key for, and store it in `~/.ssh/known_hosts`. A changed key is refused, although Ansible accepts that too. Better: add the key with `knownHosts`, because this option trusts whoever answers first. Check mode accepts it too, and does not store it.',
    false,
  ),
  verifyCommit: flag(
    "The commit, or the tag if `version` is an annotated one, must have a good signature from a key that the user's gpg on the host knows; otherwise nothing is checked out. Only the real run verifies it, because gpg writes files; check mode assumes that it is good. An existing working copy at the right commit is not verified.",
    false,
  ),
  bare: flag(
    'Keep the repository itself in place of a working copy, as `git clone --bare` makes it: all branches and tags, and the default branch. What the remote no longer has stays. A branch that somebody pushed to here fails the task, unless `force` is set.',
    false,
  ),
  update: flag('Update when the version moves. With `false` an existing working copy stays as it is.', true),
};

export type Wanted = v.InferOutput<v.StrictObjectSchema<typeof options, undefined>>;

/** A commit as people are shown it. */
export const short = (id: string): string => id.slice(0, 12);
