import type { ListedTask } from '../playbook/index.ts';
import { Secret } from '../secrets/index.ts';

/**
 * Commands concern apt's sources where they name apt, or run what somebody else wrote: a script, or something they
 * download.
 */
export function addsSources({ task: { body } }: ListedTask): boolean {
  const { name } = body.resource;
  if (name === 'script') return true;
  return (
    (name === 'command' || name === 'shell') &&
    textsIn(body.options).some((text) =>
      /\bapt|sources\.list|dpkg|\.deb\b|curl|wget|\bgit\b|\.(?:sh|py|pl|rb)\b|setup|install|repo|\bmake\b/.test(text),
    )
  );
}

/** The texts among the options; a value made only in the run may say anything. Secrets are left out. */
function textsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (typeof value === 'function') return ['setup'];
  if (typeof value !== 'object' || value === null || value instanceof Secret) return [];
  return Object.values(value).flatMap(textsIn);
}
