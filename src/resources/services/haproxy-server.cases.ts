import { predict } from '../../contract/index.ts';
import { planCases, type HostDescription } from '../../testing/index.ts';
import { haproxyServer } from './haproxy-server.ts';
import { haproxyServers, type HaproxyAnswer, type HaproxyServer } from './haproxy.probe.ts';

const socket = '/run/haproxy/admin.sock';
const web2: HaproxyServer = { backend: 'web', name: 'web2', state: 'ready', status: 'UP', sessions: 3 };
const said = (answer: HaproxyAnswer): HostDescription => ({ answers: [predict(haproxyServers(socket), answer)] });
/** A backend of two, the first of which is as given. */
const having = (now: Partial<HaproxyServer>): HaproxyAnswer => ({
  is: 'known',
  servers: [{ backend: 'web', name: 'web1', state: 'ready', status: 'UP', sessions: 3, ...now }, web2],
});
const web1 = { backend: 'web', server: 'web1' } as const;

export const cases = planCases(haproxyServer, {
  'one that takes part is drained': {
    options: { ...web1, state: 'drain' },
    host: said(having({})),
    changes: ['state ready -> drain'],
    steps: ['"set server web/web1 state drain"'],
    leaves: [predict(haproxyServers(socket), having({ state: 'drain', status: 'DRAIN', sessions: 0 }))],
    result: { state: 'drain', status: 'DRAIN', sessions: 0 },
  },
  'drained already': {
    options: { ...web1, state: 'drain' },
    host: said(having({ state: 'drain', status: 'DRAIN', sessions: 2 })),
    result: { state: 'drain', status: 'DRAIN', sessions: 2 },
  },
  'drained, and waited for: no list of steps, as the wait is ours': {
    options: { ...web1, state: 'drain', wait: true },
    host: said(having({})),
    changes: ['state ready -> drain'],
    steps: [],
  },
  'drained already, and its sessions waited for: nothing that counts as a change': {
    options: { ...web1, state: 'drain', wait: true },
    host: said(having({ state: 'drain', status: 'DRAIN' })),
    changes: ['wait the sessions of web/web1 have ended'],
    steps: [],
  },
  'in check mode they are taken to end': {
    options: { ...web1, state: 'drain', wait: true, timeout: 60 },
    host: said(having({ state: 'drain', status: 'DRAIN' })),
    behind: {},
    assumed: ['the sessions of web/web1 have ended within 60 s'],
  },
  'in check mode one that is down is taken to come up': {
    options: { ...web1, state: 'ready', wait: true },
    host: said(having({ status: 'DOWN' })),
    behind: {},
    assumed: ['web/web1 is up within 300 s'],
  },
  'in check mode what has come about needs no assumption': {
    options: { ...web1, state: 'ready', wait: true },
    host: said(having({})),
    behind: {},
  },
  'from maintenance it is up until a check says otherwise': {
    options: { ...web1, state: 'ready' },
    host: said(having({ state: 'maint', status: 'MAINT', sessions: 0 })),
    changes: ['state maint -> ready'],
    result: { state: 'ready', status: 'UP', sessions: 0 },
  },
  'from drained to maintenance': {
    options: { ...web1, state: 'maint' },
    host: said(having({ state: 'drain', status: 'DRAIN', sessions: 0 })),
    changes: ['state drain -> maint'],
    args: [[socket, 'set server web/web1 state maint']],
  },
  'a server that is not there': {
    options: { backend: 'web', server: 'web3', state: 'drain' },
    host: said(having({})),
    fails: 'HAProxy has no server web/web3',
    hint: 'It has web/web1, web/web2.',
  },
  'no HAProxy': {
    options: { ...web1, state: 'drain' },
    host: said({ is: 'down', why: `there is no ${socket}` }),
    fails: `HAProxy does not answer at ${socket}: there is no ${socket}`,
    hint: `It listens there with "stats socket ${socket} mode 660 level admin" in its section global.`,
  },
  'one that is planned may be there by then': {
    options: { ...web1, state: 'drain' },
    host: said({ is: 'down', why: `there is no ${socket}` }),
    behind: {},
    may: `HAProxy does not answer at ${socket}: there is no ${socket} yet ("a task" changes the host before)`,
  },
  'an account that may not': {
    options: { ...web1, state: 'drain' },
    host: said({ is: 'refused' }),
    fails: `this account may not write to ${socket}`,
    hint: 'Become root, or a member of the group the socket belongs to.',
  },
  'nothing to talk with': {
    options: { ...web1, state: 'drain' },
    host: said({ is: 'no tool' }),
    fails: 'the host has neither perl nor socat, one of which is needed to talk to HAProxy',
    hint: "Install one before: apt({ name: 'socat' })",
  },
  'sessions to end, and nobody who waits for them': {
    options: { ...web1, state: 'drain', shutdownSessions: true },
    fails: "haproxyServer: `shutdownSessions` goes with `wait: true` and state 'drain' or 'maint'",
  },
  'a socket that no configuration could name': {
    options: { ...web1, state: 'drain', socket: '/run/a\nb' },
    fails:
      'haproxyServer: option "socket" is "/run/a\\nb" (a string), but ' +
      'must be one line, as in the configuration of HAProxy',
  },
  'a name that would be another command': {
    options: { backend: 'web', server: 'web1;shutdown', state: 'drain' },
    fails:
      'haproxyServer: option "server" is "web1;shutdown" (a string), but must be a name as HAProxy has them: ' +
      'letters, digits and _ . : -',
  },
});
