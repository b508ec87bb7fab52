import { createHash } from 'node:crypto';
import {
  predict,
  Unknowable,
  type Found,
  type Plan,
  type Prediction,
  type Question,
  type Stat,
} from '../../contract/index.ts';
import { PlayError } from '../../errors/index.ts';
import { asUser, content, contentAs, sha256, stat, user } from '../../probes/index.ts';
import { reveal } from '../../secrets/index.ts';
import { folderOf } from '../kit/folder.ts';
import type { SshKey, UserResult, WantedSshKey } from './user-wanted.ts';

/** Where the key is, in a home directory. */
function keyPath(home: string, { file }: WantedSshKey): string {
  return file.startsWith('/') ? file : `${home === '/' ? '' : home}/${file}`;
}

/** The questions that are sure to be asked where the home directory is this one. */
export function keyQuestions(home: string, wanted: WantedSshKey): Question[] {
  const path = keyPath(home, wanted);
  return [stat(path), stat(folderOf(path))];
}

// All of it with the rights of the user, in whose folder it is: $1 file, $2 type, $3 bits or empty, $4 comment or empty,
// $5 `yes` for a comment. stdin: the passphrase, which ssh-keygen(1) takes from no file, and which no argv may hold. The
// public key is put in place first: that the private one is there tells that all is done.
const keyScript = `set -e
umask 077
cd /
folder=\${1%/*}
[ -d "$folder/" ] || mkdir -m 0700 -- "$folder"
cd -- "$folder"
for old in ./.play-key-*; do [ ! -d "$old" ] || [ -L "$old" ] || rm -rf -- "$old"; done
work=$(mktemp -d ./.play-key-XXXXXX)
trap 'rm -rf -- "$work"' EXIT
trap 'exit 143' HUP INT TERM
PLAY_PASSPHRASE=$(cat)
type=$2 bits=$3 comment=$4 commented=$5 name=\${1##*/}
set -- -q -t "$type" -f "$work/key"
[ -z "$bits" ] || set -- "$@" -b "$bits"
[ -z "$commented" ] || set -- "$@" -C "$comment"
if [ -n "$PLAY_PASSPHRASE" ]; then
  printf '#!/bin/sh\\nprintf "%%s\\\\n" "$PLAY_PASSPHRASE"\\n' >"$work/ask"
  chmod 0700 "$work/ask"
  PLAY_PASSPHRASE=$PLAY_PASSPHRASE SSH_ASKPASS="$PWD/$work/ask" SSH_ASKPASS_REQUIRE=force DISPLAY=:0 ssh-keygen "$@" </dev/null >&2
else ssh-keygen "$@" -N '' </dev/null >&2
fi
chmod 0644 "$work/key.pub"
sync "$work/key" "$work/key.pub" 2>/dev/null || sync
cat "$work/key.pub"
mv -fT -- "$work/key.pub" "./$name.pub"
mv -nT -- "$work/key" "./$name"
if [ -e "$work/key" ]; then echo "$folder/$name was made by somebody else meanwhile" >&2; exit 1; fi`;

const script = `${asUser}
as "$@"`;

/** A plan for an account, and the key that its user shall have. */
export function withSshKey(wanted: WantedSshKey | undefined, found: Found, plan: Plan<UserResult>): Plan<UserResult> {
  if (wanted === undefined || plan.failure !== undefined) return plan;
  const { name, home } = plan.result;
  const then = found.with(plan);
  const path = keyPath(home, wanted);
  const folder = folderOf(path);
  found.need(stat(path), stat(folder));
  if (then.get(stat(path)).type !== 'absent') {
    const read = found.get(user(name)) === null ? undefined : found.get(contentAs(name, `${path}.pub`));
    return {
      ...plan,
      result: { ...plan.result, sshKey: keyOf(path, read && 'bytes' in read ? read.bytes : undefined) },
    };
  }
  requireFolder(folder, home, then);
  const hash = wanted.passphrase === undefined ? '' : reveal(wanted.passphrase);
  const { type, bits, comment } = wanted;
  const { conclude } = plan;
  return {
    ...plan,
    changes: [...plan.changes, { what: 'ssh key', from: 'absent', to: `new ${type} key ${path}` }],
    steps: [
      ...plan.steps,
      {
        script,
        args: [
          name,
          keyScript,
          path,
          type,
          bits === undefined ? '' : String(bits),
          comment ?? '',
          comment === undefined ? '' : 'yes',
        ],
        stdin: Buffer.from(hash),
        label: `make the ssh key ${path}`,
      },
    ],
    after: [...plan.after, ...keyAfter(path, plan, then)],
    touches: [...plan.touches, { on: 'path', path: folder }],
    result: { ...plan.result, sshKey: unknownKey(path) },
    conclude: (outputs) => ({
      ...(conclude?.(outputs) ?? plan.result),
      sshKey: keyOf(path, Buffer.from(outputs.at(-1)?.stdout ?? '')),
    }),
  };
}

/** Only the last folder on the way is made: the home directory may be meant to be made by others. */
function requireFolder(folder: string, home: string, then: Found): void {
  const now = then.get(stat(folder));
  if (now.type === 'directory' || now.type === 'link') return;
  if (now.type !== 'absent') throw new PlayError(`${folder} is not a directory, so there can be no ssh key in it`);
  const above = folderOf(folder);
  then.require(then.get(stat(above)).type !== 'absent', {
    failure: `there is no directory ${above} for the ssh key`,
    hint: above === home ? 'With `createHome: false` an earlier task must make it.' : 'Make it first.',
  });
}

function keyAfter(path: string, { result }: Plan<UserResult>, then: Found): Prediction[] {
  const folder = folderOf(path);
  const who = then.get(user(result.name));
  const owner = { uid: who?.uid ?? -1, owner: result.name, gid: who?.gid ?? -1, group: who?.group ?? result.name };
  const unknown = `${path} is made only then`;
  const made = (type: 'file' | 'directory', mode: string): Stat => ({ type, mode, size: 0, ...owner });
  return [
    ...(then.get(stat(folder)).type === 'absent' ? [predict(stat(folder), made('directory', '0700'))] : []),
    ...(
      [
        [path, '0600'],
        [`${path}.pub`, '0644'],
      ] as const
    ).flatMap(([file, mode]) => [
      predict(stat(file), made('file', mode)),
      { question: content(file), answer: null, unknown },
      { question: sha256(file), answer: null, unknown },
    ]),
  ];
}

function keyOf(file: string, bytes: Buffer | undefined): SshKey {
  const publicKey = bytes?.toString('utf8').trim() ?? '';
  const [, blob] = publicKey.split(/\s+/);
  const digest = blob === undefined ? '' : createHash('sha256').update(Buffer.from(blob, 'base64')).digest('base64');
  return { file, publicKey, fingerprint: digest === '' ? '' : `SHA256:${digest.replace(/=+$/, '')}` };
}

function unknownKey(file: string): SshKey {
  const cannot = (): never => {
    throw new Unknowable(`${file} is made only then`);
  };
  return {
    file,
    get publicKey(): string {
      return cannot();
    },
    get fingerprint(): string {
      return cannot();
    },
  };
}
