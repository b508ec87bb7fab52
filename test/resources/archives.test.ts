import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  closeSync,
  linkSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { fromBytes, toBytes, visible } from '../../src/connection/byte-text.ts';
import { readArchive } from '../../src/formats/archive/read.ts';
import { select } from '../../src/resources/kit/tree/select.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { zip } from '../support/zip.ts';

const here = temporaryFolder('archives');
const latin = Buffer.from('caf\xe9', 'latin1');

/** Everything an archive can hold that has to be read with care. */
function makeTree(folder: string): void {
  mkdirSync(join(folder, 'deep', 'd'.repeat(99)), { recursive: true });
  mkdirSync(join(folder, 'closed'));
  mkdirSync(join(folder, 'empty'));
  writeFileSync(join(folder, 'deep', 'd'.repeat(99), 'long'), 'long\n');
  writeFileSync(join(folder, 'run'), '#!/bin/sh\n', { mode: 0o755 });
  writeFileSync(join(folder, `-o 'q' ü\nline`), Buffer.from([0, 255, 10]));
  writeFileSync(Buffer.concat([toBytes(`${folder}/`), latin]), 'latin');
  writeFileSync(join(folder, 'closed', 'file'), 'in a closed folder');
  linkSync(join(folder, 'run'), join(folder, 'same'));
  symlinkSync('t'.repeat(130), join(folder, 'far'));
  symlinkSync(latin, join(folder, 'near'));
  withHoles(join(folder, 'one-part'), 3 * 1024 ** 2, [1024 ** 2]);
  withHoles(
    join(folder, 'many-parts'),
    12 * 1024 ** 2,
    Array.from({ length: 40 }, (_, i) => i * 262_144),
  );
  withHoles(join(folder, 'only-hole'), 1024 ** 2, []);
  utimesSync(join(folder, 'run'), 1_000_000_000, 1_000_000_000);
  chmodSync(join(folder, 'closed'), 0o555);
}

function withHoles(file: string, size: number, at: readonly number[]): void {
  writeFileSync(file, '');
  truncateSync(file, size);
  const opened = openSync(file, 'r+');
  for (const offset of at) writeSync(opened, `part at ${offset}\n`, offset);
  closeSync(opened);
}

/** Name -> what is there, as tar(1) or unzip(1) left it. */
function unpacked(folder: string): Map<string, unknown> {
  const all = new Map<string, unknown>();
  const visit = (at: Buffer, prefix: string): void => {
    for (const one of readdirSync(at, 'buffer')) {
      const path = Buffer.concat([at, Buffer.from('/'), one]);
      const name = `${prefix}${fromBytes(one)}`;
      const state = lstatSync(path);
      const mode = (state.mode & 0o7777).toString(8).padStart(4, '0');
      if (state.isSymbolicLink()) all.set(name, { type: 'link', target: fromBytes(readlinkSync(path, 'buffer')) });
      else if (state.isDirectory()) {
        all.set(name, { type: 'directory', mode });
        visit(path, `${name}/`);
      } else
        all.set(name, {
          type: 'file',
          mode,
          modified: Math.floor(state.mtimeMs / 1000),
          content: readFileSync(path).toString('latin1'),
        });
    }
  };
  visit(toBytes(folder), '');
  return all;
}

function read(bytes: Buffer): Map<string, unknown> {
  return new Map(
    readArchive(bytes, 'a test').map(({ name, type, mode, modified, content, target }) => [
      name,
      type === 'link'
        ? { type, target }
        : type === 'directory'
          ? { type, mode }
          : { type, mode, modified, content: content.toString('latin1') },
    ]),
  );
}

const source = join(here, 'source');
makeTree(source);

