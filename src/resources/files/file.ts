import * as v from 'valibot';
import type { Found, Plan, Question } from '../../contract/index.ts';
import { defineResource } from '../../playbook/index.ts';
import { linkTarget, self, stat, tree, writability } from '../../probes/index.ts';
import { directoryDefaults, fileDefaults } from '../kit/defaults.ts';
import { planDirectory } from '../kit/directory.ts';
import { attributes, planFlags } from '../kit/file-flags.ts';
import type { FileOptions, FileResult } from '../kit/file-options.ts';
import { followed, planExisting, planTouch } from '../kit/file-touch.ts';
import { folderOf, pathAndAbove } from '../kit/folder.ts';
import { planHardLink, planLink, targetOf } from '../kit/link.ts';
import { planRemoval } from '../kit/removal.ts';
import { flag, group, mode, owner, path, text } from '../kit/schemas.ts';
import { timeQuestions, withTimes, type WantedTimes } from './file-times.ts';
import { defaultFormat, momentOf, refuseFormat, type Moment } from './moment.ts';

const moment = (description: string) => v.optional(text(description));
const format = (of: string) =>
  v.optional(
    v.pipe(
      v.string(),
      v.check(
        (value) => refuseFormat(value) === undefined,
        (issue) => refuseFormat(issue.input) ?? '',
      ),
      v.description(`How \`${of}\` is written, as in strptime(3). Default \`${defaultFormat}\`.`),
    ),
    defaultFormat,
  );

/** Files, directories and links: that they are there or not, and whose they are. */
export const file = defineResource({
  name: 'file',
  summary: 'Makes directories and links, sets owner and permissions, removes files and whole trees.',
  options: {
    path: path('The path. If it is a link, the link is followed, except with `absent`, `link` and `hard`.'),
    follow: v.optional(
      v.pipe(
        v.boolean(),
        v.description(
          '`true`: follow also links that another account could redirect, wherever they lead; otherwise that fails, unless they lead to something that account owns. `false`: do not follow a link at the path itself: without a state, and with `touch`, owner, group and times are those of the link (it has no mode); `file` and `directory` fail. Default: a link at the path is followed if nobody else could redirect it.',
        ),
      ),
    ),
    state: v.optional(
      v.pipe(
        v.picklist(['file', 'directory', 'absent', 'link', 'hard', 'touch']),
        v.description(
          '`directory`: created, with all missing directories above it. `absent`: removed with everything below it. `link`, `hard`: points to `src`. `touch`: an empty file if there is none, and new times. `file`: must exist; its permissions are set. Default: whatever is there, else `directory` with `recurse`, else `file`.',
        ),
      ),
    ),
    src: v.optional(
      v.pipe(
        text('The target of a link, kept as written: relative to the link, or absolute. For `hard`, an absolute path.'),
        v.minLength(1),
      ),
    ),
    force: flag(
      'Create a link even if its target does not exist, and replace a file or an empty directory with it.',
      false,
    ),
    recurse: flag(
      'Set owner, group and mode of everything below the directory too. A mode such as `u=rwX,g=rX,o=` gives `x` to directories only. Links below it are not followed, and mount points not entered.',
      false,
    ),
    mode,
    owner,
    group,
    attributes,
    accessTime: moment(
      "Access time: `preserve` leaves it, `now` (with `touch`) sets it every time, and a time (`'202701311200.00'`, in the host's time zone and in the format of `accessTimeFormat`, or `'2027-01-31T12:00:00Z'`) is set if it differs by a second or more. Anybody who reads the file may change it again. Default: `now` with `touch`, else `preserve`.",
    ),
    accessTimeFormat: format('accessTime'),
    modificationTime: moment(
      'Modification time, in the same format. If both are preserved or given, `touch` changes nothing once the file exists. Default: `now` with `touch`, else `preserve`.',
    ),
    modificationTimeFormat: format('modificationTime'),
  },
  example: `file({ path: '/srv/app/releases', state: 'directory', owner: 'app', mode: '0750' })
file({ path: '/srv/app/current', state: 'link', src: 'releases/42' })
file({ path: '/etc/nginx/sites-enabled/default', state: 'absent' })`,
  validateOptions: refuse,
  defaults: (given, { state }) =>
    state === 'directory' ? directoryDefaults(given) : state === 'touch' ? fileDefaults(given) : {},
  title: (options) => options.path ?? '',
  prepare: wantedFile,
  probes,
  plan,
  owns: ({ path, state }) => (state === 'link' || state === 'hard' ? [{ on: 'path', path }] : []),
});

