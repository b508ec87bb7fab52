/**
 * The shell program of a lane, and the command line that starts it.
 *
 * It must pass through any login shell (sh, fish, csh) as one single-quoted word, so it is one line and contains no
 * single quote, no `!` except before a space (csh history) and no doubled backslash (fish). It uses what dash, busybox
 * sh and bash have in common.
 *
 * A fork with exec costs about a millisecond, several on a virtual machine inside another, and builtins next to
 * nothing: hence headers, short texts and short strings are read by `read`, byte by byte (about half a microsecond
 * each), longer scripts are kept for the next time, one watchdog serves all requests, outputs are delimited by a
 * boundary rather than counted by `wc`, and there is one `rm` for each exchange, after its last reply. A request then
 * costs two processes: its shell, and the one that prints its output.
 *
 * The boundary is as good as a length: it comes over stdin, no argv or environment shows it, so nothing that a script
 * prints can contain it by accident or by design, and files that daemons are still writing to do no harm.
 */

import { uidSh } from './uid-sh.ts';

/** Where tools are looked for, in lanes and scripts alike. */
export const LANE_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

const PROGRAM = [
  // Caught, not ignored: scripts get the default back, while the lane outlives the end of its connection.
  'trap : HUP PIPE;',
  'umask 022; cd /; unset OLDPWD;',
  'if [ -t 0 ]; then stty raw -echo; fi;',
  'N=$1; d=${2-}; B=; bad=0; w=;',
  `USER=$(id -un); LOGNAME=$USER; ${uidSh}; I=$uid; unset uid uid_key uid_real uid_rest; export USER LOGNAME;`,
  'if [ -d "/run/user/$I" ] && [ -O "/run/user/$I" ]; then export XDG_RUNTIME_DIR="/run/user/$I"; fi;',
  'S=; if command -v setsid >/dev/null 2>&1; then S=setsid; fi;',

  // The private directory, unless root made one for us; those of dead lanes are swept on the way. Not in /run/user,
  // which is removed some seconds after the account's last login ends, whoever else works as that account.
  'if [ "$I" = 0 ]; then set -- /run /dev/shm /tmp /var/tmp; else set -- /dev/shm /tmp /var/tmp; fi;',
  'for b do',
  'if [ -d "$b" ] && [ -w "$b" ]; then',
  'for o in "$b"/play.[0-9]*.??????; do',
  'if [ -e "$o" ] && { [ -O "$o" ] || [ "$b" = /run ]; }; then',
  'p=${o#"$b"/play.}; p=${p%%.*};',
  'if [ -L "$o" ] || kill -0 "$p" 2>/dev/null; then :; else rm -rf "$o"; fi;',
  'fi;',
  'done;',
  'if [ -z "$d" ]; then d=$(mktemp -d "$b/play.$$.XXXXXX" 2>/dev/null); fi;',
  'fi;',
  'done;',
  'if [ -z "$d" ]; then echo "play: no directory to work in (tried $*)" >&2; exit 73; fi;',

  // take KIND COUNT FILE: COUNT lines (l), strings (z, each on a line) or bytes (b) of what comes next.
  'take() {',
  'n=$2;',
  'if [ "$1" = l ]; then',
  'while [ "$n" -gt 0 ]; do IFS= read -r l || return 1; printf "%s\\n" "$l" || return 1; n=$((n-1)); done >"$3";',
  'elif [ "$1" = z ]; then',
  'while [ "$n" -gt 0 ]; do IFS= read -r l || return 1; printf "%s\\0" "$l" || return 1; n=$((n-1)); done >"$3";',
  'elif [ "$n" -eq 0 ]; then : >"$3";',
  'elif [ "$n" -le 1048576 ]; then dd bs="$n" count=1 iflag=fullblock of="$3" 2>/dev/null;',
  'else',
  'dd bs=65536 count=$((n/65536)) iflag=fullblock of="$3" 2>/dev/null || return 1;',
  'n=$((n%65536));',
  'if [ "$n" -gt 0 ]; then dd bs="$n" count=1 iflag=fullblock 2>/dev/null >>"$3"; fi;',
  'fi;',
  '};',

  // watch: checks every second how long the request of "$d/w" has run, and ends the process group of its script once
  // that exceeds its time. `bye` ends its `sleep` too, by KILL: a child that has not reached its exec yet would take
  // TERM for the shell's trap, and sleep on. It outlives a killed lane only for as long as the script does, and ends
  // only what the script itself said it is, by number and start time.
  'bye() { kill -KILL $! ; exit; };',
  // same: whether the script is still the process that it said it is; $p is its number.
  'began() { l=${l##*")" }; k=0; while [ "$k" -lt 19 ]; do l=${l#* }; k=$((k+1)); done; l=${l%% *}; };',
  'same() { read -r p l <"$s.p" || return 1; if [ -z "$l" ]; then kill -0 "$p"; return; fi; began; b=$l; l=; read -r l <"/proc/$p/stat" || return 1; began; [ "$l" = "$b" ]; };',
  'watch() {',
  'trap : HUP PIPE; trap bye TERM; q=; n=0;',
  'while :; do',
  'sleep 1 & wait $! ;',
  'x=; s=; T=; read -r x T s <"$d/w" || :;',
  'if [ -z "$s" ]; then kill -0 $$ || exit; q=; continue; fi;',
  'kill -0 $$ || same || exit;',
  'if [ "$x" = "$q" ]; then n=$((n+1)); else q=$x; n=0; fi;',
  'if [ "$n" -lt "$T" ]; then continue; fi;',
  ': >"$d/t$x";',
  'if same; then',
  'kill -TERM "-$p" || kill -TERM "$p";',
  'n=0; while [ "$n" -lt 25 ] && kill -0 "-$p"; do sleep 0.2 || sleep 1; n=$((n+1)); done;',
  'kill -KILL "-$p" || kill -KILL "$p";',
  'fi;',
  ': >"$d/u$x"; q=;',
  'done;',
  '};',

  'quit() { if [ "$w" ]; then kill "$w" 2>/dev/null; fi; rm -rf "$d"; exit; };',
  // A payload that cannot be stored leaves the stream out of step, so it ends the lane.
  'die() { printf "%s%s%s ! cannot store a script or its input in %s\\n" "$B" "$B" "$x" "$d"; quit; };',

  // pass COUNT: bytes of what comes next, to stdout, and not one more.
  'pass() {',
  'dd bs=65536 count=$(($1/65536)) iflag=fullblock 2>/dev/null || return 1;',
  'n=$(($1%65536));',
  'if [ "$n" -gt 0 ]; then dd bs="$n" count=1 iflag=fullblock 2>/dev/null; fi;',
  '};',
  // work: the script of a request, with its input. One that comes while it is sent (s) is on no disk; what the script
  // leaves of it is read all the same, as the next request is behind it.
  'work() {',
  'if [ "$dk" = s ]; then pass "$dn" | ( $S sh "$s" >>"$o" 2>>"$e"; c=$?; cat >/dev/null; exit "$c" );',
  'else $S sh "$s" <"$i" >>"$o" 2>>"$e"; fi;',
  '};',

  // run: a request. A frame cut short by a lost connection lacks its last line and is not run.
  'run() {',
  's=$d/s$x; o=$d/o$x; e=$d/e$x; i=/dev/null; skip=0;',
  'case $f in *n*) bad=0;; esac;',
  'case $f in *a*) skip=$bad;; esac;',
  // A script that is to be kept is stored even if it is not run now: later requests refer to it.
  'case $sk in',
  'k) s=$d/k$sn;;',
  'c) s=$d/k$x; take b "$sn" "$s" || die;;',
  '*) if [ "$skip" = 1 ]; then s=/dev/null; fi; take "$sk" "$sn" "$s" || die;;',
  'esac;',
  'if [ "$dk" = - ] || [ "$dk$skip" = s0 ]; then :; elif [ "$skip" = 1 ]; then take "$dk" "$dn" /dev/null || die;',
  'else i=$d/i$x; take "$dk" "$dn" "$i" || die; fi;',
  'if [ "$dk$skip" = s0 ]; then :; else read -r z || quit; if [ "$z" = . ]; then :; else quit; fi; fi;',
  'if [ "$skip" = 1 ]; then printf "%s%s%s skip\\n" "$B" "$B" "$x"; return; fi;',
  'if [ "$T" = 0 ]; then work; c=$?;',
  'else',
  'echo "$x $T $s" >"$d/w";',
  'if [ -z "$w" ]; then watch </dev/null >/dev/null 2>&1 & w=$! ; fi;',
  'work; c=$?;',
  ': >"$d/w";',
  'if [ -e "$d/t$x" ]; then until [ -e "$d/u$x" ]; do sleep 0.1 || sleep 1; done; c=124; fi;',
  'fi;',
  'if [ "$dk" = s ]; then read -r z || quit; if [ "$z" = . ]; then :; else quit; fi; fi;',
  'case $f in *q*) ;; *) if [ "$c" = 0 ]; then :; else bad=1; fi;; esac;',
  'if [ -s "$o" ]; then head -c "$m" "$o"; fi;',
  'if [ -s "$e" ]; then printf %s "$B"; head -c "$m" "$e"; printf "%s%s %s\\n" "$B" "$x" "$c";',
  'else printf "%s%s%s %s\\n" "$B" "$B" "$x" "$c"; fi;',
  'case $f in *z*) rm -f "$d"/[sioetu][0-9]*;; esac;',
  '};',

  // live: one script with the lane's own output; a boundary on each stream marks the end of it.
  'live() {',
  's=$d/live; take "$sk" "$sn" "$s" || quit;',
  'read -r z || quit; if [ "$z" = . ]; then :; else quit; fi;',
  // What a shell says about a child that a signal ended ("Terminated") is not the script's output: the shell that waits
  // has no stderr. dash redirects itself for a command of its own, so the script needs a shell that becomes it.
  '( trap : HUP PIPE; ( exec 2>&3 3>&- </dev/null; exec $S sh "$s" ); exit $? ) 3>&2 2>/dev/null; c=$?;',
  'printf "%s%s\\n" "$B" "$c"; printf %s "$B" >&2; quit;',
  '};',

  'H=; read -r H </proc/sys/kernel/hostname 2>/dev/null || H=$(uname -n);',
  'printf "\\n%s\\t%s\\t%s\\t%s\\t%s\\n" "$N" "$USER" "$I" "$HOME" "$H";',
  'while read -r t x sk sn dk dn m T f; do',
  'case $t in b) B=$x;; r) run;; v) live;; *) break;; esac;',
  'done;',
  'quit',
].join(' ');

/** One word for any login shell, from text without single quotes. */
function quoteWord(word: string): string {
  if (/['\n]|![^ ]|\\\\/.test(word)) throw new Error(`not safe to quote for every shell: ${word}`);
  return `'${word}'`;
}

/** How the lane's shell is found; only tests need anything but the defaults. */
export interface LaneShell {
  readonly path: string;
  readonly shell: string;
}

export const defaultShell: LaneShell = { path: LANE_PATH, shell: 'sh' };

/**
 * The words that start a lane, quoted for whatever login shell reads them. The environment starts empty, so nothing
 * from a login's rc files reaches a script; HOME is the account's, as sshd, sudo -H, su and doas set it.
 *
 * @param nonce what the ready line begins with; not a secret
 */
export function laneCommand(nonce: string, { path, shell }: LaneShell = defaultShell): string {
  const clean = `exec env -i HOME="\${HOME:-/}" PATH=${path} LC_ALL=C ${shell} -c "$0" play "$@"`;
  return `${shell} -c ${quoteWord(clean)} ${quoteWord(PROGRAM)} ${quoteWord(nonce)}`;
}