describe('a tar archive is read as tar itself unpacks it', () => {
  test.each([
    ['gnu', ['--format=gnu']],
    ['gnu, sparse', ['--format=gnu', '-S']],
    ['old gnu, sparse', ['--format=oldgnu', '-S']],
    ['pax', ['--format=pax']],
    ['pax, sparse 0.0', ['--format=pax', '-S', '--sparse-version=0.0']],
    ['pax, sparse 0.1', ['--format=pax', '-S', '--sparse-version=0.1']],
    ['pax, sparse 1.0', ['--format=pax', '-S', '--sparse-version=1.0']],
    ['pax, with a global header', ['--format=pax', '--pax-option=globexthdr.name=g,comment=of all']],
    ['ustar', ['--format=ustar', '--exclude=far']],
    ['v7', ['--format=v7', '--exclude=far', '--exclude=deep']],
    ['gzip', ['-z']],
    ['xz', ['-J']],
    ['bzip2', ['-j']],
    ['zstd', ['--zstd']],
    ['times before 1970', ['--mtime=1969-12-31 23:00:00 UTC', '--format=gnu']],
  ] as const)('%s', (name, options) => {
    const file = join(here, `${name.replaceAll(/\W/g, '')}.bin`);
    const out = join(here, `${name.replaceAll(/\W/g, '')}.out`);
    execFileSync('tar', ['-cf', file, ...options, '-C', source, '.']);
    mkdirSync(out);
    execFileSync('tar', ['-xpf', file, '-C', out], { stdio: ['ignore', 'ignore', 'ignore'] });
    expect(read(readFileSync(file))).toEqual(unpacked(out));
  });
});

test('what a tar archive must not do', () => {
  const make = (name: string, ...options: readonly string[]): Buffer => {
    execFileSync('tar', ['-cPf', join(here, name), '-C', source, ...options]);
    return readFileSync(join(here, name));
  };
  const run = make('plain', 'run');
  expect(() => readArchive(make('above', '--transform=s,^,../,', 'run'), 'a')).toThrow(/outside/);
  expect(() => readArchive(make('absolute', '--transform=s,^,/,', 'run'), 'a')).toThrow(/outside/);
  expect(() => readArchive(run.subarray(0, 515), 'a')).toThrow(/cut off|damaged/);
  expect(() => readArchive(run.subarray(0, 100), 'a')).toThrow(/damaged/);
  expect(() => readArchive(make('half', '--transform=s,^run$,gone,', 'run', 'same').subarray(512 * 2), 'a')).toThrow(
    /hard link to "gone", which is not in it/,
  );
  // A link, then a file below it: unpacked in good faith it is written where the link leads.
  expect(() =>
    readArchive(
      Buffer.concat([
        make('link', '--transform=s,^near$,x,', 'near').subarray(0, 512),
        make('below', '--transform=s,^run$,x/y,', 'run'),
      ]),
      'a',
    ),
  ).toThrow(/"x\/y" below "x", which is a link/);
});

describe('a zip archive', () => {
  const file = { type: 'file', mode: '0644', modified: Date.UTC(2020, 0, 1, 12) / 1000, content: 'x' };
  test.each([
    [
      'permissions, folders and links',
      zip([
        { name: 'd/', mode: 0o40750 },
        { name: 'd/f', content: 'x', mode: 0o104755 },
        { name: 'l', content: 'd/f', mode: 0o120777 },
      ]),
      [
        ['d', { type: 'directory', mode: '0750' }],
        ['d/f', { ...file, mode: '0755' }],
        ['l', { type: 'link', target: 'd/f' }],
      ],
    ],
    ['sizes behind the data', zip([{ name: 'f', content: 'x', streamed: true }]), [['f', file]]],
    [
      'zip64',
      zip([{ name: 'e' }, { name: 'f', content: 'x', large: true }], { large: true }),
      [
        ['e', { ...file, content: '' }],
        ['f', file],
      ],
    ],
    [
      'behind a program, with a comment',
      zip([{ name: 'f', content: 'x', stored: true }], {
        before: '#!/usr/bin/env python3\n',
        comment: 'PK\u0005\u0006 is no end',
      }),
      [['f', file]],
    ],
    ['names in UTF-8', zip([{ name: 'ü', content: 'x', isUtf8: true }]), [['ü', file]]],
    ['names in bytes of Unix', zip([{ name: latin, content: 'x' }]), [[fromBytes(latin), file]]],
    [
      'names in code page 437, of DOS',
      zip([{ name: Buffer.from('c\x82f', 'latin1'), content: 'x', madeBy: 0 }]),
      [['céf', file]],
    ],
    ['separators of Windows', zip([{ name: 'd\\f', content: 'x', madeBy: 0 }]), [['d/f', file]]],
    ['nothing in it', zip([]), []],
  ] as const)('%s', (_, bytes, members) => {
    expect([...read(bytes)]).toEqual(members);
  });

  test.each([
    ['names outside', zip([{ name: '../f' }]), /outside/],
    [
      'a file below a link',
      zip([{ name: 'l', content: '/etc', mode: 0o120777 }, { name: 'l/f' }]),
      /"l\/f" below "l", which is a link/,
    ],
    [
      'other bytes than promised',
      Buffer.from(
        zip([{ name: 'f', content: 'xyz', stored: true }])
          .toString('latin1')
          .replace('xyz', 'xyZ'),
        'latin1',
      ),
      /damaged/,
    ],
    ['the end missing', zip([{ name: 'f' }]).subarray(0, -5), /cut off/],
  ] as const)('refused: %s', (_, bytes, why) => {
    expect(() => readArchive(bytes, 'a test')).toThrow(why);
  });
});

