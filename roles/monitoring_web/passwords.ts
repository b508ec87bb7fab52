import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { Secret, secretFromEnv, secretFromFile, v, type HostView } from 'play';

export const webUser = v.strictObject({
  name: v.pipe(v.string(), v.regex(/^[a-z][a-z0-9_-]*$/, 'must be a user name of small letters'), v.description('What is typed as user name.')),
  purpose: v.pipe(v.string(), v.description('Whose it is: who may be asked before it is taken away.')),
});

export const passwordsByName = v.pipe(
  v.record(v.string(), v.instance(Secret, 'must be a secret: put it into a vault file')),
  v.description('Passwords by user name. As secrets: from a vault file.'),
);

/**
 * A user's password: given by a variable, else by the environment. Nothing is made up for a real host: without either the
 * run ends before it is touched. A throwaway host gets one of its own, so that a fresh clone needs no secret.
 */
export function passwordOf(user: string, given: Readonly<Record<string, Secret>>, host: HostView): Secret {
  const variable = `MONITORING_PASSWORD_${user.toUpperCase().replaceAll('-', '_')}`;
  return given[user] ?? (host.isSandbox && !process.env[variable] ? sandboxPassword(host.name, user) : secretFromEnv(variable));
}

/** Where the password of a throwaway host's user is kept, on this machine. */
export const sandboxPasswordFile = (host: string, user: string): string => resolve(import.meta.dirname, '../../.play/sandbox-passwords', host, user);

/** Made when first asked for, then kept: the second run must find what the first one set. */
function sandboxPassword(host: string, user: string): Secret {
  const file = sandboxPasswordFile(host, user);
  return new Secret(() => {
    if (!existsSync(file)) {
      mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
      writeFileSync(file, `${randomBytes(15).toString('base64url')}\n`, { mode: 0o600, flag: 'wx' });
    }
    return secretFromFile(file).expose();
  }, `file ${file}`);
}
