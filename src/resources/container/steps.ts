import type { Step } from '../../contract/index.ts';
import type { ContainerEngine } from './container-engine.probe.ts';
import type { WantedLink } from './wanted.ts';

// A container counts as started when it still runs a second later.
const watch = `
fail() {
  echo "$1" >&2
  echo "Its last words:" >&2
  "$e" logs --tail 20 -- "$2" >&2
  return 1
}
stays() {
  sleep 1
  set -- "$1" $("$e" container inspect --format '{{.State.Running}} {{.State.Restarting}} {{.State.ExitCode}}' -- "$1")
  if [ "$2" = true ] && [ "$3" != true ]; then return 0; fi
  fail "$1 was started, but ended at once (code $4)" "$1"
}`;

export interface Making {
  readonly engine: ContainerEngine;
  readonly name: string;
  readonly image: string;
  readonly pull: 'missing' | 'never' | 'always';
  readonly starts: boolean;
  /** Networks beyond the first, which is among the flags. */
  readonly links: readonly WantedLink[];
  readonly flags: readonly string[];
  readonly words: readonly string[];
  /** Lines NAME=value; they go by stdin, so that no command line and no file shows them. */
  readonly environment: Buffer;
}

// $1 engine, $2 name, $3 image, $4 pull, $5 start, $6 further networks (a line each: network|address|aliases), then
// flags, image and words. The new one is made whole beside the old one, which comes back if the new one does not start.
const makeScript = `${watch}
e=$1 name=$2 image=$3 pull=$4 start=$5 links=$6; shift 6
new=$name.play-new old=$name.play-old
is() { "$e" container inspect --format '{{.Id}}' -- "$1" >/dev/null 2>&1; }
case $pull in
  always) "$e" pull -q "$image" >/dev/null || exit;;
  missing) "$e" image inspect --format '{{.Id}}' -- "$image" >/dev/null 2>&1 || "$e" pull -q "$image" >/dev/null || exit;;
esac
! is "$new" || "$e" rm -f "$new" >/dev/null || exit
"$e" create --name "$new" --env-file /dev/stdin "$@" >/dev/null || { rc=$?; ! is "$new" || "$e" rm -f "$new" >/dev/null; exit "$rc"; }
join() {
  while IFS='|' read -r net ip aliases; do
    [ -n "$net" ] || continue
    set --
    [ -z "$ip" ] || set -- "$@" --ip "$ip"
    for a in $aliases; do set -- "$@" --alias "$a"; done
    "$e" network connect "$@" "$net" "$new" || return
  done <<END
$links
END
}
join || { rc=$?; "$e" rm -f "$new" >/dev/null; exit "$rc"; }
ran= was=
if is "$name"; then
  was=y
  [ "$("$e" container inspect --format '{{.State.Running}}' -- "$name")" != true ] || ran=y
  ! is "$old" || "$e" rm -f "$old" >/dev/null || exit
  "$e" rename "$name" "$old" || exit
fi
back() {
  ! is "$old" || is "$name" || "$e" rename "$old" "$name" || return
  [ -z "$ran" ] || "$e" start "$name" >/dev/null || return
  [ -z "$was" ] || echo "The old container is back in its place." >&2
}
undo() {
  for c in "$@"; do ! is "$c" || "$e" rm -f "$c" >/dev/null; done
  back
  exit 1
}
! is "$old" || "$e" stop "$old" >/dev/null || undo "$new"
"$e" rename "$new" "$name" || undo "$new"
if [ "$start" = y ]; then
  "$e" start "$name" >/dev/null && stays "$name" || undo "$name"
fi
! is "$old" || "$e" rm -f "$old" >/dev/null`;

/** Makes a container, in place of an old one where there is one. */
export function make({ engine, name, image, pull, starts, links, flags, words, environment }: Making): Step {
  const lines = links.map((link) => `${link.name}|${link.ipv4Address}|${link.aliases.join(' ')}`).join('\n');
  return {
    script: makeScript,
    args: [engine, name, image, pull, starts ? 'y' : 'n', lines, ...flags, image, ...words],
    stdin: environment,
    label: `make the container ${name}`,
  };
}

const operateScript = `${watch}
e=$1 verb=$2 name=$3
"$e" "$verb" "$name" >/dev/null || exit
[ "$verb" = stop ] || stays "$name"`;

/** Starts, stops or restarts a container, and sees that it stays up. */
export function operate(engine: ContainerEngine, verb: 'start' | 'stop' | 'restart', name: string): Step {
  return { script: operateScript, args: [engine, verb, name], label: `${verb} the container ${name}` };
}

/** Removes a container, and what a run that was killed left of it. */
export function remove(engine: ContainerEngine, name: string): Step {
  return {
    script: `e=$1 name=$2
"$e" stop "$name" >/dev/null
for c in "$name" "$name.play-old" "$name.play-new"; do
  ! "$e" container inspect --format '{{.Id}}' -- "$c" >/dev/null 2>&1 || "$e" rm -f "$c" >/dev/null || exit
done`,
    args: [engine, name],
    label: `remove the container ${name}`,
  };
}

/** Sets the restart policy of a container without making it anew. */
export function updatePolicy(engine: ContainerEngine, name: string, policy: string): Step {
  return {
    script: '"$1" update --restart "$3" "$2" >/dev/null',
    args: [engine, name, policy],
    label: `set the restart policy of ${name}`,
  };
}

/** Takes a container out of a network. */
export function leave(engine: ContainerEngine, name: string, network: string): Step {
  return {
    script: '"$1" network disconnect "$3" "$2"',
    args: [engine, name, network],
    label: `take ${name} out of the network ${network}`,
  };
}

/** Puts a container into a network. */
export function enter(
  engine: ContainerEngine,
  name: string,
  { name: network, ipv4Address, aliases }: WantedLink,
): Step {
  return {
    script: 'e=$1 name=$2 net=$3; shift 3; "$e" network connect "$@" "$net" "$name"',
    args: [
      engine,
      name,
      network,
      ...(ipv4Address === '' ? [] : ['--ip', ipv4Address]),
      ...aliases.flatMap((alias) => ['--alias', alias]),
    ],
    label: `put ${name} into the network ${network}`,
  };
}
