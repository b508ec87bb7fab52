import { ownFolderSh, walkSh } from '../../probes/index.ts';
import { gitEnvironment, gitIsOurs, takesNewKeys, unfinishedMark } from './git.probe.ts';

/** sh: removes the locks that a killed git left in a repository's own folder, unless a git is at work below here. */
export const unlockSh = (folder: string): string => `busy() {
  for p in /proc/[0-9]*; do
    case $(cat "$p/comm" 2>/dev/null) in git*) case $(readlink "$p/cwd")/ in "$PWD"/*) return 0;; esac;; esac
  done 2>/dev/null
  return 1
}
locks() { find ${folder} -name objects -prune -o -type f -name '*.lock' "$@"; }
if [ -n "$(locks -print)" ] && ! busy; then locks -exec rm -f -- {} +; fi`;

/**
 * Arguments: 1 place, 2 remote, 3 address, 4 commit, 5 branch or empty, 6 depth or empty, 7 what to fetch for the
 * commit, 8 refspec to fetch beside it or empty, 9 tag to fetch or empty, 10 `deeper` where the history is to be
 * lengthened, 11 `force` to put back what differs, 12 `submodules` where they are to be filled, 13 the object the tag
 * stands for, 14 `keys` where ssh(1) is to take the key of a host that it knows none of, 15 `signed` where commit or tag
 * must have a good signature.
 *
 * A shallow copy gets just that commit where the server allows it. Locks that a killed git left are removed: none of a
 * git at work here is touched. The mark tells the next run, should this one be killed, that what differs is what this
 * one wrote.
 */
export const gitScript = `set -e
${gitEnvironment}
unset GIT_OPTIONAL_LOCKS
[ -z "\${14}" ] || export GIT_SSH_COMMAND="$GIT_SSH_COMMAND ${takesNewKeys}"
export LC_ALL=C
${walkSh}
${ownFolderSh}
${gitIsOurs}
git_is_ours "$1" || { echo "$foreign is in the hands of others, who could have git run what they put there as root" >&2; exit 1; }
mkdir -p -- "$1"
cd -- "$1"
[ -e .git ] || git init -q .
mark=$(git rev-parse --git-path ${unfinishedMark})
g=$(git rev-parse --git-dir)
${unlockSh('"$g"')}
git remote | grep -Fqx -e "$2" || git remote add "$2" "$3"
[ "$(git config --get "remote.$2.url")" = "$3" ] || git config --replace-all "remote.$2.url" "$3"
has() { git cat-file -e "$4^{commit}" 2>/dev/null; }
s=$(git rev-parse --git-path shallow)
whole() { if [ -s "$s" ]; then git fetch -q --force --unshallow --tags "$@"; else git fetch -q --force --tags "$@"; fi; }
if ! has "$@" || [ -n "\${10}" ]; then
  if [ -n "$6" ]; then git fetch -q --force --depth "$6" "$2" "$7" || git fetch -q --force --tags "$2"
  else whole "$2" "+refs/heads/*:refs/remotes/$2/*"; fi
  [ -z "$8" ] || git fetch -q --force \${6:+--depth "$6"} "$2" "$8"
  has "$@" || git fetch -q "$2" "$4"
fi
[ -z "$9" ] || [ "$(git rev-parse -q --verify "refs/tags/$9")" = "\${13}" ] || git fetch -q --force --no-tags \${6:+--depth "$6"} "$2" "+refs/tags/$9:refs/tags/$9"
if [ -n "\${15}" ]; then
  if [ -n "\${13}" ] && [ "$(git cat-file -t "\${13}")" = tag ]; then signed="tag \${13}"; else signed="commit $4"; fi
  git verify-\${signed% *} "\${signed#* }" || { echo "the $signed has no good signature of a key that is known" >&2; exit 1; }
fi
# In folders of others git would go by names, which may be links by then.
[ "$(id -u)" != 0 ] || find . -xdev -name .git -prune -o -type d $own_others -prune -exec sh -c '
  commit=$1; shift
  for d do
    tracked=$(git ls-files -- "$d" 2>/dev/null | head -c 1; git ls-tree "$commit" -- "$d" 2>/dev/null | head -c 1)
    [ -z "$tracked" ] || { echo "$PWD/\${d#./} is in the hands of others, and git would write in it as root" >&2; exit 1; }
  done' sh "$4" {} +
: >"$mark"
move() {
  if [ -n "$5" ]; then git checkout -q "$new" -B "$5" "$4" --; else git checkout -q "$new" --detach "$4" --; fi
}
new=--no-overwrite-ignore
[ -z "\${11}" ] || new=--force
if ! move "$@" 2>"$mark.said"; then
  cat "$mark.said" >&2
  # It looked before it began: nothing was written.
  ! grep -q 'would be overwritten\\|would be lost\\|would lose' "$mark.said" || rm -f -- "$mark"
  rm -f -- "$mark.said"
  exit 1
fi
rm -f -- "$mark.said"
if [ -n "$5" ]; then
  git update-ref "refs/remotes/$2/$5" "$4"
  git config "branch.$5.remote" "$2"; git config "branch.$5.merge" "refs/heads/$5"
elif [ -z "$9" ]; then git update-ref refs/play/checked-out "$4"; fi
if [ -n "\${12}" ] && [ -e .gitmodules ]; then
  git submodule -q sync --recursive
  git submodule -q update --init --recursive \${6:+--depth "$6"} \${11:+--force}
fi
rm -f -- "$mark"`;
