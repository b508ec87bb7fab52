import { planCases, type HostDescription } from '../../testing/index.ts';
import { waitFor } from './wait-for.ts';
import type { WaitAnswer } from './wait.probe.ts';

/** What the first look says, and what the wait comes to. */
const saying = (quick: WaitAnswer, patient?: WaitAnswer): HostDescription => ({
  answersOfKind: { 'wait': () => quick, 'wait-patient': () => patient ?? quick },
});
const no: WaitAnswer = { is: 'no' };
const yes = (elapsed: number): WaitAnswer => ({ is: 'yes', elapsed });

export const cases = planCases(waitFor, {
  'a port that answers': { options: { port: 5432 }, host: saying(yes(0)), result: { elapsed: 0 } },
  'a port that answers after a while': {
    options: { port: 5432 },
    host: saying(no, yes(12)),
    result: { elapsed: 12 },
  },
  'a port that never does': {
    options: { port: 5432, timeout: 20 },
    host: saying(no, no),
    fails: 'not so after 20 s: 127.0.0.1:5432 answers',
  },
  'a port that somebody goes on answering': {
    options: { port: 80, state: 'stopped', timeout: 20 },
    host: saying(no, no),
    fails: 'not so after 20 s: 127.0.0.1:80 no longer answers',
  },
  'with words of its own': {
    options: { port: 80, timeout: 5, msg: 'nginx did not come up' },
    host: saying(no, no),
    fails: 'nginx did not come up',
  },
  'a path': {
    options: { path: '/run/app.sock', timeout: 5 },
    host: saying(no, no),
    fails: 'not so after 5 s: /run/app.sock is there',
  },
  'a text in a file': {
    options: { path: '/var/log/app', searchRegex: 'listening', timeout: 5 },
    host: saying(no, no),
    fails: 'not so after 5 s: /var/log/app holds listening',
  },
  'nothing to try a port with': {
    options: { port: 80 },
    host: saying({ is: 'no tool' }),
    fails: 'the host has neither bash nor nc to try a port with; install one before: apt({ name: "netcat-openbsd" })',
  },
  'behind a planned change it is taken to come': {
    options: { port: 5432 },
    host: saying(no),
    behind: {},
    assumed: ['127.0.0.1:5432 answers by then (not known before the start: "a task" changes the host before)'],
  },
  'nothing to wait for': { options: {}, fails: 'waitFor: give `port`, `path`, or a `delay`' },
  'two things at once': {
    options: { port: 80, path: '/run/app.sock' },
    fails: 'waitFor: give either `port` or `path`',
  },
  'a delay longer than the time': {
    options: { port: 80, delay: 10, timeout: 5 },
    fails: 'waitFor: `delay` is longer than `timeout`',
  },
});
