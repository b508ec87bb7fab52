import * as v from 'valibot';
import type { Found, Plan, Question } from '../../contract/index.ts';
import { defineResource } from '../../playbook/index.ts';
import { linkTarget, self, stat, tree } from '../../probes/index.ts';
import { directoryDefaults, fileDefaults } from '../kit/defaults.ts';
import { planDirectory } from '../kit/directory.ts';
import type { FileOptions, FileResult } from '../kit/file-options.ts';
import { planExisting, planTouch } from '../kit/file-touch.ts';
import { folderOf, pathAndAbove } from '../kit/folder.ts';
import { planHardLink, planLink, targetOf } from '../kit/link.ts';
import { planRemoval } from '../kit/removal.ts';
import { flag, follow, group, mode, owner, path, text } from '../kit/schemas.ts';

const moment = (description: string) => v.optional(v.pipe(v.picklist(['now', 'preserve']), v.description(description)));

/** Files, directories and links: that they are there or not, and whose they are. */
export const file = defineResource({
  name: 'file',
  summary: 'Makes directories and links, sets owner and permissions, removes files and whole trees.',
  options: {
    path: path('What this is about. A link in its place is followed, but for `absent`, `link` and `hard`.'),
    follow,
    state: v.optional(
      v.pipe(
        v.picklist(['file', 'directory', 'absent', 'link', 'hard', 'touch']),
        v.description(
          '`directory`: made with all that is missing above it. `absent`: removed with all below it. `link`, `hard`: points to `src`. `touch`: an empty file if there is none, and new times. `file`: must be there, its permissions are set. Default: what is there, else `directory` with `recurse`, else `file`.',
        ),
      ),
    ),
    src: v.optional(
      v.pipe(
        text('What a link points to, kept as written: relative to the link, or absolute. For `hard` an absolute path.'),
        v.minLength(1),
      ),
    ),
    force: flag(
      'Make a link though its target is not there, and put it in the place of a file or an empty directory.',
      false,
    ),
    recurse: flag(
      'Set owner, group and mode of everything below the directory too. A mode such as `u=rwX,g=rX,o=` gives `x` to directories only. Links below are not followed, mount points not entered.',
      false,
    ),
    mode,
    owner,
    group,
    accessTime: moment('For `touch`: `now` (default) sets it, `preserve` leaves it.'),
    modificationTime: moment(
      'For `touch`: `now` (default) sets it, `preserve` leaves it. With both preserved the task changes nothing once the file is there.',
    ),
  },
  example: `file({ path: '/srv/app/releases', state: 'directory', owner: 'app', mode: '0750' })
file({ path: '/srv/app/current', state: 'link', src: 'releases/42' })
file({ path: '/etc/nginx/sites-enabled/default', state: 'absent' })`,
  validateOptions: refuse,
  defaults: (given, { state }) =>
    state === 'directory' ? directoryDefaults(given) : state === 'touch' ? fileDefaults(given) : {},
  title: (options) => options.path ?? '',
  prepare: (options): FileOptions => options,
  probes,
  plan,
  owns: ({ path, state }) => (state === 'link' || state === 'hard' ? [{ on: 'path', path }] : []),
});

function refuse({ path, state, src, recurse, mode, accessTime, modificationTime }: FileOptions): string | undefined {
  const isLink = state === 'link' || state === 'hard';
  if (isLink && src === undefined) return `state '${state}' needs \`src\`: what the link points to`;
  if (!isLink && src !== undefined)
    return "`src` belongs to state 'link' or 'hard'; to copy a file write copy({ src, dest })";
  if (state === 'hard' && !src?.startsWith('/')) return '`src` of a hard link must be an absolute path';
  if (recurse && state !== undefined && state !== 'directory') return "`recurse` belongs to state 'directory'";
  if (state === 'link' && mode !== undefined)
    return 'a link has no permissions of its own; set `mode` on what it points to';
  if (state !== 'touch' && (accessTime ?? modificationTime) !== undefined)
    return "`accessTime` and `modificationTime` belong to state 'touch'";
  if (state === 'absent' && /^\/$|\/\.\.?(\/|$)/.test(path))
    return `${path} is not removed: name the path itself, without \`.\` and \`..\`, and never /`;
  return undefined;
}

function probes({ path, state, src, recurse }: FileOptions): readonly Question[] {
  const questions: Question[] = [stat(path)];
  if (state === 'directory' || recurse) questions.push(...pathAndAbove(path).map((one) => stat(one)), self);
  if (recurse) questions.push(tree(path));
  if (state === 'touch') questions.push(stat(folderOf(path)), self);
  if (state === 'link' || state === 'hard')
    questions.push(linkTarget(path), stat(folderOf(path)), stat(targetOf(path, src ?? '')), self);
  return questions;
}

function plan(options: FileOptions, found: Found): Plan<FileResult> {
  switch (options.state ?? stateFound(options, found)) {
    case 'directory':
      return planDirectory(options, found);
    case 'absent':
      return planRemoval(options, found);
    case 'link':
      return planLink(options, found);
    case 'hard':
      return planHardLink(options, found);
    case 'touch':
      return planTouch(options, found);
    case 'file':
      return planExisting(options, found);
  }
}

/** Without a state the task is about what is there. */
function stateFound({ path, recurse }: FileOptions, found: Found): 'directory' | 'file' {
  const { type } = found.get(stat(path));
  return type === 'directory' || (type === 'absent' && recurse) ? 'directory' : 'file';
}
