interface Telling {
  readonly message: string | null;
  readonly messageOpen?: true;
}

/**
 * What check mode tells of a task, held against what came: where it names what a message waits for in place of its words,
 * any words fulfil that.
 */
export function saidThen<T extends Telling>(foretold: T, came: Telling | undefined): T {
  return foretold.messageOpen ? { ...foretold, message: came?.message ?? null } : foretold;
}
