/** Places that are one by bind mounts. */
import { expect, test } from 'vitest';
import { predict, type PathState } from '../../src/contract/index.ts';
import { Future } from '../../src/engine/future.ts';
import { binds, linkTarget, stat, type Bind } from '../../src/probes/index.ts';
import { mounted } from '../../src/resources/system/mounts.probe.ts';

const file: PathState = { type: 'file', mode: '0644', uid: 0, gid: 0, owner: 'root', group: 'root', size: 0 };

const root = '1 0 8:1 / / rw - ext4 /dev/sda1 rw';
const bound = (id: number, of: string, at: string): string => `${id} 1 8:1 ${of} ${at} rw - ext4 /dev/sda1 rw`;

test.each<[what: string, lines: string[], expected: Bind[]]>([
  ['no mount but the root', [root], []],
  ['a folder elsewhere', [root, bound(2, '/srv/a', '/mnt')], [{ at: '/mnt', of: '/srv/a', except: [] }]],
  ['a name with a blank', [root, bound(2, '/srv/a\\040b', '/mnt')], [{ at: '/mnt', of: '/srv/a b', except: [] }]],
  ['another file system', [root, '2 1 8:2 / /mnt rw - ext4 /dev/sdb1 rw'], []],
  [
    'part of another file system',
    [root, '2 1 8:2 / /data rw - ext4 /dev/sdb1 rw', '3 1 8:2 /x /mnt rw - ext4 /dev/sdb1 rw'],
    [{ at: '/mnt', of: '/data/x', except: [] }],
  ],
  [
    'one over the other',
    [root, bound(2, '/srv/a', '/mnt'), bound(3, '/srv/b', '/mnt')],
    [{ at: '/mnt', of: '/srv/b', except: [] }],
  ],
  [
    'what is hidden by a mount is seen by the other name alone',
    [root, bound(2, '/srv/a', '/mnt'), bound(3, '/srv/a', '/opt'), '4 1 0:5 / /srv rw - tmpfs none rw'],
    [{ at: '/opt', of: '/mnt', except: [] }],
  ],
  [
    'what is mounted in one of the two places',
    [root, bound(2, '/srv/a', '/mnt'), '3 1 0:5 / /srv/a/t rw - tmpfs none rw', '4 2 0:6 / /mnt/u rw - tmpfs none rw'],
    [{ at: '/mnt', of: '/srv/a', except: ['/mnt/u', '/mnt/t'] }],
  ],
  [
    'a whole file system twice',
    [root, '2 1 0:5 / /srv rw - tmpfs none rw', '3 1 0:5 / /mnt rw - tmpfs none rw'],
    [{ at: '/mnt', of: '/srv', except: [] }],
  ],
  ['what is there no more', [root, bound(2, '/srv/a//deleted', '/mnt')], []],
  ['a folder of the kernel', [root, '2 1 0:4 net:[4026531840] /run/netns/x rw - nsfs nsfs rw'], []],
])('%s', (_, lines, expected) => {
  expect(binds.kind.decode(Buffer.from(`${lines.join('\n')}\n`, 'latin1'), [['']], '')).toEqual([expected]);
});

test('a file is no such place: once it is replaced, its mount still shows the old one', () => {
  const lines = [root, bound(2, '/srv/a\\040b', '/etc/a\\040b'), bound(3, '/srv/c', '/mnt')];
  const said = `${lines.join('\n')}\n@files\n/etc/a\\040b\n`;
  expect(binds.kind.decode(Buffer.from(said, 'latin1'), [['']], '')).toEqual([
    [{ at: '/mnt', of: '/srv/c', except: [] }],
  ]);
});

test('a planned change counts under both names', () => {
  const future = new Future({
    linkAt: () => null,
    stat: () => undefined,
    binds: () => [{ at: '/mnt', of: '/srv/a', except: [] }],
  });
  future.foresee([predict(stat('/mnt/f'), file)]);
  const planned = (path: string): unknown => future.planned(future.throughLinks(stat(path)))?.answer;
  expect(planned('/srv/a/f')).toEqual(file);
  expect(planned('/mnt/f')).toEqual(file);
  expect(future.below('/mnt').map(({ path }) => path)).toEqual(['/mnt/f']);
  expect(future.below('/').map(({ path }) => path)).toEqual(['/srv/a/f', '/mnt/f']);
  future.foresee([predict(stat('/srv/a/f'), { type: 'absent' })]);
  expect(planned('/mnt/f')).toEqual({ type: 'absent' });
});

test('what is or will be mounted over one of the places is not seen at the other', () => {
  const bind = { at: '/mnt', of: '/srv/a', except: ['/mnt/t'] };
  const future = new Future({ linkAt: () => null, stat: () => undefined, binds: () => [bind] });
  future.foresee([predict(stat('/srv/a/t/f'), file)]);
  expect(future.planned(future.throughLinks(stat('/mnt/t/f')))).toBeUndefined();
  expect(future.below('/mnt')).toEqual([]);
  future.foresee([predict(mounted('/srv/a/u'), null), predict(stat('/srv/a/u/f'), file)]);
  expect(future.planned(future.throughLinks(stat('/mnt/u/f')))).toBeUndefined();
});

test('a relative link behind a bind mount leads on from there', () => {
  const future = new Future({
    linkAt: () => null,
    stat: () => undefined,
    binds: () => [{ at: '/mnt', of: '/srv/a', except: [] }],
  });
  future.foresee([
    predict(stat('/srv/a/l'), { ...file, type: 'link' }),
    predict(linkTarget('/srv/a/l'), '../x'),
    predict(stat('/x/f'), file),
  ]);
  expect(future.resolve(stat('/mnt/l/f'))[0]?.path).toBe('/x/f');
  expect(future.resolve(stat('/srv/a/l/f'))[0]?.path).toBe('/srv/x/f');
});
