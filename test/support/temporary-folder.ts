import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const made: string[] = [];

/** An empty folder, gone when the test file is done. @param what a word for its name: `project` */
export function temporaryFolder(what: string): string {
  const folder = mkdtempSync(join(tmpdir(), `play-${what}-`));
  made.push(folder);
  return folder;
}

export function removeTemporaryFolders(): void {
  for (const folder of made.splice(0)) rmSync(folder, { recursive: true, force: true });
}
