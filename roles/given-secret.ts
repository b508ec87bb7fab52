import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { Secret, secretFromEnv, secretFromFile, type HostView } from 'play';

/**
 * A secret by its name: from a variable of the inventory (a vault file), else from the environment. Nothing is made up for a
 * real host: without either the run ends before it is touched. Throwaway hosts share one of their own, made when first asked
 * for and then kept, since the second run must find what the first one set.
 */
export function givenSecret(host: HostView, name: string, given: Secret | undefined): Secret {
  const variable = `PIPELINE_${name.toUpperCase().replaceAll('-', '_')}`;
  if (given) return given;
  if (!host.isSandbox || process.env[variable]) return secretFromEnv(variable);
  const file = resolve(import.meta.dirname, '../.play/sandbox-passwords/pipeline', name);
  return new Secret(() => {
    if (!existsSync(file)) {
      mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
      // 32 bytes in URL-safe base64 are also what Airflow takes for a Fernet key.
      writeFileSync(file, `${randomBytes(32).toString('base64url')}=\n`, { mode: 0o600, flag: 'wx' });
    }
    return secretFromFile(file).expose();
  }, `file ${file}`);
}
