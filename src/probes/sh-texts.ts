import type { ProbeKind } from '../contract/index.ts';

/** How a kind is asked by itself, and in a shell with others (`together`). */
type Texts = Pick<ProbeKind, 'sh' | 'together'>;

/** For a kind that gives all strings to a command. @param then sh that follows it */
export function givenAll(command: string, then = 'exit 0'): Texts {
  return { sh: `xargs -0 ${command}; ${then}`, together: `${command} "$@"; ${then}` };
}

/** For a kind whose sh has the strings as `"$@"`. @param body without a single quote @param hand what hands it the names */
export function lookedAt(body: string, hand = 'xargs -0'): Texts {
  return { sh: `${hand} sh -c '${body}' sh`, together: body };
}

/** For a kind whose sh reads no strings. */
export function readsNone(sh: string): Texts {
  return { sh, together: sh };
}
