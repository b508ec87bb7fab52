/**
 * The `sh` that a host under test has in front of its own: lanes run each request by it, so that it counts them, and at
 * the one it is told it waits until the fault has struck.
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync, chmodSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';

/** When in the life of a request a fault strikes. */
export const moments = ['before', 'amid', 'after'] as const;
export type Moment = (typeof moments)[number];

/** Where it lies on the host: lanes look there first. */
export const shellPath = 'usr/local/sbin/sh';
const folder = 'run/faults';
/** It is there while a fault is planned. */
export const planFile = `/${folder}/plan`;
/** What the scripts of requests hold in which apt or dpkg changes something. */
export const ofApt = 'dpkg --configure -a';

/** Names of lanes and of temporary files, runs, times. */
const madeUp =
  /\bplay[.-][\w.-]+|\b[0-9a-f]{12,}\b|\b\d{8}T\d{6}Z?\b|\b\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d[.\dZ]*|\b\d{10,}\b/g;

/**
 * `plan` has the number of a request, the moment, and seconds from its begin; `strike` is run there, with the lane and
 * the request as arguments. What no lane runs goes to the real shell at once.
 */
export const countingShell = `#!/bin/sh
d=/${folder}
case \${1-} in */play.[0-9]*.??????/[sk][0-9]*) ;; *) exec /bin/sh "$@" ;; esac
# Lanes of earlier runs may still be at work.
[ ! -e $d/earlier ] || while read -r lane <&4; do [ "\${1%/*}" != "$lane" ] || exec /bin/sh "$@" 4<&-; done 4<$d/earlier
{ read -r step moment delay <$d/plan && read -r count <$d/count; } 2>/dev/null || exec /bin/sh "$@"
[ ! -e $d/only ] || grep -q -F -f $d/only "$1" || exec /bin/sh "$@"
count=$((count + 1))
echo $count >$d/count
[ "$step" = every ] || [ "$step" = "$count" ] || exec /bin/sh "$@"
{ cp "$1" $d/script.$count; head -c 1000000 /proc/self/fd/0 >$d/input.$count; } 2>/dev/null
strike() {
  [ ! -e $d/strike ] || /bin/sh $d/strike "$PPID" "$1" </dev/null >/dev/null 2>&1
  : >$d/reached.$count
  # Or until the next run is armed.
  until [ -e $d/go.$count ] || [ ! -e $d/reached.$count ]; do sleep 0.01; done
}
exec 3<&0
case $moment in
before)
  strike ''
  exec 3<&-
  exec /bin/sh "$@"
  ;;
after)
  /bin/sh "$@" 3<&-
  code=$?
  strike '' 3<&-
  exit $code
  ;;
amid)
  /bin/sh "$@" <&3 3<&- &
  child=$!
  exec 3<&-
  sleep $delay
  strike $child
  wait $child
  exit
  ;;
esac
`;

export interface Armed {
  /** sh that is run where it stops. */
  readonly strike?: string | undefined;
  /** Counts only requests whose scripts hold this. */
  readonly only?: string | undefined;
}

/** What the counting shell is told, and tells. */
export class Counter {
  readonly #root: string;
  readonly #folder: string;

  /** @param root the host's root as a path of this machine */
  constructor(root: string) {
    this.#root = root;
    this.#folder = join(root, folder);
    // Not sticky: fs.protected_regular would keep root from what other accounts' lanes wrote.
    mkdirSync(this.#folder, { recursive: true });
    chmodSync(this.#folder, 0o777);
  }

  /** From the next request on: counts, and stops at the one of this number. */
  arm(step: number | 'every', moment: Moment, delay: number, { strike, only }: Armed = {}): void {
    rmSync(this.#folder, { recursive: true, force: true });
    mkdirSync(this.#folder);
    chmodSync(this.#folder, 0o777);
    const put = (name: string, text: string): void => {
      writeFileSync(join(this.#folder, name), text);
      chmodSync(join(this.#folder, name), 0o666);
    };
    put('count', '0\n');
    put('earlier', this.#lanes().join(''));
    if (strike !== undefined) put('strike', strike);
    if (only !== undefined) put('only', `${only}\n`);
    put('plan', `${step} ${moment} ${delay.toFixed(3)}\n`);
  }

  /** The folders that lanes work in, a line each. */
  #lanes(): string[] {
    return ['run', 'dev/shm', 'tmp', 'var/tmp'].flatMap((folder) =>
      readdirSync(join(this.#root, folder))
        .filter((name) => /^play\.\d+\.\w{6}$/.test(name))
        .map((name) => `/${folder}/${name}\n`),
    );
  }

  /** Lets everything pass, also who waits. */
  disarm(): void {
    const count = this.count();
    rmSync(join(this.#folder, 'plan'), { force: true });
    for (let n = 1; n <= count + 1; n++) this.#go(n);
  }

  /** How many requests came by. */
  count(): number {
    const file = join(this.#folder, 'count');
    return existsSync(file) ? Number(readFileSync(file, 'utf8')) || 0 : 0;
  }

  /** Waits until a request stands at its moment. @returns whether it came to that before `isOver` */
  async reached(step: number, isOver: () => boolean): Promise<boolean> {
    const mark = join(this.#folder, `reached.${step}`);
    while (!existsSync(mark)) {
      if (isOver()) return false;
      await wait(4);
    }
    return true;
  }

  /** Lets the request that stands go on. */
  #go(step: number): void {
    if (existsSync(this.#folder)) writeFileSync(join(this.#folder, `go.${step}`), '');
  }

  release(step: number): void {
    this.#go(step);
  }

  /** Which request that was: what it runs and is given, without what is made up anew for each run. */
  requestOf(step: number): string {
    const text = `${this.#textOf(`script.${step}`)}\0${this.#textOf(`input.${step}`)}`;
    return createHash('sha256').update(text.replaceAll(madeUp, '')).digest('base64url').slice(0, 10);
  }

  #textOf(name: string): string {
    const file = join(this.#folder, name);
    return existsSync(file) ? readFileSync(file, 'latin1') : '';
  }
}
