import { ProbeFailure, type ProbeKind, type Question } from '../contract/index.ts';

/** One entry of an access control list. */
export interface AclEntry {
  /** Of the list that what is made in a directory gets. */
  readonly isDefault: boolean;
  readonly type: 'user' | 'group' | 'mask' | 'other';
  /** Empty for the owner, the owning group, mask and other. */
  readonly name: string;
  /** The number of `name`. */
  readonly id: string;
  /** 0 to 7. */
  readonly permissions: number;
}

// Asked twice of getfacl(1), for names and for numbers: both come in the order of the numbers.
const kind: ProbeKind<readonly AclEntry[] | null> = {
  kind: 'acl-entries',
  arity: 1,
  sh: `command -v getfacl >/dev/null || exit 0
xargs -0 sh -c 'for p do
  if [ -e "$p" ]; then getfacl -pcE -- "$p"; echo; getfacl -pcEn -- "$p"; fi; printf "\\0"
done' sh 2>/dev/null; exit 0`,
  decode(stdout, questions) {
    const parts = stdout.toString('utf8').split('\0');
    return questions.map((_, i) => parseBoth(parts[i] ?? ''));
  },
  depends: ([path = '']) => [{ on: 'path', path }, { on: 'accounts' }, { on: 'packages' }],
  follows: true,
  absent: null,
};

function parseBoth(text: string): readonly AclEntry[] | null | ProbeFailure {
  const lines = text.split('\n').filter((line) => line !== '');
  if (lines.length === 0) return null;
  const [names, numbers] = [lines.slice(0, lines.length / 2), lines.slice(lines.length / 2)];
  const entries = names.flatMap((line, i): AclEntry[] => {
    const entry = parse(line);
    return entry ? [{ ...entry, id: parse(numbers[i] ?? '')?.name ?? '' }] : [];
  });
  return entries.length === names.length ? entries : new ProbeFailure(`getfacl said: ${text.slice(0, 200)}`);
}

function parse(line: string): Omit<AclEntry, 'id'> | undefined {
  const [, isDefault, type, name = '', letters = ''] =
    /^(default:)?(user|group|mask|other):(.*):([r-][w-][x-])$/.exec(line) ?? [];
  if (type !== 'user' && type !== 'group' && type !== 'mask' && type !== 'other') return undefined;
  return {
    isDefault: isDefault !== undefined,
    type,
    name,
    permissions: [...letters].reduce((sum, letter, i) => sum + (letter === '-' ? 0 : 4 >> i), 0),
  };
}

/** The access control list of a file or directory, a link followed; null where there is nothing, or no getfacl(1). */
export function aclEntries(path: string): Question<readonly AclEntry[] | null> {
  return { kind, args: [path] };
}
