import {
  questionKey,
  type AccountTable,
  type Prediction,
  type PathState,
  type Question,
  type Stat,
} from '../contract/index.ts';
import { accountFiles, accountTable, fact, type Content } from '../probes/index.ts';
import { stagedAccounts, type AlteredFile, type Stage, type StagedFile } from './staging.ts';
import { pathOf } from './subjects.ts';

/**
 * What of the planned changes a program can be shown in a private view of the host.
 *
 * @param host what is removed and renamed, and the accounts the host has now
 */
export function stageOf(
  future: ReadonlyMap<string, Prediction>,
  host: Pick<Stage, 'removed' | 'linked'> & { readonly accounts: AccountTable | undefined },
): Stage {
  const { removed, linked, accounts } = host;
  const planned = future.get(questionKey(accountTable));
  const hostname = future.get(questionKey(fact('hostname')))?.answer;
  const isKnown = planned !== undefined && planned.unknown === undefined;
  return {
    files: plannedFiles(future),
    removed,
    altered: alteredFiles(future),
    linked,
    accounts: isKnown ? stagedAccounts(planned.answer as AccountTable, accounts) : { users: [], groups: [] },
    ...(typeof hostname === 'string' ? { hostname } : {}),
  };
}

/** Every planned file whose bytes are known or stood in for, directory and link. */
function plannedFiles(future: ReadonlyMap<string, Prediction>): StagedFile[] {
  const planned = (kind: string, path: string): unknown => {
    const one = future.get(`${kind}\0${path}`);
    return one?.unknown === undefined ? one?.answer : undefined;
  };
  const paths = new Set(
    [...future.values()].map(({ question }) => pathOf(question)).filter((path) => path !== undefined),
  );
  return [...paths].sort().flatMap((path): StagedFile[] => {
    const at = planned('stat', path) as Stat | undefined;
    const entry = {
      name: path.slice(1),
      mode: at && 'mode' in at ? at.mode : '0644',
      content: Buffer.alloc(0),
      ...ownerOf(at),
    };
    if (at?.type === 'absent') return [];
    if (at?.type === 'directory') return [{ ...entry, type: 'directory' }];
    const target = planned('link', path);
    if (at?.type === 'link') return typeof target === 'string' ? [{ ...entry, type: { linkTo: target } }] : [];
    const standIn = future.get(`content\0${path}`)?.standIn;
    if (standIn !== undefined) return [{ ...entry, content: standIn() }];
    const bytes = planned('content', path) as Content | undefined;
    return bytes && 'bytes' in bytes ? [{ ...entry, content: bytes.bytes }] : [];
  });
}

/** Beyond this many they are not shown: each costs processes of its own. */
const mostAltered = 500;

/** What was found out of lists of plans that are asked about again with every task. */
const hidden = new WeakMap<readonly Prediction[], boolean>();

/** Whether planned files are too many to be shown. */
export function hidesFiles(future: readonly Prediction[]): boolean {
  const known = hidden.get(future);
  if (known !== undefined) return known;
  const hides =
    future.length > mostAltered &&
    alteredFiles(new Map(future.map((one) => [questionKey(one.question), one])), Infinity).length > mostAltered;
  hidden.set(future, hides);
  return hides;
}

/** Every file of the host for which only another owner or mode is planned. */
function alteredFiles(future: ReadonlyMap<string, Prediction>, most = mostAltered): AlteredFile[] {
  const altered = [...future.values()].flatMap(({ question, answer, unknown }): AlteredFile[] => {
    const [path = ''] = question.args;
    const at = answer as Stat | null;
    if (question.kind.kind !== 'stat' || unknown !== undefined || at?.type !== 'file' || future.has(`content\0${path}`))
      return [];
    return [{ path, mode: at.mode, owner: accountsOf(at) }];
  });
  return altered.length > most ? [] : altered;
}

function ownerOf(at: Stat | undefined): { readonly owner?: string } {
  if (at === undefined || at.type === 'absent' || at.owner === '' || at.group === '' || (at.uid === 0 && at.gid === 0))
    return {};
  return { owner: accountsOf(at) };
}

function accountsOf(at: PathState): string {
  return `${at.uid < 0 ? at.owner : at.uid}:${at.gid < 0 ? at.group : at.gid}`;
}

/** Whether a staged view shows, beside planned files, what a question is about: accounts, and the name of the host. */
export function isStaged(question: Question): boolean {
  return (
    ['account-table', 'user', 'group', 'local-user', 'local-group', 'shadow'].includes(question.kind.kind) ||
    accountFiles.includes(pathOf(question) ?? '') ||
    questionKey(question) === questionKey(fact('hostname'))
  );
}
