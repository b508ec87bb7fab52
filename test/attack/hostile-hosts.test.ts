/**
 * Hosts that let us in and then misbehave in every way we could think of, at every stage: each ends as that host's
 * failure within the limits set here, and a sound host of the same run is done. `npm run attack -- --kind hostile` for
 * the long form, `PLAY_ATTACK_SEED` to do one again.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Target } from '../../src/connection/index.ts';
import { handler } from '../../src/playbook/index.ts';
import { command, copy, debug, file, stat } from '../../src/resources/index.ts';
import { attackRounds, attackSeed, peakMemory, tellFigures } from '../support/attack.ts';
import { Dice } from '../support/dice.ts';
import { HostileHost, hostileTarget, malices, type Malice } from '../support/hostile-host.ts';
import { runPlay } from '../support/run-play.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const rounds = attackRounds('HOSTILE', malices.length);
const seed = attackSeed();
/** Seconds: the sum of all limits of such a host, several times over, as the machine may be busy. */
const longest = 60;
const folder = temporaryFolder('hostile');

const done = handler('done', () => command({ argv: ['true'], changes: 'always' }));

interface Round {
  readonly malice: Malice | undefined;
  readonly transport: Target['transport'];
  readonly dice: Dice;
  readonly name: string;
}

/** @returns what is wrong with how it ended, and the seconds it took */
async function attack({ malice, transport, dice, name }: Round): Promise<{ wrong: string; seconds: number }> {
  const host = new HostileHost(malice, dice);
  const port = await host.start();
  const begun = performance.now();
  const [bad, good] = [`bad${name}`, `good${name}`];
  try {
    const { recap, events } = await runPlay(
      {
        hosts: 'all',
        // A host that garbles the end of an answer is one that is still at work, for as long as a task may take.
        timeout: 20,
        tasks: ({ host: { name: of } }) => [
          file({ path: join(folder, `${name}-${of}`), state: 'directory' }),
          copy({ dest: join(folder, `${name}-${of}`, 'file'), content: `${of}\n` }, { notify: done }),
          stat({ path: '/etc/passwd' }),
          command({ argv: ['echo', 'seen'], changes: 'never' }),
          debug({ msg: ({ facts }) => facts.hostname }),
        ],
      },
      {
        inventory: `bad${name},good${name}`,
        target: (of) =>
          of === good
            ? { name: of, address: of, transport: 'local' }
            : {
                ...hostileTarget(of, port, join(folder, `${name}-known-hosts`)),
                transport,
                ...(malice === undefined
                  ? {
                      connectTimeout: 60,
                      limits: {},
                      sshArgs: ['-F', '/dev/null', '-o', 'IdentityAgent=none', '-o', 'IdentityFile=none'],
                    }
                  : {}),
              },
      },
    );
    const seconds = (performance.now() - begun) / 1000;
    const told = JSON.stringify(
      events.filter((event) => event.event !== 'sent' && 'host' in event && event.host === bad),
    ).slice(-1500);
    const sound = recap.hosts[good];
    if (![0, 2, 4].includes(recap.exit)) return { wrong: `exit ${recap.exit}: ${told}`, seconds };
    if (
      sound === undefined ||
      sound.failed + sound.unreachable > 0 ||
      readFileSync(join(folder, `${name}-${good}`, 'file'), 'utf8') !== `${good}\n`
    )
      return { wrong: 'the sound host was not done', seconds };
    if (malice === undefined && recap.exit !== 0)
      return { wrong: `a host that behaves ended with ${recap.exit}: ${told}`, seconds };
    return { wrong: seconds > longest ? `it took ${seconds.toFixed(0)} s: ${told}` : '', seconds };
  } catch (error) {
    return { wrong: `it threw ${String(error)}`, seconds: (performance.now() - begun) / 1000 };
  } finally {
    await host.stop();
  }
}

test('a hostile host is its own failure, in time, and harms no other', async () => {
  const dice = new Dice(seed);
  const list: Round[] = Array.from({ length: rounds }, (_, i) => ({
    malice: i < malices.length ? malices[i] : dice.chance(0.03) ? undefined : dice.one(malices),
    transport: i >= malices.length && dice.chance(0.25) ? 'openssh' : 'ssh2',
    dice: new Dice(seed + i),
    name: `round${i}`,
  }));
  list.unshift({ malice: undefined, transport: 'ssh2', dice, name: 'sound' });
  const wrong: string[] = [];
  let slowest = { seconds: 0, what: '' };
  const left = [...list];
  // Most of them wait for something that never comes.
  await Promise.all(
    Array.from({ length: 8 }, async () => {
      for (let round = left.shift(); round !== undefined; round = left.shift()) {
        const what = `${round.malice === undefined ? 'sound' : `${round.malice.stage}: ${round.malice.how}`} (${round.transport}, ${round.name})`;
        const came = await attack(round);
        if (came.wrong !== '') wrong.push(`seed ${seed}, ${what}: ${came.wrong}`);
        if (came.seconds > slowest.seconds) slowest = { seconds: came.seconds, what };
      }
    }),
  );
  tellFigures({
    kind: 'HOSTILE',
    name: 'hostile hosts',
    rounds: list.length,
    lost: wrong.length,
    note: `the longest ${slowest.seconds.toFixed(1)} s (${slowest.what}), peak memory ${peakMemory()} MiB, seed ${seed}`,
  });
  expect(wrong).toEqual([]);
}, 3_600_000);
