interface Telling {
  readonly message: string | null;
}

/**
 * What check mode tells of a task, held against what came: where it names what a message waits for in place of its words,
 * any words fulfil that.
 */
export function saidThen<T extends Telling>(foretold: T, came: Telling | undefined): T {
  const waits = foretold.message?.endsWith('is known only once it has run)') === true;
  return waits ? { ...foretold, message: came?.message ?? null } : foretold;
}
