import { ownFolderSh, walkSh } from '../../probes/index.ts';
import { bareIsOurs, fetchedList } from './git-bare.probe.ts';
import { unlockSh } from './git-script.ts';
import { gitEnvironment, gitIsOurs, takesNewKeys, unfinishedMark } from './git.probe.ts';

/**
 * Arguments: 1 place, 2 remote, 3 address, 4 branch that HEAD is to stand for or empty, 5 `keys` where ssh(1) is to
 * take the key of a host that it knows none of, 6 the commit that must have a good signature or empty, then the
 * branches and tags that are in the way of others. stdin: what to set, for `git update-ref -z --stdin`: with the value
 * that was seen, so that what somebody pushes meanwhile is not lost.
 *
 * All is fetched under names of our own, and what the plan says is set in one transaction.
 */
export const gitBareScript = `set -e
${gitEnvironment}
unset GIT_OPTIONAL_LOCKS
[ -z "$5" ] || export GIT_SSH_COMMAND="$GIT_SSH_COMMAND ${takesNewKeys}"
export LC_ALL=C
${walkSh}
${ownFolderSh}
${gitIsOurs}
${bareIsOurs}
bare_is_ours "$1" || { echo "$foreign is in the hands of others, who could have git run what they put there as root" >&2; exit 1; }
mkdir -p -- "$1"
cd -- "$1"
: >${unfinishedMark}
git init -q --bare .
${unlockSh('.')}
git remote | grep -Fqx -e "$2" || git config "remote.$2.url" "$3"
[ "$(git config --get "remote.$2.url")" = "$3" ] || git config --replace-all "remote.$2.url" "$3"
forget() { git for-each-ref --format='delete %(refname)' refs/play | git update-ref --stdin; }
forget
git fetch -q --force --no-tags --refmap= "$2" '+refs/heads/*:refs/play/heads/*' '+refs/tags/*:refs/play/tags/*' </dev/null
if [ -n "$6" ]; then git verify-commit "$6" </dev/null || { echo "the commit $6 has no good signature of a key that is known" >&2; exit 1; }; fi
head=$4
shift 6
for ref do git update-ref -d "$ref" </dev/null; done
git update-ref -z --stdin
[ -z "$head" ] || git symbolic-ref HEAD "refs/heads/$head"
git for-each-ref --format='%(objectname) %(refname)' refs/play | sed 's, refs/play/, refs/,' >${fetchedList}.new
mv -f -- ${fetchedList}.new ${fetchedList}
forget
rm -f -- ${unfinishedMark}`;
