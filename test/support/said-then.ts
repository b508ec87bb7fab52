import type { Change } from '../../src/contract/index.ts';

interface Telling {
  readonly message: string | null;
  readonly messageOpen?: true;
  readonly changes: readonly Change[];
}

/**
 * What check mode tells of a task, held against what came: where it names why words, or the old side of a text, cannot be
 * known yet, any words and any text fulfil that.
 */
export function saidThen<T extends Telling>(foretold: T, came: Telling | undefined): T {
  return {
    ...foretold,
    ...(foretold.messageOpen ? { message: came?.message ?? null } : {}),
    changes: foretold.changes.map((change, i) => withOldSide(change, came?.changes[i])),
  };
}

function withOldSide(change: Change, came: Change | undefined): Change {
  const { text } = change;
  if (text === undefined || text.before === null || Buffer.isBuffer(text.before) || !came?.text) return change;
  return { ...change, text: { ...text, before: came.text.before } };
}
