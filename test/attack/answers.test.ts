/**
 * Answers that are not what they should be: whatever a host sends decodes, or is that host's failure, in bounded time.
 * Each probe's true answer on this machine is made wrong in many ways; then whole plays are planned over such answers.
 * `npm run attack -- --kind fuzz` for the long form, `PLAY_ATTACK_SEED` to do one again.
 */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  connect,
  inputBytes,
  type Connection,
  type Lane,
  type LaneReply,
  type LaneRequest,
} from '../../src/connection/index.ts';
import { ReplyParser } from '../../src/connection/reply-parser.ts';
import type { Question } from '../../src/contract/index.ts';
import { asRequests, readAnswers } from '../../src/engine/ask.ts';
import { recordsQuestion } from '../../src/engine/host-records.ts';
import type { Event } from '../../src/engine/index.ts';
import { handler, type Task } from '../../src/playbook/index.ts';
import { humanReport } from '../../src/report/human.ts';
import { makeStyle, masked } from '../../src/report/index.ts';
import * as play from '../../src/resources/index.ts';
import { Redactor } from '../../src/secrets/index.ts';
import { attackRounds, attackSeed, peakMemory, tellFigures } from '../support/attack.ts';
import { cpuTime } from '../support/cpu-time.ts';
import { Dice } from '../support/dice.ts';
import { mutate } from '../support/mutate.ts';
import { runPlay } from '../support/run-play.ts';
import * as probes from './all-probes.ts';

const rounds = attackRounds('FUZZ', 2000);
const seed = attackSeed();
/** Milliseconds; a busy machine is slow now and then. */
const longest = 4000;

const http = {
  url: 'http://127.0.0.1:1/',
  method: 'GET',
  accepted: [200],
  headers: [],
  isSecret: false,
  validateCerts: true,
  timeout: 1,
  retries: 0,
  delay: 1,
  wantsBody: true,
};
const fetched = {
  url: 'http://127.0.0.1:1/',
  digest: undefined,
  headers: [],
  user: undefined,
  timeout: 1,
  validateCerts: true,
  isSecret: false,
};
const wait = {
  kind: 'path',
  wanted: true,
  host: '127.0.0.1',
  port: 1,
  path: '/etc/passwd',
  regex: '',
  timeout: 0,
  delay: 0,
  sleep: 1,
  connectTimeout: 1,
} as const;
const npm = {
  executable: 'npm',
  path: '/srv',
  name: '',
  version: '',
  ci: false,
  production: false,
  noOptional: false,
};
const pip = {
  executable: '',
  virtualenv: '/srv/venv',
  names: ['pip'],
  requirements: '',
  asksIndex: false,
  extraArgs: [],
};
const dnf = {
  state: 'latest',
  command: ['install', 'bash'],
  planned: [],
  repositories: [],
  names: ['bash'],
  isPrivate: true,
  getsKey: false,
} as const;
const mysql = { host: '', port: '', socket: '', config: '', user: '', isImplicit: false, secretFile: '' };
const apt = { command: ['install', 'base-files'], refresh: false, planned: [], preferences: [], sources: [] };

