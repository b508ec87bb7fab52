import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Inventory } from '../../../inventory/index.ts';
import { within, type Plan, type PlanKey } from '../../../plans/index.ts';
import { Secret, secretsIn, type Redactor } from '../../../secrets/index.ts';
import { trustedSources } from '../../../trust/index.ts';

/** The files of the project that this run was made from, each with a digest: keyed where there is a secret in it. */
export function fileDigests(project: string, key: PlanKey, redactor: Redactor): Plan['files'] {
  const files: Record<string, string> = {};
  for (const file of [...trustedSources()].toSorted()) {
    const name = within(project, file);
    if (name === file || name.startsWith('.play/') || name.split('/').includes('node_modules')) continue;
    const content = readFileSync(file);
    files[name] =
      redactor.redactBuffer(content) === content
        ? `sha256:${createHash('sha256').update(content).digest('hex').slice(0, 24)}`
        : `hmac:${key.of(content, ['file', name])}`;
  }
  return files;
}

/** A word for each variable of these hosts that changes when the variable does, on any of them. Secrets are not read. */
export function variableDigests(inventory: Inventory, hosts: readonly string[], key: PlanKey): Plan['variables'] {
  const values = new Map<string, string[]>();
  for (const host of hosts.toSorted()) {
    if (!inventory.hosts.has(host)) continue;
    for (const [name, { value }] of inventory.variables(host)) {
      if (value instanceof Secret || secretsIn(value).size > 0) continue;
      values.set(name, [...(values.get(name) ?? []), `${host}=${JSON.stringify(value) ?? ''}`]);
    }
  }
  return Object.fromEntries([...values].map(([name, list]) => [name, key.ofVariable(name, list.join('\n'))]));
}
