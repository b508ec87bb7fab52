/** A line of authorized_keys (sshd(8), "AUTHORIZED_KEYS FILE FORMAT"). */
export interface AuthorizedKey {
  readonly options: string;
  readonly type: string;
  readonly blob: string;
  readonly comment: string;
}

export interface AuthorizedKeysEdit {
  readonly keys: readonly AuthorizedKey[];
  readonly state: 'present' | 'absent';
  readonly exclusive: boolean;
}

/** Reads a line; undefined for one that holds no key. Blanks inside quotes of an option part nothing. */
export function parseAuthorizedKey(line: string): AuthorizedKey | undefined {
  const [, options = '', type, blob, comment = ''] = /^\s*(?:((?:[^\s"]|"(?:[^"\\]|\\.)*")+)\s+)?((?:ssh|ecdsa|sk-ssh|sk-ecdsa)-[\w@.-]+)\s+([A-Za-z0-9+/]+={0,2})(?:\s+(.*?))?\s*$/.exec(line) ?? [];
  return type === undefined || blob === undefined ? undefined : { options, type, blob, comment };
}

/** Whether the key is what its first word says (RFC 4253, 6.6). */
export function isSound({ type, blob }: AuthorizedKey): boolean {
  const bytes = Buffer.from(blob, 'base64');
  const length = bytes.length >= 4 ? bytes.readUInt32BE(0) : 0;
  return length > 0 && bytes.toString('latin1', 4, 4 + length) === type && bytes.length > 4 + length;
}

function formatAuthorizedKey({ options, type, blob, comment }: AuthorizedKey): string {
  return [options, type, blob, comment].filter((part) => part !== '').join(' ');
}

/**
 * Makes the keys right. A key is known by its bytes: with other options or another comment its line is replaced in place.
 * A comment that is not asked for stays as it is. Whole-line comments stay even where the keys are exclusive.
 */
export function editAuthorizedKeys(text: string, { keys, state, exclusive }: AuthorizedKeysEdit): string {
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  const wanted = new Map(keys.map((key) => [key.blob, key]));
  const seen = new Set<string>();
  const made: string[] = [];
  for (const line of lines) {
    if (/^\s*(?:#|$)/.test(line)) {
      made.push(line);
      continue;
    }
    const now = parseAuthorizedKey(line);
    const key = now && wanted.get(now.blob);
    if (!key) {
      if (!exclusive) made.push(line);
    } else if (state === 'present' && !seen.has(key.blob)) {
      const comment = key.comment === '' ? now.comment : key.comment;
      const right = now.options === key.options && now.type === key.type && now.comment === comment;
      made.push(right ? line : formatAuthorizedKey({ ...key, comment }));
      seen.add(key.blob);
    }
  }
  if (state === 'present') made.push(...[...wanted.values()].filter((key) => !seen.has(key.blob)).map(formatAuthorizedKey));
  return made.length === lines.length && made.every((line, i) => line === lines[i]) ? text : made.map((line) => `${line}\n`).join('');
}