interface Given extends Omit<FileOptions, 'touches'> {
  readonly attributes?: string | undefined;
  readonly accessTime?: string | undefined;
  readonly accessTimeFormat: string;
  readonly modificationTime?: string | undefined;
  readonly modificationTimeFormat: string;
}

interface Wanted extends FileOptions, WantedTimes {
  readonly attributes?: string | undefined;
}

function refuse(given: Given): string | undefined {
  const { path, state, src, recurse, mode, attributes: flags, accessTime, modificationTime } = given;
  const isLink = state === 'link' || state === 'hard';
  if (isLink && src === undefined) return `state '${state}' needs \`src\`: what the link points to`;
  if (!isLink && src !== undefined)
    return "`src` needs state 'link' or 'hard'; to copy a file, write copy({ src, dest })";
  if (state === 'hard' && !src?.startsWith('/')) return '`src` of a hard link must be an absolute path';
  if (recurse && state !== undefined && state !== 'directory') return "`recurse` needs state 'directory'";
  if (state === 'link' && mode !== undefined)
    return 'a link has no permissions of its own; set `mode` on what it points to';
  if ((isLink || state === 'absent') && flags !== undefined)
    return "`attributes` need state 'file', 'directory' or 'touch'";
  if (state === 'absent' && /^\/$|\/\.\.?(\/|$)/.test(path))
    return `${path} is not removed: name the path itself, without \`.\` and \`..\`, and never /`;
  return (
    refuseTime('accessTime', accessTime, given.accessTimeFormat, state) ??
    refuseTime('modificationTime', modificationTime, given.modificationTimeFormat, state)
  );
}

function refuseTime(name: string, text: string | undefined, format: string, state: Given['state']): string | undefined {
  if (text === undefined || text === 'preserve') return undefined;
  if (state === 'link' || state === 'hard' || state === 'absent')
    return `\`${name}\` needs state 'file', 'directory' or 'touch'`;
  if (text === 'now') return state === 'touch' ? undefined : `\`${name}: 'now'\` needs state 'touch'`;
  return momentOf(text, format) === undefined
    ? `\`${name}\` must be 'now', 'preserve', a time such as '2027-01-31T12:00:00Z', or one as \`${name}Format\` has it (${format}), which ${text} is not`
    : undefined;
}

function wantedFile(given: Given): Wanted {
  const { accessTime, modificationTime, accessTimeFormat, modificationTimeFormat, ...rest } = given;
  const access = accessTime === undefined ? undefined : momentOf(accessTime, accessTimeFormat);
  const modification = modificationTime === undefined ? undefined : momentOf(modificationTime, modificationTimeFormat);
  const isNow = (moment: Moment | undefined): boolean => (moment ?? 'now') === 'now';
  const touches = isNow(access) ? (isNow(modification) ? 'both' : 'a') : isNow(modification) ? 'm' : '';
  return { ...rest, touches, accessTime: access, modificationTime: modification };
}

function probes(wanted: Wanted): readonly Question[] {
  const { path, state, src, recurse, attributes: flags } = wanted;
  const questions: Question[] = [stat(path), ...timeQuestions(path, wanted)];
  if (flags !== undefined) questions.push(writability(path), self);
  if (state === 'directory' || recurse) questions.push(...pathAndAbove(path).map((one) => stat(one)), self);
  if (recurse) questions.push(tree(path));
  if (state === 'touch') questions.push(stat(folderOf(path)), self);
  if (state === 'link' || state === 'hard')
    questions.push(linkTarget(path), stat(folderOf(path)), stat(targetOf(path, src ?? '')), self);
  return questions;
}

function plan(wanted: Wanted, found: Found): Plan<FileResult> {
  if (wanted.attributes === undefined && timeQuestions(wanted.path, wanted).length === 0)
    return planState(wanted, found);
  const { path } = followed(wanted.path, found, wanted.follow);
  return planFlags(path, wanted.attributes, found, (then) => withTimes(path, wanted, then, planState(wanted, then)));
}

function planState(options: FileOptions, found: Found): Plan<FileResult> {
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
