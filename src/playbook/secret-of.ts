import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { HostView } from '../contract/index.ts';
import { PlayError } from '../errors/index.ts';
import { Secret, secretFromEnv, secretFromFile } from '../secrets/index.ts';

/** Where a secret comes from if its variable has no value. */
export interface SecretSource {
  /** Whether hosts share it. Default false: each has its own. */
  readonly shared?: boolean;
  /** Generates the secret of a throwaway host. Default: 30 random letters, digits, `-` and `_`. */
  readonly make?: () => string;
}

/**
 * A host's secret: the variable's value if it has one, else that of an environment variable named after the variable
 * and the host's name up to its first dot, in capitals: `API_JWT_KEY_BACKEND_FSN`. For a secret that hosts share, it is
 * named after the variable alone. Nothing is generated for a real host: without either, the run ends before the host is
 * touched. For a throwaway host of `--sandbox`, a secret is generated when first needed, and kept in the project's
 * `.play/sandbox-secrets`, so that a second run finds what the first one set.
 *
 * @param variable its name, such as `api_jwt_key`
 * @param given the variable's value, if it has one
 * @example const key = secretOf(host, 'api_jwt_key', vars.api_jwt_key)
 * @example const password = secretOf(host, 'replicator_password', vars.replicator_password, { shared: true })
 */
export function secretOf(host: HostView, variable: string, given?: Secret, source: SecretSource = {}): Secret {
  const { shared = false, make = randomWord } = source;
  const [short = host.name] = host.name.split('.');
  const inEnvironment = (shared ? variable : `${variable}_${short}`).toUpperCase().replaceAll('-', '_');
  if (given !== undefined) return given;
  if (!host.isSandbox || process.env[inEnvironment]) return secretFromEnv(inEnvironment);
  const file = sandboxSecretFile(host, variable, { shared });
  return new Secret(() => {
    if (!existsSync(file)) {
      mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
      // Whatever the repository's own says: they are for this machine alone.
      writeFileSync(join(dirname(dirname(file)), '.gitignore'), '*\n', { mode: 0o600 });
      writeFileSync(file, `${make()}\n`, { mode: 0o600, flag: 'wx' });
    }
    return secretFromFile(file).expose();
  }, `file ${file}`);
}

/**
 * The file on this machine that contains a throwaway host's secret, so that the operator, who did not choose it, can
 * look it up.
 *
 * @throws PlayError for something that is not a host
 */
export function sandboxSecretFile(
  host: HostView,
  variable: string,
  { shared = false }: Pick<SecretSource, 'shared'> = {},
): string {
  if (host.sandboxSecrets === undefined)
    throw new PlayError(`The secret ${variable} of ${host.name} is in no file on this machine`, {
      hint: 'Only throwaway hosts have such files: check host.isSandbox first.',
    });
  return join(host.sandboxSecrets, shared ? 'shared' : host.name, variable);
}

const randomWord = (): string => randomBytes(24).toString('base64url').slice(0, 30);
