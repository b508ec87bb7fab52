import { ProbeFailure, Unknowable } from '../contract/index.ts';

/** Why the forecast of a run cannot tell something that check mode could. */
export const notAskedWhy = 'only check mode asks for it';

/** In place of an answer: the forecast of a run makes do with what the run itself has asked. */
export class NotAsked extends ProbeFailure {
  constructor() {
    super(notAskedWhy);
  }
}

/** Thrown where a plan reads such an answer. */
export class Unasked extends Unknowable {
  constructor() {
    super(notAskedWhy);
  }
}
