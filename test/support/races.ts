/**
 * Races against an account that owns the folder root works in, and exchanges what is there for links
 * (test/support/swapper.pl).
 *
 *     const races = useRaces('swapped1');
 *     test('...', async () => expect(await races.run({ name: '...', paths: ['way/dest/one'], tasks: () => [copy(...)]
 *     })).toMatchObject({ lost: [] }));
 *
 * The folder is `/srv/theirs`; below it, and below `/srv/victims`, which is root's alone, lies the same tree:
 * `way/dest/one`, `way/dest/sub/two`, `way/dest/sub/deep/three`. A round is lost when anything of the victims changed,
 * or when what is in them can be read by the account.
 */
import { readFileSync } from 'node:fs';
import { beforeAll } from 'vitest';
import type { Connection } from '../../src/connection/index.ts';
import type { TaskItem } from '../../src/playbook/index.ts';
import { attackRounds, tellFigures } from './attack.ts';
import { useLawHost } from './law-host.ts';
import type { LawHost } from './laws.ts';
import { runPlay } from './run-play.ts';

export const folder = '/srv/theirs';
/** What root keeps from the account. */
export const secretText = 'known to root alone';

export interface Attack {
  readonly name: string;
  /** Below the folder: what is exchanged for a link to the victim of the same path whenever something happens there. */
  readonly paths: readonly string[];
  /** sh for each round, as the account, in the folder, where the tree lies. */
  readonly layout?: string;
  /** sh for each round, as root, in the folder. */
  readonly asRoot?: string;
  readonly tasks: (round: number) => readonly TaskItem[];
  /** In the suite. Default 3. */
  readonly rounds?: number;
}

export interface Figures {
  readonly rounds: number;
  /** Exchanges the account made. */
  readonly swaps: number;
  /** Tasks that came out so. */
  readonly changed: number;
  readonly failed: number;
  /** What differed in the rounds that were lost. */
  readonly lost: readonly string[];
}

export interface Races {
  readonly host: LawHost;
  run(attack: Attack): Promise<Figures>;
}

const tree = (content: string): string =>
  `mkdir -p way/dest/sub/deep; for f in one sub/two sub/deep/three; do echo '${content}' >"way/dest/$f"; done`;

const makeVictims = `rm -rf /srv/victims; mkdir /srv/victims; cd /srv/victims; umask 077; ${tree(secretText)}`;

const setUp = `id mallory >/dev/null 2>&1 || useradd --create-home mallory
mkdir -p ${folder} /srv/mallory; chown mallory: ${folder} /srv/mallory; printf %s "$1" >/srv/swapper.pl`;

// $1 what the account does, $2 what root does. The swapper stands still meanwhile.
const layOut = `cd ${folder}; rm -rf ./* ./.[!.]* /srv/mallory/[0-9]*
runuser -u mallory -- sh -c '${tree('theirs')}; eval "$1"' sh "$1" && eval "$2"`;

const look = `cd /srv/victims; find . -exec stat -c '%n %F %a %U %G %s %N' {} + | sort; find . -type f -exec sha256sum {} + | sort
runuser -u mallory -- grep -rlF '${secretText}' ${folder} /srv/mallory /home/mallory 2>/dev/null | sed 's/^/can read /'`;

export function useRaces(name: string, packages: readonly string[] = []): Races {
  const host = useLawHost(name, packages);
  const swapper = readFileSync(new URL('swapper.pl', import.meta.url), 'utf8');
  beforeAll(async () => void (await host.sh(setUp, swapper)), 300_000);

  async function run({
    name: what,
    paths,
    layout = ':',
    asRoot = ':',
    tasks,
    rounds: few = 3,
  }: Attack): Promise<Figures> {
    const rounds = attackRounds('RACE', few);
    const connection = await host.connection();
    const figures = { swaps: 0, changed: 0, failed: 0, lost: [] as string[] };
    const untouched = await host.sh(`(${makeVictims}); ${look}`);
    await host.sh(layOut, layout, asRoot);
    await host.sh(
      `rm -f /srv/mallory/swaps; systemctl reset-failed swapper 2>/dev/null; systemd-run -q --unit=swapper --uid=mallory perl /srv/swapper.pl ${folder} /srv/victims /srv/mallory "$@"; until [ -e /srv/mallory/swaps ]; do sleep 0.01; done`,
      ...paths,
    );
    const pid = (await host.sh('systemctl show -p MainPID --value swapper')).trim();
    try {
      // On a busy machine the account may come too late each time: a race that nobody ran is none.
      for (let round = 0; round < rounds || (figures.swaps === 0 && round < rounds * 10); round++) {
        const { tasks: told } = await runPlay(
          { hosts: 'all', tasks: () => tasks(round) },
          { connect: async () => lasting(connection) },
        );
        for (const { status } of told) if (status === 'changed' || status === 'failed') figures[status]++;
        const seen = await host.sh(
          `kill -STOP ${pid}; ${look}; (${makeVictims}) && { ${layOut}; } >/dev/null && kill -CONT ${pid}`,
          layout,
          asRoot,
        );
        if (seen !== untouched) figures.lost.push(differences(untouched, seen).join('\n'));
        figures.swaps = Number(await host.sh('cat /srv/mallory/swaps'));
      }
    } finally {
      await host.sh('systemctl stop swapper');
    }
    tellFigures({
      kind: 'RACE',
      name: what,
      rounds,
      lost: figures.lost.length,
      note: `${figures.swaps} swaps, ${figures.changed} changed, ${figures.failed} failed`,
    });
    return { rounds, ...figures };
  }

  return { host, run };
}

/** A connection that a run does not end. */
function lasting(connection: Connection): Connection {
  return {
    target: connection.target,
    description: connection.description,
    lane: (become) => connection.lane(become),
    live: (command) => connection.live(command),
    close: async () => undefined,
  };
}

function differences(before: string, after: string): string[] {
  const [old, now] = [before.split('\n'), after.split('\n')];
  return [
    ...old.filter((line) => !now.includes(line)).map((line) => `- ${line}`),
    ...now.filter((line) => !old.includes(line)).map((line) => `+ ${line}`),
  ];
}
