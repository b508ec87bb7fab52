import type { Found, Stat } from '../../../contract/index.ts';
import { content } from '../../../probes/index.ts';
import { folderOf } from '../../kit/folder.ts';
import type { AptRequest, PlannedFile } from '../apt-simulate.probe.ts';

const sourceFile = /^\/etc\/apt\/sources\.list(?:\.d\/[^/\s]+)?$/;

/** Check mode: sources that earlier tasks write or remove, and the keys they name, where these are only planned, too. */
export function plannedSources(found: Found): { readonly files: readonly PlannedFile[]; readonly isWhole: boolean } {
  const planned = found.plannedBelow('/etc/apt').filter(({ path }) => sourceFile.test(path));
  const files: PlannedFile[] = planned.flatMap(({ path, after }) => plannedFile(path, after, found));
  const named = files.flatMap(([, text]) => [
    ...(text?.toString('latin1').matchAll(/signed-by\s*[:=]\s*(\/[^\s,\]]+)/gi) ?? []),
  ]);
  const keys = [...new Set(named.map(([, path = '']) => path))].flatMap((key) =>
    found.plannedBelow(folderOf(key)).filter(({ path }) => path === key),
  );
  const bytes = keys.flatMap(({ path, after }) => plannedFile(path, after, found));
  return { files: [...files, ...bytes], isWhole: files.length + bytes.length === planned.length + keys.length };
}

/** Nothing where its content is not known. */
function plannedFile(path: string, after: Stat, found: Found): PlannedFile[] {
  if (after.type === 'absent') return [[path, null]];
  const text = after.type === 'file' ? found.get(content(path)) : undefined;
  return text && 'bytes' in text ? [[path, text.bytes]] : [];
}

/** Check mode: preferences that earlier tasks write or remove. They choose among what is offered, and offer nothing. */
function plannedPreferences(found: Found): AptRequest['preferences'] {
  const planned = found
    .plannedBelow('/etc/apt')
    .filter(({ path }) => /^\/etc\/apt\/preferences(?:\.d\/[^/\s]+)?$/.test(path));
  return planned.flatMap(({ path, after }) => plannedFile(path, after, found));
}

/** The host's main file of preferences is read before all others: what stands there first counts. */
export function preferencesFor(
  { preferences }: { readonly preferences: string },
  found: Found,
): AptRequest['preferences'] {
  const planned = plannedPreferences(found);
  if (preferences === '') return planned;
  const own = found.get(content(mainPreferences));
  const text = Buffer.concat([Buffer.from(`${preferences}\n`), 'bytes' in own ? own.bytes : Buffer.alloc(0)]);
  return [...planned.filter(([path]) => path !== mainPreferences), [mainPreferences, text]];
}

const mainPreferences = '/etc/apt/preferences';
