/** What check mode once told wrongly, made small: plays as data. What cases of one resource can show is with them. */
import { ofFiles } from './once-wrong-files.ts';
import { ofHost } from './once-wrong-host.ts';
import { ofTraces } from './once-wrong-traces.ts';
import { ofWays } from './once-wrong-ways.ts';
import type { Round } from './round.ts';
import { dir } from './told.ts';

export const onceWrong: readonly (readonly [what: string, round: Round])[] = Object.entries({
  ...ofFiles,
  ...ofHost,
  ...ofTraces,
  ...ofWays,
}).map(([what, { uses = [], host = [], tasks }]) => [
  what,
  {
    seed: 0,
    prefix: 't9',
    dir,
    uses,
    host,
    items: tasks.map((one, i) => ({ ...one, name: `t${i + 1}` })),
    handlers: [],
  },
]);
