import { toBytes } from '../connection/byte-text.ts';
import type { LaneReply, PlainRequest } from '../connection/index.ts';
import { ProbeFailure, type ProbeKind, type Question } from '../contract/index.ts';
import { misunderstood } from './misunderstood.ts';
import { QuestionMap } from './question-map.ts';

/** Questions of one kind, travelling to the host as one request. */
export interface Asked {
  readonly kind: ProbeKind;
  readonly questions: readonly Question[];
  readonly request: PlainRequest;
}

/** Groups questions into one request for each kind; a question asked twice is sent once. */
export function asRequests(questions: readonly Question[]): Asked[] {
  const kinds = new Map<ProbeKind, QuestionMap<Question>>();
  for (const question of questions) {
    if (!isAskable(question)) continue;
    const ofKind = kinds.get(question.kind) ?? new QuestionMap<Question>();
    kinds.set(question.kind, ofKind);
    ofKind.set(question, question);
  }
  return [...kinds].map(([kind, ofKind]) => asked(kind, [...ofKind.values()]));
}

/** A NUL in a question, made from what a host sent earlier, would shift the answers to all the others. */
export function isAskable({ args }: Question): boolean {
  return args.every((arg) => !arg.includes('\0'));
}

/** Bytes of the answers to all questions of a kind; those that bring files have a limit of their own. */
const mostAnswered = 32 * 1024 * 1024;

function asked(kind: ProbeKind, questions: readonly Question[]): Asked {
  const stdin = toBytes(questions.flatMap((question) => question.args.map((arg) => `${arg}\0`)).join(''));
  return {
    kind,
    questions,
    request: { script: kind.sh, stdin, timeout: kind.timeout ?? 30, maxOutput: kind.maxOutput ?? mostAnswered },
  };
}

/** Splits a batch that hung into its questions, to find the one that hangs. */
export function oneByOne({ kind, questions }: Asked): Asked[] {
  return questions.map((question) => asked(kind, [question]));
}

export const timedOut = 124;

/** The answers in the order of the questions, one each whatever the host sent. */
export function readAnswers(asked: Asked, reply: LaneReply): readonly unknown[] {
  try {
    const answers = answersOf(asked, reply);
    return asked.questions.map((_, i) =>
      answers[i] === undefined ? new ProbeFailure(`no answer about ${asked.kind.kind}`) : answers[i],
    );
  } catch (error) {
    const { what } = misunderstood(error);
    return asked.questions.map(() => new ProbeFailure(`${what}: about ${asked.kind.kind}`));
  }
}

function answersOf({ kind, questions }: Asked, reply: LaneReply): readonly unknown[] {
  const stderr = reply.stderr.toString('utf8');
  if (reply.code === timedOut)
    return questions.map(() => new ProbeFailure(`asking for ${kind.kind} took over ${kind.timeout ?? 30} s`));
  if (reply.truncated) return questions.map(() => new ProbeFailure(`the answers about ${kind.kind} are too long`));
  // 127: there is no such tool. Other codes concern single questions, which decode tells apart.
  if (reply.code === 127)
    return questions.map(() => new ProbeFailure(stderr.trim() || `a tool to ask for ${kind.kind} is missing`));
  return kind.decode(
    reply.stdout,
    questions.map((question) => question.args),
    stderr,
  );
}
