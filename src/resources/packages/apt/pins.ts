import type { AptSimulation } from '../apt-simulate.probe.ts';
import { matchesVersion } from './packages.ts';

/** A version that preferences pin (apt_preferences(5)). */
interface Pin {
  readonly file: string;
  /** Names, wildcards, `/regular expressions/`. */
  readonly packages: readonly string[];
  readonly version: string;
  readonly priority: number;
}

/**
 * The pins of versions among the paragraphs of all files; other kinds of pins choose among sources, and may match none.
 */
function versionPins(preferences: string): Pin[] {
  let file = '/etc/apt/preferences';
  return preferences.split(/\n(?:[ \t]*\n)+|(?=^#file )/m).flatMap((paragraph): Pin[] => {
    file = /^#file (.*)$/m.exec(paragraph)?.[1] ?? file;
    const lines = paragraph.split('\n').filter((line) => !line.startsWith('#'));
    const field = (name: string): string | undefined =>
      lines
        .find((line) => line.toLowerCase().startsWith(`${name}:`))
        ?.slice(name.length + 1)
        .trim();
    const version = /^version\s+(\S+)$/i.exec(field('pin') ?? '')?.[1];
    const packages = field('package')?.split(/\s+/) ?? [];
    return version === undefined || packages.length === 0
      ? []
      : [{ file, packages, version, priority: Number(field('pin-priority') ?? 989) }];
  });
}

function governs({ packages }: Pin, name: string): boolean {
  const bare = name.replace(/:.*/, '');
  return packages.some((pattern) => {
    const own = pattern.replace(/:[a-z0-9-]+$/, '');
    if (!/^\/.*\/$/.test(pattern)) return own !== '*' && matchesVersion(own, bare);
    try {
      return new RegExp(pattern.slice(1, -1)).test(bare);
    } catch {
      // A regular expression of POSIX that is none of ours.
      return false;
    }
  });
}

/**
 * Why something would come that a pin does not want: the version it names is offered by nobody, so that apt would take
 * another.
 * @param isAsked whether a version of this package was asked for by itself, which counts more than a pin
 */
export function unmetPin(
  { actions, offered, preferences }: AptSimulation,
  isAsked: (name: string) => boolean,
): string | undefined {
  const pins = preferences === '' ? [] : versionPins(preferences).filter(({ priority }) => priority > 0);
  for (const { name, to } of pins.length === 0 ? [] : actions) {
    if (to === null || isAsked(name)) continue;
    const own = pins.filter((pin) => governs(pin, name));
    const there = offered.get(name.replace(/:.*/, '')) ?? [];
    const [first] = own;
    if (first === undefined || own.some(({ version }) => [to, ...there].some((one) => matchesVersion(version, one))))
      continue;
    return `${name} is pinned to version ${first.version} by ${first.file}, which no source offers: ${there.length === 0 ? 'there is none' : `there is ${there.join(', ')}`}`;
  }
  return undefined;
}