describe('what is taken of an archive, by names as they are in it', () => {
  const members = ['p', 'p/conf', 'p/conf/a.conf', 'p/conf/b.conf', 'p/bin', 'p/bin/tool', 'q', 'q/bin'].map((name) => {
    if (!name.includes('.') && name !== 'p/bin/tool')
      return {
        name,
        type: 'directory' as const,
        as: (as: string) => ({ type: 'directory' as const, name: as, mode: '0700' }),
      };
    return {
      name,
      type: 'file' as const,
      as: (as: string) => ({ type: 'file' as const, name: as, mode: '0644', sha256: '', size: 0, content: undefined }),
    };
  });
  const names = (selection: Partial<Parameters<typeof select>[1]>): unknown => {
    const chosen = select(members, { include: [], exclude: [], strip: 0, ...selection }, '0755');
    return typeof chosen === 'string' ? chosen : chosen.map((one) => one.name);
  };
  test.each([
    [{ exclude: ['p/conf/b.conf'], strip: 1 }, ['bin', 'bin/tool', 'conf', 'conf/a.conf']],
    [{ exclude: ['p/conf', 'q'], strip: 1 }, ['bin', 'bin/tool']],
    [{ include: ['p/bin'], strip: 1 }, ['bin', 'bin/tool']],
    [{ include: ['*.conf'], exclude: ['a.conf'] }, ['p', 'p/conf', 'p/conf/b.conf']],
    [{ include: ['p/conf/a.conf'], strip: 2 }, ['a.conf']],
    [{ include: ['a.conf', 'conf/none'] }, 'nothing in it matches "conf/none" of `include`'],
    [{ include: ['*.conf'], strip: 3 }, []],
  ])('%j', (selection, expected) => {
    expect(names(selection)).toEqual(expected);
  });
  test('two members that would get one name', () => {
    const more = members.filter(({ name }) => name === 'p/bin/tool').map((one) => ({ ...one, name: 'q/bin/tool' }));
    expect(select([...members, ...more], { include: [], exclude: [], strip: 1 }, '0755')).toMatch(
      /p\/bin\/tool and q\/bin\/tool in it would both become bin\/tool/,
    );
  });
});

test('bytes that are no text come back as they were', () => {
  for (const bytes of [
    latin,
    Buffer.from([0xff, 0x41, 0xc3, 0xbc, 0xc3]),
    Buffer.from([0xed, 0xb3, 0xbf]),
    Buffer.from('plain ü 😀'),
    Buffer.from([...Array(256).keys()]),
  ])
    expect(toBytes(fromBytes(bytes))).toEqual(bytes);
  expect(fromBytes(Buffer.from('ü'))).toBe('ü');
  expect(visible(fromBytes(latin))).toBe('caf\\351');
});
