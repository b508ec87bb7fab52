import type { Step } from '../../contract/index.ts';
import { ownFolderSh, walkSh } from '../../probes/index.ts';
import { removeSh } from '../kit/remove-sh.ts';
import type { AccountDefaults } from './account-defaults.probe.ts';

/**
 * sh: `home_is_ours HOME`, where useradd(8), usermod(8) or userdel(8) are to go to a home directory: they do by its
 * name. Fails where others could swap a part of the way, or a folder that is missing on it. An empty argument: they
 * leave it alone.
 */
export const homeIsOurs = `
${walkSh}
${ownFolderSh}
home_is_ours() {
  [ -n "$1" ] || return 0
  own_folder "\${1%/*}/" && [ "$guarded" = y ] || { echo "$1 is left alone: $foreign belongs to others, who could replace it with a link in the meantime" >&2; return 1; }
  cd /
  entered=
}
`;

// Made closed, filled, handed over, opened. Parents that are missing are made as useradd(8) makes them, whatever is
// above. What is in it is handed over while nobody else can come in. Five digits make GNU chmod(1) clear the
// set-group-ID bit of a directory.
const homeScript = `set -e
${walkSh}
${removeSh}
above() {
  [ ! -d "$1/" ] || { enter "$1/"; return; }
  above "\${1%/*}"
  fresh "\${1##*/}"
  chown 0:0 .; chmod 00755 .
}
umask 022; above "\${2%/*}"
fresh "\${2##*/}"
if [ -d "$4" ]; then cp -a -- "$4/." .; chmod 0700 .; fi
owner=$(id -u -- "$1"):$(id -g -- "$1")
find . -mindepth 1 -exec chown -h -- "$owner" {} +
chown -- "$owner" .
chmod -- "0$3" .`;

/** Makes a home directory, whoever may swap what is on the way to it. */
export function homeStep(name: string, home: string, { homeMode, skeleton }: AccountDefaults): Step {
  return { script: homeScript, args: [name, home, homeMode, skeleton], label: `make the home directory ${home}` };
}
