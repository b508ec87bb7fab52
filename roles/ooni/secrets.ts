import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { Secret, secretFromEnv, secretFromFile, v, type HostView } from 'play';

/** The schema of a variable that holds a secret. Absent, the environment is asked: see `secretOf`. */
export const secretVariable = (description: string) =>
  v.optional(v.pipe(v.instance(Secret, 'must be a secret: put it into a vault file, or give it with -e @FILE'), v.description(description)));

/**
 * A secret of one host: the variable's value, else the environment's, under the variable's name and the host's, such as
 * API_JWT_KEY_BACKEND_FSN: stages do not share theirs. Nothing is made up for a real host: without either, the run ends
 * before it is touched. A throwaway host gets one of its own, made when first asked for and kept.
 *
 * @param make what a throwaway host gets. Default: 30 random letters and digits
 */
export function secretOf(host: HostView, variable: string, given: Secret | undefined, make: () => string = () => randomBytes(24).toString('base64url').slice(0, 30)): Secret {
  const [short = host.name] = host.name.split('.');
  const name = `${variable}_${short}`.toUpperCase().replaceAll('-', '_');
  return given ?? (host.isSandbox && !process.env[name] ? made(resolve(import.meta.dirname, '../../.play/sandbox-secrets', host.name, variable), make) : secretFromEnv(name));
}

function made(file: string, make: () => string): Secret {
  return new Secret(() => {
    if (!existsSync(file)) {
      mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
      writeFileSync(file, `${make()}\n`, { mode: 0o600, flag: 'wx' });
    }
    return secretFromFile(file).expose();
  }, `file ${file}`);
}
