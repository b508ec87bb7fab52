import { spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { resolve } from 'node:path';
import { PlayError, startFailure } from '../../../errors/index.ts';

/** What a signature is for (ssh-keygen(1), `-n`): one of a release or of a commit is none of a plan. */
const namespace = 'play-plan';

/**
 * Who signed a plan, by ssh-keygen(1) and a file of allowed signers. The signature lies beside it, `PLAN.sig`, as
 * `ssh-keygen -Y sign` writes it.
 *
 * @param bytes the very bytes that are applied: the file may be another one by now
 * @returns the signer, as the file of signers calls them
 * @throws PlayError where nobody did, or nobody who is in that file
 * @example requireSigned('plan.json', bytes, 'allowed_signers')  // anna@example.org
 */
export function requireSigned(file: string, bytes: Uint8Array, signers: string): string {
  const signature = `${resolve(file)}.sig`;
  const allowed = resolve(signers);
  if (!isReadable(allowed))
    throw new PlayError('--signers: the file cannot be read', {
      where: { file: signers },
      hint: 'It has one line for each person who may sign: anna@example.org ssh-ed25519 AAAA... (ssh-keygen(1), ALLOWED SIGNERS).',
    });
  if (!isReadable(signature))
    throw new PlayError('The plan is not signed: nothing was changed', {
      where: { file },
      detail: `there is no ${file}.sig`,
      hint: `The person who has reviewed it signs it: ssh-keygen -Y sign -n ${namespace} -f ~/.ssh/id_ed25519 ${file}`,
    });
  const found = keygen(['-Y', 'find-principals', '-s', signature, '-f', allowed], bytes);
  const names = found.said.split('\n').filter((line) => line !== '');
  const who = found.ok
    ? names.find(
        (name) => keygen(['-Y', 'verify', '-n', namespace, '-f', allowed, '-I', name, '-s', signature], bytes).ok,
      )
    : undefined;
  if (who !== undefined) return who;
  const [name] = found.ok ? names : [];
  throw new PlayError('The signature of the plan is not valid: nothing was changed', {
    where: { file: `${file}.sig` },
    detail:
      name === undefined
        ? `nobody in ${signers} has signed it`
        : `${name} did not sign these bytes as a plan, or may not by now`,
    hint: `Review the plan and sign it again: ssh-keygen -Y sign -n ${namespace} -f ~/.ssh/id_ed25519 ${file}`,
  });
}

function keygen(args: readonly string[], input: Uint8Array): { readonly ok: boolean; readonly said: string } {
  const came = spawnSync('ssh-keygen', args, {
    input,
    encoding: 'utf8',
    env: { ...process.env, LC_ALL: 'C' },
  });
  const failure = startFailure(came);
  if (failure)
    throw new PlayError(`ssh-keygen, which checks signatures, cannot be run here: ${failure.message}`, {
      hint: 'Install openssh-client.',
      cause: failure,
    });
  return { ok: came.status === 0, said: came.stdout };
}

function isReadable(path: string): boolean {
  try {
    accessSync(path, constants.R_OK);
    return true;
  } catch {
    return false;
  }
}
