import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { skipTests } from '../support/skip-tests.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { comparable, type ParityCase } from './case.ts';
import { cases } from './cases/index.ts';
import { differencesPage } from './differences.ts';
import { setting, type Failing } from './mark.ts';
import {
  ansibleJob,
  ansibleOutcome,
  askAnsible,
  noAnsible,
  pythonWithAnsible,
  type AnsibleOutcome,
} from './run-ansible.ts';
import { runCase, type PlayOutcome } from './run-play.ts';

/*
 * One table of small playbooks, run by ansible-core and by play: tasks and their order on each host, statuses, recap, exit
 * code, and what was left on each host must be equal, or differ as the table says.
 */
const python = pythonWithAnsible();
const folder = temporaryFolder('semantics');

const homeOf = (one: ParityCase, who: string): string => {
  const home = join(folder, who, String(cases.indexOf(one)));
  mkdirSync(home, { recursive: true });
  return home;
};

function run(one: ParityCase, who: string, failing: Failing, check: boolean): Promise<PlayOutcome> {
  setting.failing = failing;
  return runCase(one, homeOf(one, who), check);
}

describe('as ansible-core', () => {
  skipTests(python === undefined ? noAnsible : undefined);
  const answers = new Map<ParityCase, AnsibleOutcome>();
  beforeAll(async () => {
    if (python === undefined) return;
    const all = await askAnsible(
      python,
      folder,
      cases.map((one) => ansibleJob(one, homeOf(one, 'ansible'))),
    );
    for (const [i, one] of cases.entries()) {
      const answer = all[i];
      if (answer) answers.set(one, ansibleOutcome(homeOf(one, 'ansible'), answer));
    }
  });

  it.each(cases)('$name', async (one) => {
    const theirs = answers.get(one);
    if (!theirs) throw new Error('no answer');
    const ours = await run(one, 'play', 'on the host', false);
    if (one.differs) {
      // How far hosts get that run independently is chance: it may be as far as in Ansible.
      if (one.differs.by !== 'hosts-run-independently')
        expect(comparable(ours), 'the same now: take it off the list of differences').not.toEqual(comparable(theirs));
      expect(ours).toMatchObject(one.differs.play);
      return;
    }
    expect(comparable(ours)).toEqual(comparable(theirs));
    expect(orderOfBatches(theirs, ours)).toEqual([]);
  });
});

/** What ran in an earlier batch though it belongs to a later one. */
function orderOfBatches({ batches }: AnsibleOutcome, { order }: PlayOutcome): readonly string[] {
  const left = batches.map((batch) =>
    batch.map((line) => line.replace(/ unreachable .*(?<!\(ignored\))$/, ' unreachable')),
  );
  return order.filter((line) => {
    const at = left.findIndex((batch) => batch.includes(line));
    const isEarly = left.slice(0, at).some((batch) => batch.length > 0);
    left[at]?.splice(left[at].indexOf(line), 1);
    return at < 0 || isEarly;
  });
}

it('docs/differences.md says what the table says', async () => {
  await expect(differencesPage()).toMatchFileSnapshot('../../docs/differences.md');
});

describe('check mode foresees the run', () => {
  it.each(cases.filter((one) => one.unforeseen === undefined))('$name', async (one) => {
    const foreseen = await run(one, 'foreseen', 'when planned', true);
    const real = await run(one, 'real', 'when planned', false);
    expect(foreseen.unsure).toEqual([]);
    expect(foreseen.told).toEqual(real.told);
    expect({ recap: foreseen.recap, exit: foreseen.exit }).toEqual({ recap: real.recap, exit: real.exit });
    expect(foreseen.marks).toEqual({});
  });
});
