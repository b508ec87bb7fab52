/**
 * Small Debian packages in several versions, and a repository of them: they stand for packages that only their owners'
 * own repositories have.
 */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';

export interface SmallPackage {
  readonly name: string;
  readonly version: string;
  /** Content by path; unit files and configuration among them. */
  readonly files?: Readonly<Record<string, string | Buffer>>;
  readonly conffiles?: readonly string[];
  /** sh, without the first line. */
  readonly postinst?: string;
  readonly prerm?: string;
  /** Lines of control beside the usual ones: `Depends: nginx`. */
  readonly control?: readonly string[];
  /** Versions with what changed in them, the newest first; default none. */
  readonly changelog?: readonly (readonly [version: string, change: string])[];
}

/** What a repository says of itself, as Debian's do: `{ suite: 'stable-security', codename: 'bookworm-security' }`. */
export interface Release {
  readonly suite: string;
  readonly codename: string;
}

/**
 * Builds packages into a folder and writes the index apt wants beside them: `deb [trusted=yes] file:FOLDER ./`.
 *
 * @param release default: it says nothing of itself
 */
export function buildRepository(folder: string, packages: readonly SmallPackage[], release?: Release): void {
  mkdirSync(folder, { recursive: true });
  for (const one of packages) buildPackage(folder, one);
  writeIndex(folder);
  if (release) writeRelease(folder, release);
}

function buildPackage(
  folder: string,
  { name, version, files = {}, conffiles = [], postinst, prerm, control = [], changelog = [] }: SmallPackage,
): void {
  const root = mkdtempSync(join(tmpdir(), 'play-deb-'));
  try {
    chmodSync(root, 0o755);
    const put = (path: string, content: string | Buffer, mode = 0o644): void => {
      mkdirSync(join(root, dirname(path)), { recursive: true });
      writeFileSync(join(root, path), content);
      chmodSync(join(root, path), mode);
    };
    for (const [path, text] of Object.entries(files)) put(path, text, /\/s?bin\//.test(path) ? 0o755 : 0o644);
    if (changelog.length > 0) {
      const text = changelog
        .map(
          ([of, change]) =>
            `${name} (${of}) unstable; urgency=medium\n\n  * ${change}\n\n -- Nobody <nobody@example.org>  Tue, 07 Nov 2023 10:00:00 +0000\n`,
        )
        .join('\n');
      put(`/usr/share/doc/${name}/changelog.Debian.gz`, gzipSync(text));
    }
    const fields = [
      `Package: ${name}`,
      `Version: ${version}`,
      'Architecture: all',
      'Maintainer: Nobody <nobody@example.org>',
      ...control,
      `Description: stands for the real ${name} in tests`,
    ];
    put('/DEBIAN/control', `${fields.join('\n')}\n`);
    if (conffiles.length > 0) put('/DEBIAN/conffiles', `${conffiles.join('\n')}\n`);
    for (const [script, text] of Object.entries({ postinst, prerm }))
      if (text !== undefined) put(`/DEBIAN/${script}`, `#!/bin/sh\nset -e\n${text}\n`, 0o755);
    execFileSync(
      'dpkg-deb',
      ['--root-owner-group', '-Zgzip', '--build', root, join(folder, `${name}_${version.replace(':', '%3a')}_all.deb`)],
      { stdio: 'pipe' },
    );
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

function writeIndex(folder: string): void {
  const entries = readdirSync(folder)
    .filter((file) => file.endsWith('.deb'))
    .sort()
    .map((file) => {
      const bytes = readFileSync(join(folder, file));
      const control = execFileSync('dpkg-deb', ['-f', join(folder, file)], { encoding: 'utf8' }).trim();
      return `${control}\nFilename: ./${file}\nSize: ${bytes.length}\nSHA256: ${createHash('sha256').update(bytes).digest('hex')}\n`;
    });
  writeFileSync(join(folder, 'Packages'), entries.join('\n'));
}

function writeRelease(folder: string, { suite, codename }: Release): void {
  const index = readFileSync(join(folder, 'Packages'));
  const fields = [
    'Origin: Test',
    `Label: Test`,
    `Suite: ${suite}`,
    `Codename: ${codename}`,
    `Date: ${new Date().toUTCString()}`,
    'Architectures: all amd64',
    'SHA256:',
    ` ${createHash('sha256').update(index).digest('hex')} ${index.length} Packages`,
  ];
  writeFileSync(join(folder, 'Release'), `${fields.join('\n')}\n`);
}
