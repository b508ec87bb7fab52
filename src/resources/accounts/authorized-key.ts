import * as v from 'valibot';
import { settled, type Found, type Options, type Plan, type Question } from '../../contract/index.ts';
import { PlayError } from '../../errors/index.ts';
import {
  editAuthorizedKeys,
  isSound,
  parseAuthorizedKey,
  type AuthorizedKey,
  type AuthorizedKeysEdit,
} from '../../formats/authorized-keys-edit.ts';
import { editText } from '../../formats/text-edit.ts';
import { defineResource } from '../../playbook/index.ts';
import { contentAs, self, user as account, realPath, stat, type User } from '../../probes/index.ts';
import { carriedOutAs, isInHandsOf } from '../kit/as-user.ts';
import { planDirectory } from '../kit/directory.ts';
import { folderOf, planFile } from '../kit/file-content.ts';
import { inOrder } from '../kit/in-order.ts';
import { needUser } from '../kit/ownership.ts';
import { accountName, flag, follow, path, text } from '../kit/schemas.ts';
import { editQuestions, namingFile, planEdit, type EditedFile } from '../kit/text-file.ts';

const options = {
  user: accountName('The user whose keys these are; must exist.'),
  key: v.pipe(
    v.union([v.string(), v.array(v.string())]),
    v.description(
      'One or more public keys: a list, or text with a line for each, as in a `.pub` or `authorized_keys` file. Options before a key are kept. A key may be given several times with different options; a line of that key with options not given here is removed.',
    ),
  ),
  state: v.optional(
    v.pipe(
      v.picklist(['present', 'absent']),
      v.description('`absent` removes the keys, whatever their options and comments.'),
    ),
    'present',
  ),
  exclusive: flag('Remove all other keys from the file. Comment lines stay.', false),
  keyOptions: v.optional(
    v.pipe(
      text(
        'Options for every key given, as in sshd(8): `from="10.0.0.*",no-pty`. They replace options written before the keys.',
      ),
      v.regex(/^(?:[^\s"]|"(?:[^"\\\n]|\\.)*")*$/, 'must hold blanks inside double quotes only'),
    ),
  ),
  comment: v.optional(
    v.pipe(
      text('Comment for every key given. Default: the one after the key, else the one in the file.'),
      v.regex(/^[^\r\n]*$/, 'must be one line'),
    ),
  ),
  path: v.optional(path("The file, if it is not the user's `~/.ssh/authorized_keys`.")),
  follow,
  manageDir: flag(
    "Create the file's folder, and make sure that it belongs to the user and is closed to others. Not for a folder shared by many users.",
    true,
  ),
};

interface WantedKeys {
  readonly user: string;
  readonly path: string | undefined;
  readonly manageDir: boolean;
  readonly edit: AuthorizedKeysEdit;
}

/** Public keys a user may log in with. */
export const authorizedKey = defineResource({
  name: 'authorizedKey',
  summary: 'Public keys a user may log in with over SSH: adds them, removes them, or allows no others.',
  options,
  example: `authorizedKey({ user: 'deploy', key: 'ssh-ed25519 AAAAC3Nza... alice@laptop' })
authorizedKey({ user: 'root', key: adminKeys, exclusive: true })
authorizedKey({ user: 'backup', key: backupKey, keyOptions: 'restrict,command="/usr/bin/rrsync -ro /srv"' })`,
  validateOptions(given) {
    const lines = linesOf(given.key);
    if (lines.length === 0) return given.exclusive ? undefined : '`key` holds no key';
    const url = lines.find((line) => /^https?:/.test(line));
    if (url !== undefined) return `keys are not fetched from ${url} during a run: put them into the repository`;
    const bad = lines.find((line) => !isKey(line));
    return bad === undefined
      ? undefined
      : `this is not a public key: ${bad.length > 60 ? `${bad.slice(0, 57)}...` : bad}`;
  },
  title: (given) => given.user ?? '',
  prepare: (given): WantedKeys => ({
    user: given.user,
    path: given.path,
    manageDir: given.manageDir,
    edit: { keys: keysOf(given), state: given.state, exclusive: given.exclusive },
  }),
  probes: (wanted): Question[] => [
    account(wanted.user),
    self,
    ...(wanted.path === undefined ? [] : editQuestions(wanted.path)),
  ],
  plan,
});

function linesOf(key: string | readonly string[]): string[] {
  return (typeof key === 'string' ? [key] : key)
    .flatMap((one) => one.split(/\r?\n/))
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'));
}

function isKey(line: string): boolean {
  const key = parseAuthorizedKey(line);
  return key !== undefined && isSound(key);
}

function keysOf({ key, keyOptions, comment }: Options<typeof options>): AuthorizedKey[] {
  return linesOf(key).flatMap((line) => {
    const parsed = parseAuthorizedKey(line);
    return parsed ? [{ ...parsed, options: keyOptions ?? parsed.options, comment: comment ?? parsed.comment }] : [];
  });
}

interface AuthorizedKeyResult {
  /** The file with the keys. */
  readonly path: string;
}

function plan({ user, path: given, manageDir, edit }: WantedKeys, found: Found): Plan<AuthorizedKeyResult> {
  if (edit.state === 'absent' && found.get(account(user)) === null)
    return settled({ path: given ?? '/.ssh/authorized_keys' });
  return { ...planKeys({ user, path: given, manageDir, edit }, found), closes: [{ by: 'account', name: user }] };
}

function planKeys({ user, path: given, manageDir, edit }: WantedKeys, found: Found): Plan<AuthorizedKeyResult> {
  const who = needUser(user, found);
  const file = given ?? `${who.home === '/' ? '' : who.home}/.ssh/authorized_keys`;
  const result = { path: file };
  const onlyIfThere = edit.state === 'absent' && !edit.exclusive;
  const folder = {
    path: folderOf(file),
    state: 'directory' as const,
    force: false,
    recurse: false,
    owner: user,
    group: who.group,
    mode: '0700',
  };
  const wanted = { path: file, create: true, onlyIfThere, owner: user, group: who.group, mode: '0600' };
  const makesFolder = manageDir && !onlyIfThere;
  const planFolder = (now: Found): Plan<unknown> => (makesFolder ? planDirectory(folder, now) : settled(result));
  // Who is not root works with rights of their own anyway.
  if (found.get(self).uid !== 0 || !isInHandsOf(who.uid, file, found))
    return inOrder(found, result, planFolder, (now) => planEdit(wanted, now, edit, editAuthorizedKeys));
  const isTurned = makesFolder && found.get(stat(folder.path)).type === 'link';
  found.require(!isTurned, {
    failure: `${folder.path} is a symbolic link, which ${user} can point anywhere`,
    hint: 'Remove it, or leave the folder to the user with `manageDir: false`.',
    by: null,
  });
  const plan = inOrder(found, result, planFolder, (now) => planOwnEdit(wanted, who, now, edit));
  return carriedOutAs(who, file, plan, found);
}

/**
 * The edit of a file that the user could put a link in the place of: read with their rights, as it is written with
 * them.
 */
function planOwnEdit(
  { onlyIfThere, ...wanted }: Omit<EditedFile, 'create'>,
  { name, uid }: Pick<User, 'name' | 'uid'>,
  found: Found,
  edit: AuthorizedKeysEdit,
): Plan<AuthorizedKeyResult> {
  const result = { path: wanted.path };
  const now = found.get(stat(wanted.path));
  if (now.type === 'absent' && onlyIfThere) return settled(result);
  const path = now.type === 'link' ? (found.get(realPath(wanted.path)) ?? wanted.path) : wanted.path;
  const isTheirs = path === wanted.path || isInHandsOf(uid, path, found);
  found.require(isTheirs, {
    failure: `${wanted.path} is a symbolic link of ${name} to ${path}, which is not theirs`,
    hint: 'Remove it.',
    by: null,
  });
  const old = now.type === 'absent' ? { bytes: Buffer.alloc(0) } : found.get(contentAs(name, path));
  if (!('bytes' in old))
    throw new PlayError(`${path} is ${'tooLarge' in old ? 'too large to be edited' : old.missing}`);
  return namingFile(path, () => {
    const content = editText(old.bytes, edit, editAuthorizedKeys);
    return planFile({ ...wanted, path, content }, found, result);
  });
}
