import { createHash } from 'node:crypto';
import { HostKeyChanged, HostKeyUnknown, Unreachable, type PresentedKey } from './errors.ts';
import { fingerprint, judgeKey, keyTypeOf, readKnownHosts, recordKey } from './known-hosts.ts';
import type { SshSettings } from './ssh-settings.ts';

/** The error for a key that is not the one on record. */
export function changedKey(
  hostName: string,
  place: string,
  presented: string,
  kind: 'changed' | 'revoked',
): HostKeyChanged {
  return new HostKeyChanged(
    kind === 'changed'
      ? `the host key of ${hostName} is not the one on record`
      : `the host key of ${hostName} is revoked`,
    {
      where: place,
      hint:
        kind === 'changed'
          ? `Somebody may be in between. If the host was reinstalled, check its key on its console and remove the old line: ${place}`
          : `The line that revokes it: ${place}`,
      ...(presented === '' ? {} : { detail: `presented: ${presented}` }),
    },
  );
}

/** The error for a host never seen before. */
export function unknownKey(hostName: string, presented?: PresentedKey): HostKeyUnknown {
  return new HostKeyUnknown(`the host key of ${hostName} is not known`, presented, {
    where: hostName,
    hint: 'Check its fingerprint, then run once with --accept-new-host-keys to record it.',
    ...(presented === undefined ? {} : { detail: `presented: ${presented.text}` }),
  });
}

/** Records a key that somebody vouched for: exactly the one shown, whatever answers at that address next time. */
export function recordPresentedKey({ file, host, port, key, hashed }: PresentedKey): void {
  recordKey(file, host, port, key, hashed);
}

/**
 * Judges the key a host presented, and records a new one where that was asked for.
 *
 * @returns the error that stops the connection
 */
export function checkHostKey(hostName: string, settings: SshSettings, key: Buffer): Unreachable | undefined {
  const { host, port, file } = hostKeyPlace(settings);
  const verdict = judgeKey(readKnownHosts(settings.knownHostsFiles), host, port, key);
  const presented = `${keyTypeOf(key) ?? 'key'} ${fingerprint(key, (bytes) => createHash('sha256').update(bytes).digest())}`;
  switch (verdict.kind) {
    case 'known':
      return undefined;
    case 'changed':
    case 'revoked':
      return changedKey(hostName, `${verdict.by.file}:${verdict.by.line}`, presented, verdict.kind);
    case 'unknown': {
      if (!settings.acceptNewHostKeys || file === undefined)
        return unknownKey(hostName, {
          file: file ?? '/dev/null',
          host,
          port,
          key,
          hashed: settings.hashKnownHosts,
          text: presented,
        });
      try {
        if (file !== '/dev/null') recordKey(file, host, port, key, settings.hashKnownHosts);
      } catch (error) {
        return new Unreachable(`the host key of ${hostName} could not be recorded`, {
          where: file,
          cause: error,
          detail: String(error),
        });
      }
      return undefined;
    }
    default:
      return verdict satisfies never;
  }
}

/** The name and port under which the host is filed, and where a new key goes. An alias is filed without the port. */
export function hostKeyPlace(settings: SshSettings): { host: string; port: number; file: string | undefined } {
  return {
    host: settings.hostKeyName ?? settings.host,
    port: settings.hostKeyName === undefined ? settings.port : 22,
    file: settings.knownHostsFiles[0],
  };
}
