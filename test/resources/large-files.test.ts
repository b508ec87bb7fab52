/** Files that are read while they are sent. */
import { createHash, randomBytes } from 'node:crypto';
import { appendFileSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { connect } from '../../src/connection/index.ts';
import { unifiedDiff } from '../../src/report/index.ts';
import { copy, file } from '../../src/resources/index.ts';
import { FileHere, largeFrom, scan } from '../../src/resources/kit/file-here.ts';
import { makeProject } from '../cli/command-line.ts';
import { useLawHost } from '../support/law-host.ts';
import { holdToLaws } from '../support/laws.ts';
import { runPlay } from '../support/run-play.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

vi.setConfig({ testTimeout: 300_000, hookTimeout: 600_000 });

const host = useLawHost('large');
const here = temporaryFolder('large');

const src = join(here, `-l 'q' $x ü`);
const bytes = Buffer.concat([randomBytes(largeFrom), Buffer.from('end')]);
writeFileSync(src, bytes, { mode: 0o750 });
const text = join(here, 'text');
writeFileSync(text, 'a line of it\n'.repeat(800_000));

const zeros = join(here, 'zeros');
writeFileSync(zeros, Buffer.alloc(largeFrom));

const sum = (algorithm: string): string => createHash(algorithm).update(bytes).digest('hex');
const isThere = (path: string): string => `[ "$(sha256sum <${path})" = '${sum('sha256')}  -' ]`;
const dd = (count: number): string => `head -c ${count} /dev/zero`;

describe('a large file', () => {
  holdToLaws(host, [
    {
      name: 'is put where there is none, in a folder that is made, with the mode of its source',
      tasks: (dir) => [copy({ src, dest: `${dir}/new/`, mode: 'preserve' })],
      expect: ['changed'],
      afterwards: `${isThere('new/-l*')}; [ "$(stat -c %a new/-l*)" = 750 ]`,
    },
    {
      name: 'takes the place of one of the same size, with owner, mode and a backup',
      setup: `${dd(bytes.length)} >f; chown daemon f; chmod 0604 f`,
      tasks: (dir) => [copy({ src, dest: `${dir}/f`, backup: true })],
      expect: ['changed'],
      afterwards: `${isThere('f')}; [ "$(stat -c '%U %a' f)" = 'daemon 604' ]; [ "$(cat f.*~ | tr -d '\\000' | wc -c)" = 0 ]`,
    },
    {
      name: 'takes the place of a small one, in the folder of somebody else',
      setup: 'mkdir d; chown daemon d; echo small >d/f',
      tasks: (dir) => [copy({ src, dest: `${dir}/d/f`, owner: 'games', mode: '0400' })],
      expect: ['changed'],
      afterwards: `${isThere('d/f')}; [ "$(stat -c '%U %a' d/f)" = 'games 400' ]`,
    },
    {
      name: 'is written where nothing can be renamed over it',
      setup: `: >f; : >g; mount --bind g f`,
      tasks: (dir) => [copy({ src, dest: `${dir}/f` })],
      expect: ['changed'],
      afterwards: `${isThere('g')}; umount f`,
      again: ['changed'],
    },
    {
      name: 'is held to a checksum, and to its mode where its bytes are right',
      setup: `${dd(largeFrom)} >g; : >f; chmod 0644 f g`,
      tasks: (dir) => [
        copy({ src, dest: `${dir}/f`, checksum: `md5:${sum('md5')}` }),
        copy({ src: zeros, dest: `${dir}/g`, mode: '0600' }),
      ],
      expect: ['changed', 'changed'],
      afterwards: `${isThere('f')}; [ "$(stat -c %a f g | xargs)" = '644 600' ]`,
    },
    {
      name: 'is shown to a checker, and to those of later tasks',
      tasks: (dir) => [
        copy({ src: text, dest: `${dir}/t`, validate: 'grep -q "a line" %s' }),
        file({ path: `${dir}/d`, state: 'directory' }),
        copy({ content: 'x\n', dest: `${dir}/u`, validate: `test -s '${dir.replaceAll("'", `'\\''`)}/t' -a -e %s` }),
      ],
      expect: ['changed', 'changed', 'changed'],
    },
    {
      name: 'is not put there where a checker refuses it',
      tasks: (dir) => [copy({ src: text, dest: `${dir}/t`, validate: 'grep -q nonsense %s' })],
      expect: ['failed'],
      again: ['failed'],
      says: /refused by/,
      afterwards: '[ ! -e t ]',
    },
  ]);

  test('is told by size and digest', () => {
    const { length, sha256 } = scan(src, '#');
    const shown = { path: '/f', before: null, after: new FileHere(src, { length, sha256, stamp: undefined }) };
    expect(unifiedDiff(shown, (one) => one)).toBe(
      `(large: no file -> ${bytes.length} bytes, sha256 ${sum('sha256').slice(0, 12)})\n`,
    );
  });

  test.each([
    ['longer', (path: string) => appendFileSync(path, 'x')],
    ['shorter', (path: string) => truncateSync(path, largeFrom)],
    ['another of the same size', (path: string) => writeFileSync(path, randomBytes(bytes.length))],
  ])('that became %s while the run was at work is not put there', async (_what, change) => {
    const changing = join(here, 'changing');
    writeFileSync(changing, bytes);
    const dest = join(here, 'dest');
    const { tasks } = await runPlay(
      { hosts: 'all', tasks: () => [copy({ src: changing, dest })] },
      { connect: (target) => (change(changing), connect(target)) },
    );
    expect(tasks.map(({ status, error }) => [status, error?.stderr])).toEqual([
      ['failed', expect.stringContaining('was changed while it was sent')],
    ]);
    expect(readdirSync(here).filter((name) => name === 'dest' || name.startsWith('.play'))).toEqual([]);
  });

  test('and many of them are sent without being in memory', async () => {
    const project = makeProject({
      'memory.cjs': `process.on('exit', () => require('node:fs').appendFileSync(process.env.MEMORY, process.resourceUsage().maxRSS + '\\n'));`,
      'main.ts': `import { copy, definePlaybook } from 'play';
export default definePlaybook({ hosts: 'all', tasks: ({ vars }) => ['a', 'b'].map((name) =>
  copy({ src: \`\${String(vars['src'])}\`, dest: \`\${import.meta.dirname}/out-\${name}\` })) });
`,
    });
    const [small, large] = [join(project.dir, 'small'), join(project.dir, 'large')];
    writeFileSync(small, 'small');
    writeFileSync(large, '');
    truncateSync(large, 300_000_000);
    const memoryFor = async (source: string): Promise<number> => {
      for (const name of ['a', 'b']) rmSync(join(project.dir, `out-${name}`), { force: true });
      const told = join(project.dir, 'told');
      writeFileSync(told, '');
      vi.stubEnv('NODE_OPTIONS', `--require=${join(project.dir, 'memory.cjs')}`);
      vi.stubEnv('MEMORY', told);
      const { code, stderr, stdout } = await project.play(
        'main.ts',
        '-i',
        'here,',
        '-c',
        'local',
        '-e',
        `src=${source}`,
      );
      vi.unstubAllEnvs();
      expect([code, stdout + stderr]).toEqual([0, expect.stringContaining('changed=2')]);
      return Math.max(...readFileSync(told, 'utf8').trim().split('\n').map(Number)) / 1024;
    };
    await memoryFor(small);
    const [without, needed] = [await memoryFor(small), await memoryFor(large)];
    expect(needed - without).toBeLessThan(60);
  });
});
