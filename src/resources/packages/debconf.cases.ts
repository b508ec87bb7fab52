import { predict } from '../../contract/index.ts';
import { secret } from '../../secrets/index.ts';
import { planCases, type HostDescription } from '../../testing/index.ts';
import { debconfAnswer, type DebconfAnswer } from './debconf.probe.ts';
import { debconf } from './debconf.ts';

const question = 'postfix/main_mailer_type';
const answered = (value: string | null, owners: readonly string[] = ['postfix'], seen = true): HostDescription => ({
  answers: [predict(debconfAnswer(question), { owners, value, seen })],
});
const missing: DebconfAnswer = { missing: 'debconf' };
const without: HostDescription = { answers: [predict(debconfAnswer(question), missing)] };
const local = { name: 'postfix', question, vtype: 'select', value: 'Local only' } as const;

export const cases = planCases(debconf, {
  'an answer, before the package is there': {
    options: local,
    host: answered(null, []),
    changes: ['answer Local only'],
    stdin: [`postfix ${question} select Local only\n`],
    result: { question },
  },
  'right already': { options: local, host: answered('Local only') },
  'another answer': {
    options: local,
    host: answered('Internet Site'),
    changes: ['answer Internet Site -> Local only'],
  },
  'asked by another package as well': {
    options: local,
    host: answered('Local only', ['exim4']),
    changes: ['asked by exim4 -> exim4, postfix'],
  },
  'a boolean in any case': {
    options: { ...local, vtype: 'boolean', value: 'TRUE' },
    host: answered('true'),
  },
  'several, in whatever order': {
    options: { ...local, vtype: 'multiselect', value: 'b, a' },
    host: answered('a, b'),
  },
  'a password is not shown': {
    options: { ...local, vtype: 'password', value: secret`pa55-w0rd` },
    host: answered('0ther-w0rd'),
    changes: ['answer (secret) -> (secret)'],
    stdin: [`postfix ${question} password pa55-w0rd\n`],
  },
  'a question that counts as asked': {
    options: { ...local, vtype: 'seen', value: true },
    host: answered('Local only', ['postfix'], false),
    changes: ['seen false -> true'],
  },
  'a question that debconf does not know cannot count as asked': {
    options: { ...local, vtype: 'seen', value: true },
    host: answered(null, []),
    fails: `debconf knows no question ${question}`,
    hint: 'Answer it first, or install the package that asks it.',
  },
  'left open': {
    options: { ...local, unseen: true },
    host: answered(null, []),
    changes: ['answer Local only'],
    args: [['unseen']],
  },
  'who is not root': {
    options: local,
    host: { ...answered(null, []), users: [{ name: 'alice', uid: 1000 }], as: 'alice' },
    fails: "only root may change debconf's answers, and this runs as alice",
  },
  'no debconf': { options: local, host: without, fails: 'debconf is not installed' },
  'no debconf yet': {
    options: local,
    host: without,
    behind: { command: true },
    may: 'debconf is not installed yet ("a command" runs before)',
  },
  'a command may answer it too': {
    options: local,
    host: answered('Local only'),
    behind: { command: true },
    assumed: [`debconf has the same answer to ${question} by then ("a command" runs before)`],
  },
  'neither true nor false': {
    options: { ...local, vtype: 'boolean', value: 'yes' },
    fails: 'debconf: a boolean is true or false',
  },
  'two lines': { options: { ...local, value: 'a\nb' }, fails: 'debconf: `value` must be one line' },
});
