/** One file a kind of question. May import errors and connection types; nothing above. */
export { ProbeFailure, questionKey, type ProbeKind, type Question, type Subject } from './types.ts';
export { ProbeFailed, Unanswered, Unknowable, type Found } from './found.ts';
