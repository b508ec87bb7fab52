import { compareSync, genSaltSync, hashSync } from 'bcryptjs';

/** A user as wanted in an htpasswd file. */
export interface HtpasswdUser {
  readonly name: string;
  readonly password: string;
}

/** What became of a user, in words: never a hash. */
export interface HtpasswdChange {
  readonly name: string;
  readonly what: 'added' | 'new password' | 'removed';
}

/**
 * Edits an htpasswd file: lines `name:hash`, others kept as they are.
 *
 * @param cost of bcrypt for new hashes: 2^cost rounds
 */
export function editHtpasswd(
  text: string,
  users: readonly HtpasswdUser[],
  { exclusive, cost }: { readonly exclusive: boolean; readonly cost: number },
): { readonly text: string; readonly changes: readonly HtpasswdChange[] } {
  const changes: HtpasswdChange[] = [];
  const wanted = new Map(users.map((user) => [user.name, user]));
  const seen = new Set<string>();
  const lines: string[] = [];
  for (const line of text.split('\n').filter((one, i, all) => one !== '' || i < all.length - 1)) {
    const colon = line.indexOf(':');
    const name = line.slice(0, Math.max(0, colon));
    const user = wanted.get(name);
    if (colon < 0 || line.startsWith('#') || (!user && !exclusive)) lines.push(line);
    else if (!user || seen.has(name)) changes.push({ name, what: 'removed' });
    else if (verifies(user.password, line.slice(colon + 1).split(':')[0] ?? '')) lines.push(line);
    else {
      changes.push({ name, what: 'new password' });
      lines.push(`${name}:${hash(user, cost)}`);
    }
    if (user) seen.add(name);
  }
  for (const user of users) {
    if (seen.has(user.name)) continue;
    changes.push({ name: user.name, what: 'added' });
    lines.push(`${user.name}:${hash(user, cost)}`);
  }
  return { text: lines.map((line) => `${line}\n`).join(''), changes };
}

// Verifying costs some 50 ms by design, and a plan is made several times in a run.
const verified = new Map<string, boolean>();

/** Other kinds of hash (`$apr1$`, `{SHA}`) are not verified: they are weak, and replaced by bcrypt. */
function verifies(password: string, stored: string): boolean {
  if (!/^\$2[aby]\$/.test(stored)) return false;
  const key = `${stored}\0${password}`;
  const known = verified.get(key) ?? compareSync(password, stored);
  verified.set(key, known);
  return known;
}

// A hash has a random salt: it is made once, so that the same plan comes out every time.
const made = new Map<string, string>();

/** `$2y$` is what Apache, nginx (through crypt(3)) and Prometheus all read. */
function hash({ name, password }: HtpasswdUser, cost: number): string {
  const key = `${cost}\0${name}\0${password}`;
  const known = made.get(key) ?? hashSync(password, genSaltSync(cost)).replace(/^\$2[ab]\$/, '$2y$');
  made.set(key, known);
  verified.set(`${known}\0${password}`, true);
  return known;
}
