import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { Secret, secretFromEnv, secretFromFile, v, type HostView } from 'play';

/**
 * The schema of a variable that holds a secret. Absent, the environment is asked: see `secretOf` and `sharedSecret`.
 */
export const secretVariable = (description: string) =>
  v.optional(
    v.pipe(
      v.instance(Secret, 'must be a secret: put it into a vault file, or give it with -e @FILE'),
      v.description(description),
    ),
  );

/** The schema of a variable that holds secrets by name. A name that is not there is asked of the environment. */
export const secretsByName = (description: string) =>
  v.optional(
    v.pipe(
      v.record(v.string(), v.instance(Secret, 'must be a secret: put it into a vault file')),
      v.description(description),
    ),
    {},
  );

/**
 * A secret of one host: the variable's value, else the environment's, under the variable's name and the host's, such as
 * API_JWT_KEY_BACKEND_FSN: stages do not share theirs. Nothing is made up for a real host: without either, the run ends
 * before it is touched. A throwaway host gets one of its own, made when first asked for and then kept, since the second
 * run must find what the first one set.
 *
 * @param make what a throwaway host gets. Default: 30 random letters and digits
 */
export function secretOf(
  host: HostView,
  variable: string,
  given: Secret | undefined,
  make: () => string = randomWord,
): Secret {
  const [short = host.name] = host.name.split('.');
  return given ?? fromElsewhere(host, `${variable}_${short}`, sandboxSecretFile(variable, host.name), make);
}

/**
 * As `secretOf`, for what hosts have in common: the environment's name is the variable's alone, throwaway hosts share
 * one.
 */
export function sharedSecret(
  host: HostView,
  variable: string,
  given: Secret | undefined,
  make: () => string = randomWord,
): Secret {
  return given ?? fromElsewhere(host, variable, sandboxSecretFile(variable), make);
}

/** Where the secret of a throwaway host, or of all, is kept on this machine. */
export function sandboxSecretFile(variable: string, host = 'shared'): string {
  return resolve(import.meta.dirname, '../../.play/sandbox-secrets', host, variable);
}

const randomWord = (): string => randomBytes(24).toString('base64url').slice(0, 30);

function fromElsewhere(host: HostView, name: string, file: string, make: () => string): Secret {
  const variable = name.toUpperCase().replaceAll('-', '_');
  if (!host.isSandbox || process.env[variable]) return secretFromEnv(variable);
  return new Secret(() => {
    if (!existsSync(file)) {
      mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
      writeFileSync(file, `${make()}\n`, { mode: 0o600, flag: 'wx' });
    }
    return secretFromFile(file).expose();
  }, `file ${file}`);
}
