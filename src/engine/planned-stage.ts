import type { Known } from '../playbook/index.ts';
import { accountTable, fact, questionKey, type AccountTable, type Content, type Stat } from '../probes/index.ts';
import { stagedAccounts, type Stage, type StagedFile } from './staging.ts';
import { pathOf } from './subjects.ts';

/**
 * What of planned changes can be shown to a program in a private view of the host.
 *
 * @param accounts those the host has now
 */
export function stageOf(future: ReadonlyMap<string, Known>, removed: readonly string[], accounts: AccountTable | undefined): Stage {
  const planned = future.get(questionKey(accountTable));
  const hostname = future.get(questionKey(fact('hostname')))?.answer;
  const isKnown = planned !== undefined && planned.unknown === undefined;
  return {
    files: plannedFiles(future),
    removed,
    accounts: isKnown ? stagedAccounts(planned.answer as AccountTable, accounts) : { users: [], groups: [] },
    ...(typeof hostname === 'string' ? { hostname } : {}),
  };
}

/** Every planned file whose bytes are known, directory and link. */
function plannedFiles(future: ReadonlyMap<string, Known>): StagedFile[] {
  const planned = (kind: string, path: string): unknown => {
    const one = future.get(`${kind}\0${path}`);
    return one?.unknown === undefined ? one?.answer : undefined;
  };
  const paths = new Set([...future.values()].map(({ question }) => pathOf(question)).filter((path) => path !== undefined));
  return [...paths].sort().flatMap((path): StagedFile[] => {
    const at = planned('stat', path) as Stat | undefined;
    const entry = { name: path.slice(1), mode: at && 'mode' in at ? at.mode : '0644', content: Buffer.alloc(0), ...ownerOf(at) };
    if (at?.type === 'absent') return [];
    if (at?.type === 'directory') return [{ ...entry, type: 'directory' }];
    const target = planned('link', path);
    if (at?.type === 'link') return typeof target === 'string' ? [{ ...entry, type: { linkTo: target } }] : [];
    const bytes = planned('content', path) as Content | undefined;
    return bytes && 'bytes' in bytes ? [{ ...entry, content: bytes.bytes }] : [];
  });
}

function ownerOf(at: Stat | undefined): { readonly owner?: string } {
  if (at === undefined || at.type === 'absent' || at.owner === '' || at.group === '' || (at.uid === 0 && at.gid === 0)) return {};
  return { owner: `${at.uid < 0 ? at.owner : at.uid}:${at.gid < 0 ? at.group : at.gid}` };
}
