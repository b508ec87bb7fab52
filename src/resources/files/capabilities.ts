import * as v from 'valibot';
import { predict, settled, type Found, type Plan } from '../../contract/index.ts';
import { formatCapabilities, parseCapabilities } from '../../formats/capability-text.ts';
import { defineResource } from '../../playbook/index.ts';
import { fileCapabilities, self, stat, walkSh } from '../../probes/index.ts';
import { followed } from '../kit/file-touch.ts';
import { behindLinks, folderOf } from '../kit/folder.ts';
import { requireNoObstacle } from '../kit/obstacle.ts';
import { follow, path, text } from '../kit/schemas.ts';
import { toolNeed } from '../kit/tool-need.ts';

interface WantedCapability {
  readonly path: string;
  readonly name: string;
  /** `=` exactly these sets, `+` these too; empty for `absent` without any. */
  readonly operator: string;
  readonly flags: string;
  readonly state: 'present' | 'absent';
  /** The task says that links are followed, whoever could put them there. */
  readonly isTrusted: boolean;
}

/** Capabilities of a program. */
export const capabilities = defineResource({
  name: 'capabilities',
  summary:
    "A capability of a program, so that it does not need root: capabilities(7). Replacing the program's file loses it, so put this task after the one that installs the file.",
  options: {
    path: path('The program. A link is followed.'),
    follow,
    capability: v.pipe(
      text(
        'The capability and its sets: `cap_net_raw+ep`. With `+` other sets stay, with `=` they are removed. For `absent` the name is enough.',
      ),
      v.regex(/^cap_[a-z_]+(?:[=+][eip]+)?$/i, 'must be written as cap_net_raw+ep'),
    ),
    state: v.optional(
      v.pipe(v.picklist(['present', 'absent']), v.description('`absent` removes it, whatever its sets.')),
      'present',
    ),
  },
  example: `capabilities({ path: '/usr/local/bin/blackbox_exporter', capability: 'cap_net_raw+ep' })`,
  validateOptions: ({ capability, state }) =>
    state === 'present' && !/[=+]/.test(capability) ? `say which sets it should be in: '${capability}+ep'` : undefined,
  title: (given) => `${given.path ?? ''} ${given.capability ?? ''}`.trim(),
  prepare({ path: file, capability, state, follow: isTrusted }): WantedCapability {
    const [, name = '', operator = '', flags = ''] = /^(\w+?)(?:([=+])(\w+))?$/.exec(capability.toLowerCase()) ?? [];
    return { path: file, name, operator, flags, state, isTrusted };
  },
  probes: ({ path: file }) => [stat(file), stat(folderOf(file)), fileCapabilities(file)],
  plan,
});

// setcap(8) wants a name, and follows a link that comes into its place once it has looked.
const script = `set -e
${walkSh}
enter "\${1%/*}/"
[ "$guarded" = y ] || [ -n "\${play_follow-}" ] || { echo "others could replace $1 with a link, which setcap would follow" >&2; exit 1; }
set -- "./\${1##*/}" "$2"
if [ -n "$2" ]; then setcap "$2" "$1"; else setcap -r "$1"; fi`;

interface CapabilitiesResult {
  /** The file itself, with links resolved. */
  readonly path: string;
}

function plan(wanted: WantedCapability, found: Found): Plan<CapabilitiesResult> {
  const { path: given, name, operator, flags, state } = wanted;
  const { path: file, now } = followed(given, found);
  const result = { path: file };
  if (now.type === 'absent' && state === 'absent') return settled(result);
  found.require(now.type !== 'absent', { failure: `${given} is not there` });
  found.require(now.type === 'file', { failure: `${given} is not a file`, by: null });
  const question = fileCapabilities(file);
  const answer = found.get(question);
  if ('missing' in answer) {
    if (state === 'absent') return settled(result);
    presumeTool(found);
  }
  // Check mode: who writes a file anew takes its capabilities away.
  const old = 'missing' in answer || found.outdated(question) ? '' : answer.text;
  const before = parseCapabilities(old);
  const after = new Map(before);
  if (state === 'absent') after.delete(name);
  else after.set(name, operator === '=' ? flags : (before.get(name) ?? '') + flags);
  const made = formatCapabilities(parseCapabilities(formatCapabilities(after)));
  if (made === formatCapabilities(before)) return settled(result);
  requireNoObstacle(file, 'change', found);
  found.require(wanted.isTrusted || isHeld(folderOf(file), found), {
    failure: `others could replace ${file} with a link, which setcap would follow`,
    hint: 'Give its folder to root, closed for others to write in; or say `follow: true`.',
    by: null,
  });
  return {
    changes: [{ what: 'capabilities', from: formatCapabilities(before) || 'none', to: made || 'none' }],
    steps: [{ script, args: [file, made], label: `set the capabilities of ${file}` }],
    after: [predict(question, { text: made })],
    touches: [{ on: 'named', name: 'capabilities', ofRoot: 'capabilities of files' }],
    result,
  };
}

/** Whether nobody else may make or rename anything in a folder (as `guarded` in probes/walk.ts). */
function isHeld(folder: string, found: Found): boolean {
  const now = behindLinks(folder, found);
  const isOurs = now.type === 'directory' && (now.uid === 0 || now.uid === found.get(self).uid);
  return isOurs && (Number.parseInt(now.mode, 8) & 0o022) === 0;
}

/** The host has no getcap(1) now; an earlier task may install it. */
function presumeTool(found: Found): void {
  const places = ['/usr/sbin/setcap', '/sbin/setcap'].map(stat);
  found.need(...places);
  const isThere = places.some((place) => found.get(place).type !== 'absent');
  found.presume(isThere, { ...toolNeed('getcap', 'libcap2-bin', 'commands'), assume: 'setcap is installed' });
}