/** Every question there is, with something to ask it about. */
const questions = (): Question[] => {
  const all = [
    recordsQuestion,
    probes.holdsQuestion,
    probes.keptFiles('20261129T000000.000Z-000000'),
    probes.haproxyServers('/run/haproxy/admin.sock'),
    probes.unitTimes('ssh'),
    probes.lastChange('/etc/passwd'),
    probes.outdatedCode(['base-files']),
    probes.aptSurvey(['upgrade'], false),
    probes.stat('/etc/passwd'),
    probes.fileTimes('/etc/passwd'),
    probes.debFile('/etc/passwd'),
    probes.localMoment('2027-01-31 12:00:00'),
    probes.content('/etc/passwd'),
    probes.largeContent('/etc/group'),
    probes.sha256('/etc/passwd'),
    probes.sha256OfSize('/etc/passwd', statSync('/etc/passwd').size),
    probes.linkTarget('/etc/mtab'),
    probes.realPath('/etc/mtab'),
    probes.sameFile('/etc', '/etc/.'),
    probes.tree('/etc/apt'),
    probes.access('/etc'),
    probes.self,
    probes.aptHost,
    probes.packageState('base-files'),
    probes.unit('ssh.service'),
    probes.unitEnabled('ssh.service'),
    probes.unitsChanged,
    probes.user('root'),
    probes.userBy('0'),
    probes.group('root'),
    probes.groupBy('0'),
    probes.shadow('root'),
    probes.accountTable,
    probes.guard('true'),
    probes.guardText('true'),
    probes.commandOutput('echo 1', ''),
    probes.accountProcess(0),
    probes.accountDefaults,
    probes.frozenBelow('/etc'),
    probes.closedBelow('/etc'),
    probes.writability('/etc/passwd'),
    probes.listing('/etc/apt'),
    probes.fileHolds('/etc/passwd', 'root'),
    probes.waitQuick(wait),
    probes.waitPatient(wait),
    probes.digestOf('/etc/passwd', 'md5'),
    probes.crontab('root'),
    probes.archiveMembers('/etc/passwd'),
    probes.contentAs('root', '/etc/passwd'),
    probes.way('/etc/mtab'),
    probes.aptSource({
      path: '/etc/apt/sources.list.d/x.list',
      content: Buffer.from('deb http://127.0.0.1:1/ x y\n'),
      key: undefined,
      planned: [],
      fetches: false,
    }),
    probes.checkout('/srv/nothing', '', 'HEAD'),
    probes.remoteCommit('/srv/nothing', 'HEAD'),
    probes.bareRepository('/srv/nothing', 'origin'),
    probes.remoteRefs('/srv/nothing', false),
    probes.commitsOfOwn('/srv/nothing', '/srv/nothing', ['x'], [], false),
    probes.userManager('root'),
    probes.userUnit('x', 'root', '/root'),
    probes.userUnitsChanged('root', '/root'),
    probes.localUser('root'),
    probes.localGroup('root'),
    probes.binds,
    probes.mounted('/'),
    probes.mountSource('/dev/null', '/'),
    probes.nftTable('inet filter'),
    probes.nftWanted('inet filter', '/etc/passwd', ''),
    probes.debconfAnswer('debconf/frontend'),
    probes.conffileSum('base-files', '/etc/debian_version'),
    probes.diversion('/bin/sh'),
    probes.dnfHost,
    probes.dnfSimulation(dnf),
    probes.dnfSimulationInTurn(dnf),
    probes.installedRpms('bash'),
    probes.rpmKeys,
    probes.openrcService('cron'),
    probes.dpkgSelection('base-files'),
    probes.sysctlValue('/proc/sys/kernel/ostype'),
    probes.locales,
    probes.pipState(pip),
    probes.pipState({ ...pip, virtualenv: '', executable: 'pip3' }),
    probes.npmState(npm),
    probes.npmState({ ...npm, path: '', name: 'x' }),
    probes.npmPublished('npm', '/', 'x@latest', ''),
    probes.programState('sh'),
    probes.fileCapabilities('/bin/sh'),
    probes.alternativesOf('awk'),
    probes.aclTest('', 'm', 'u:root:r', '/etc/passwd'),
    probes.aclEntries('/etc/passwd'),
    probes.publicKey('/etc/ssh/ssh_host_ed25519_key'),
    probes.container('docker', 'x'),
    probes.containerImage('docker', 'x'),
    probes.containerNetwork('docker', 'x'),
    probes.containerVolume('docker', 'x'),
    probes.postgresqlRoles(undefined),
    probes.postgresqlDatabases(undefined),
    probes.postgresqlPatches(probes.usualLogin, 'x'),
    probes.postgresqlGrants(probes.usualLogin, 'x', 'table', 'public'),
    probes.rabbitmqBroker(''),
    probes.rabbitmqTracing(''),
    probes.firewalldHas('now', 'public', 'service=ssh'),
    probes.ufwState,
    probes.ufwRule(['allow', '22']),
    probes.iptablesChain('ipv4', 'filter', 'INPUT'),
    probes.iptablesRule('ipv4', 'filter', 'INPUT', ['-j', 'ACCEPT']),
    probes.mysqlDatabases(mysql),
    probes.mysqlAccount(mysql, 'x', 'localhost'),
    ...probes.factNames.map((name) => probes.fact(name)),
    probes.httpQuick(http),
    probes.httpPatient(http),
    probes.aptSimulation(apt),
    probes.aptSimulationInTurn(apt),
    probes.aptForesight(apt),
    probes.checkoutAhead('/srv/nothing', '/srv/nothing', {
      commit: 'x',
      branch: '',
      what: 'x',
      depth: '',
      refspec: '',
    }),
    probes.downloadText(fetched),
    probes.downloadAhead(fetched),
    probes.downloadHash(fetched),
    probes.debHead(fetched),
    probes.debFetched(fetched),
    probes.getentLines('passwd', 'root', ''),
    probes.getentLines('hosts', '', 'files'),
    probes.packageList,
    probes.serviceList,
    probes.filesystemOn('/etc/passwd'),
    probes.filesystemSize('/etc/passwd', 'ext4'),
    probes.blockDevice('/dev/vda'),
    probes.raidArray('/dev/md0'),
    probes.raidMark('/dev/vda'),
    probes.volumeGroup('vg0'),
    probes.job('20261130T160000.1'),
    probes.mysqlTables(mysql, 'x', 'y'),
    probes.kernelModule('loop'),
  ];
  return all;
};

