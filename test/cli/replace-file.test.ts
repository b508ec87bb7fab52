/** A file that is replaced as a whole has the attributes of the one before. */
import { spawnSync } from 'node:child_process';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { replaceFile } from '../../src/cli/commands/replace-file.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

/** Node knows nothing of extended attributes. An ACL is one: `user::rw-,user:65534:r--,group::---,mask::r--,other::---` */
const python = (code: string, file: string): string =>
  spawnSync('python3', ['-c', `import os, struct, sys; f = sys.argv[1]; ${code}`, file], { encoding: 'utf8' }).stdout;
const give =
  "acl = struct.pack('<I', 2) + b''.join(struct.pack('<HHI', *e) for e in [(1, 6, 2**32-1), (2, 4, 65534), (4, 0, 2**32-1), (16, 4, 2**32-1), (32, 0, 2**32-1)]); os.setxattr(f, 'system.posix_acl_access', acl); os.setxattr(f, 'user.note', b'kept'); print('given')";
const read = 'print(sorted((n, os.getxattr(f, n).hex()) for n in os.listxattr(f)))';

test('mode, owner, access control list and extended attributes stay', ({ skip }) => {
  const folder = temporaryFolder('replace');
  const file = join(folder, "odd 'name");
  writeFileSync(file, 'old', { mode: 0o640 });
  if (!python(give, file).includes('given')) skip('no python3, or a file system without attributes');
  const [before, mode] = [python(read, file), statSync(file).mode];
  expect(before).toContain('posix_acl_access');
  replaceFile(file, 'new');
  expect([python(read, file), statSync(file).mode, readFileSync(file, 'utf8')]).toEqual([before, mode, 'new']);
  replaceFile(file, 'new', 0o700);
  expect(statSync(file).mode & 0o077).toBe(0);
});