let connection: Connection;
let lane: Lane;
const known = new Map<string, LaneReply>();
const seen: Buffer[] = [Buffer.from('[{"a":1,"b":[null,"x"]}]')];

/** What takes minutes to ask is made up. */
const simulation = Buffer.from(
  '@@sources\n@@actions\nInst nginx (1.22.1-9 Debian:12.1/stable [amd64])\nConf nginx (1.22.1-9 Debian:12.1/stable [amd64])\nRemv vim [9.0]\n@@contents\nnginx 1.22.1-9 amd64\n@@end\n',
);

/** What this machine says: asked once. */
async function truth(request: LaneRequest): Promise<LaneReply> {
  if ((request.timeout ?? 0) >= 300)
    return { code: 0, stdout: simulation, stderr: Buffer.alloc(0), truncated: false, skipped: false };
  const key = `${request.script}\0${(request.args ?? []).join('\0')}\0${Buffer.from(request.stdin === undefined ? [] : inputBytes(request.stdin)).toString('latin1')}`;
  const before = known.get(key);
  if (before !== undefined) return before;
  const [reply] = await lane.exchange([{ ...request, timeout: 5 }]);
  if (reply === undefined) throw new Error('no reply');
  known.set(key, reply);
  if (reply.stdout.length > 0) seen.push(reply.stdout);
  return reply;
}

beforeAll(async () => {
  connection = await connect({ name: 'web1', address: 'web1', transport: 'local' });
  lane = await connection.lane();
});
afterAll(async () => {
  await connection.close();
});

test('every probe is here', () => {
  const folder = new URL('../../src/', import.meta.url).pathname;
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(
    (file) => /^probes\/.*\.ts$/.test(file) || file.endsWith('.probe.ts'),
  );
  const kinds = files.flatMap((file) =>
    [
      ...readFileSync(join(folder, file), 'utf8').matchAll(
        /^\s*(?:const \w+: ProbeKind<.*= \{ (?:\.\.\.\w+, )?)?kind: '([\w-]+)'/gm,
      ),
    ].map(([, kind]) => kind),
  );
  const asked = new Set(questions().map(({ kind }) => kind.kind));
  expect(kinds.filter((kind) => kind !== undefined && !asked.has(kind))).toEqual([]);
});

test('answers decode, or fail as what that host sent', async () => {
  const dice = new Dice(seed);
  const all = asRequests(questions());
  for (const asked of all) await truth(asked.request);
  let slowest = 0;
  for (let round = 0; round < rounds; round++) {
    const asked = dice.one(all);
    const sound = await truth(asked.request);
    const reply = {
      ...sound,
      code: dice.chance(0.1) ? dice.below(256) : sound.code,
      stdout: mutate(sound.stdout, dice, seen),
      stderr: dice.chance(0.3) ? mutate(sound.stderr, dice, seen) : sound.stderr,
    };
    const begun = cpuTime();
    const answers = readAnswers(asked, reply);
    const took = cpuTime() - begun;
    slowest = Math.max(slowest, took);
    expect(answers.length).toBe(asked.questions.length);
    expect(answers.includes(undefined), `seed ${seed}, round ${round}: ${asked.kind.kind}`).toBe(false);
    expect(took, `seed ${seed}, round ${round}: ${asked.kind.kind}`).toBeLessThan(longest);
  }
  tellFigures({
    kind: 'FUZZ',
    name: 'answers',
    rounds,
    lost: 0,
    note: `${all.length} probes, the slowest took ${slowest.toFixed(0)} ms, peak memory ${peakMemory()} MiB, seed ${seed}`,
  });
}, 3_600_000);

test('megabytes of nonsense take linear time', async () => {
  const all = asRequests(questions());
  for (const asked of all) {
    const sound = await truth(asked.request);
    readAnswers(asked, sound);
    for (const unit of [
      '\n',
      '\0',
      ' ',
      'a',
      '1 ',
      '{"a":',
      '[',
      'a\0',
      '\\',
      '\t\n',
      sound.stdout.toString('latin1').slice(0, 500) || 'x',
    ]) {
      const stdout = Buffer.from(unit.repeat(Math.ceil(100_000 / unit.length)), 'latin1');
      const begun = cpuTime();
      readAnswers(asked, { ...sound, stdout });
      expect(cpuTime() - begun, `${asked.kind.kind}: ${JSON.stringify(unit.slice(0, 20))}`).toBeLessThan(longest);
    }
  }
});

describe('replies', () => {
  test('of any bytes are read or refused, and no more of them is kept than was asked for', () => {
    const dice = new Dice(seed);
    const mark = '=boundary=';
    const boundary = Buffer.from(mark);
    for (let round = 0; round < rounds; round++) {
      const sound = Buffer.concat(
        Array.from({ length: 1 + dice.below(4) }, (_, id) =>
          Buffer.from(`out ${id}${mark}err${mark}${id} ${dice.below(200)}\n`),
        ),
      );
      const stream = mutate(sound, dice, [boundary, sound]);
      const most = dice.below(300);
      let over = 0;
      const parser = new ReplyParser(
        boundary,
        () => ({ bytes: most, why: 'too much' }),
        (answer) => {
          if ('gaveUp' in answer && answer.id < 0) over++;
          if ('reply' in answer)
            expect(answer.reply.stdout.length + answer.reply.stderr.length).toBeLessThanOrEqual(2 * most);
          if ('reply' in answer) expect(Number.isInteger(answer.reply.code)).toBe(true);
        },
      );
      for (let at = 0; at < stream.length;) {
        const size = 1 + dice.below(40);
        parser.push(stream.subarray(at, at + size));
        at += size;
        expect(parser.held).toBeLessThanOrEqual(2 * (most + 1) + 1024);
      }
      expect(over).toBeLessThanOrEqual(1);
    }
  });
});

/** Tasks whose plans read all kinds of answers; in check mode nothing of this machine is changed. */
const restart = handler('restart', () => play.systemd({ name: 'ssh', state: 'restarted' }));
const tasks: readonly (() => Task)[] = [
  () => play.copy({ dest: '/etc/play-attack', content: 'a\n', mode: '0644', owner: 'root' }, { notify: restart }),
  () => play.file({ path: '/srv/play-attack', state: 'directory', owner: 'root' }),
  () => play.file({ path: '/etc/apt', recurse: true, state: 'directory', mode: 'u+rwX' }),
  () => play.lineinfile({ path: '/etc/passwd', line: 'x' }),
  () => play.blockinfile({ path: '/etc/group', block: 'x' }),
  () => play.iniFile({ path: '/etc/play-attack.ini', section: 's', option: 'o', value: 'v' }),
  () => play.user({ name: 'nobody', shell: '/bin/sh', groups: ['users'] }),
  () => play.group({ name: 'play-attack' }),
  () => play.systemd({ name: 'ssh', state: 'started', enabled: true }),
  () => play.command({ argv: ['true'], creates: '/etc/play-attack' }),
  () => play.command({ argv: ['sh', '-c', 'echo 1'], changes: 'never' }),
  () => play.stat({ path: '/etc/passwd' }),
  () => play.find({ paths: ['/etc/apt'] }),
  () => play.sysctl({ name: 'kernel.ostype', value: 'Linux' }),
  () => play.cron({ name: 'x', job: 'true', user: 'root' }),
  () => play.pip({ name: ['pip'], virtualenv: '/srv/play-attack' }),
  () =>
    play.authorizedKey({
      user: 'root',
      key: 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAINWb7VEgq+WYZ26SxkhcFcBBuzf1oGfXIZ7KPZPSxQdQ x',
    }),
  () => play.debug({ msg: ({ facts }) => `${facts.hostname} ${facts.memoryMb}` }),
  () => play.hostname({ name: 'play-attack' }),
  () => play.mount({ path: '/mnt/play-attack', src: 'tmpfs', fstype: 'tmpfs', state: 'mounted' }),
  () => play.git({ repo: '/srv/nothing', dest: '/srv/play-attack-git' }),
  () => play.git({ repo: '/srv/nothing', dest: '/srv/play-attack-bare', bare: true }),
  () => play.npm({ name: 'x', global: true }),
  () => play.systemd({ name: 'x', state: 'started', enabled: true, scope: 'user' }),
  () => play.user({ name: 'nobody', local: true, shell: '/bin/sh' }),
];

/** A lane whose host answers wrongly now and then. Nothing is ever changed through it. */
function lyingConnection(dice: Dice): Connection {
  const answer = async (request: LaneRequest): Promise<LaneReply> => {
    const sound = await truth(request);
    if (dice.chance(0.6)) return sound;
    return {
      ...sound,
      stdout: mutate(sound.stdout, dice, seen),
      ...(dice.chance(0.1) ? { code: dice.below(256) } : {}),
      ...(dice.chance(0.1) ? { stderr: mutate(sound.stderr, dice, seen) } : {}),
    };
  };
  const lying: Lane = {
    greeting: lane.greeting,
    exchanges: 0,
    exchange: async (requests, onReply) => {
      const replies: LaneReply[] = [];
      for (const request of requests) {
        const reply = await answer(request);
        onReply?.(reply, replies.push(reply) - 1);
      }
      return replies;
    },
    close: async () => undefined,
  };
  return {
    target: connection.target,
    description: 'lying',
    lane: async () => lying,
    live: async () => 0,
    close: async () => undefined,
  };
}

test('plays planned over such answers end as ok or failed, and tell nothing that looks like theirs', async () => {
  const dice = new Dice(seed + 1);
  const runs = Math.max(10, Math.floor(rounds / 200));
  let failed = 0;
  let slowest = 0;
  for (let round = 0; round < runs; round++) {
    let some: Task[] = [];
    const begun = performance.now();
    const { events, recap } = await runPlay(
      { hosts: 'all', tasks: () => (some = dice.some(tasks, 0.4).map((make) => make())) },
      { check: true, connect: async () => lyingConnection(dice) },
    );
    slowest = Math.max(slowest, performance.now() - begun);
    expect(performance.now() - begun, `seed ${seed}, run ${round}`).toBeLessThan(60_000);
    const internal = events.flatMap((event) =>
      event.event === 'host-failed' && event.error.what.startsWith('internal')
        ? [`${event.error.what}\n${event.error.stderr}`]
        : [],
    );
    expect(internal, `seed ${seed}, run ${round}: ${some.map(({ name }) => name).join(', ')}`).toEqual([]);
    expect([0, 2]).toContain(recap.exit);
    if (recap.exit !== 0) failed++;
    const printed = print(events);
    expect(
      printed
        .split('\n')
        .filter((line) => /^(?:ok|changed|unreachable|PLAY RECAP).*FORGED/.test(line) || line === 'PLAY RECAP'),
    ).toEqual([]);
    // oxlint-disable-next-line no-control-regex
    expect(printed.match(/[\x00-\x08\x0b-\x1f\x7f-\x9f\u202e\u2028]/)).toBeNull();
  }
  tellFigures({
    kind: 'FUZZ',
    name: 'plays planned over answers',
    rounds: runs,
    lost: 0,
    note: `${failed} failed, the longest took ${slowest.toFixed(0)} ms, peak memory ${peakMemory()} MiB, seed ${seed}`,
  });
}, 3_600_000);

/** What people are shown of these events, off a terminal and without diffs. */
function print(events: readonly Event[]): string {
  let text = '';
  const redactor = new Redactor();
  const stream = { isTTY: false, write: (part: string) => (text += part) !== '' };
  const report = humanReport({
    stream: stream as never,
    style: makeStyle(false),
    check: true,
    diff: false,
    verbosity: 1,
  });
  for (const event of events) if (event.event !== 'sent') report(masked(event, redactor));
  return text;
}
