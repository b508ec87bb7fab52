import { PlayError } from '../../../errors/index.ts';
import { asRelease, sandboxReleases } from '../../../sandbox/index.ts';
import type { Portrait } from '../../../sandbox/twin/portrait.ts';
import { maskedInTwin } from '../../../sandbox/twin/units.ts';
import type { Redactor } from '../../../secrets/index.ts';
import { newKeys } from './new-keys.ts';
import { scrubEtc, scrubFile, type ScrubbedPlace } from './scrub-etc.ts';
import type { Survey, SystemFacts } from './survey.ts';

/** What a twin is made of, and what was taken out of it before. */
export interface Scrubbed {
  readonly portrait: Portrait;
  readonly places: readonly ScrubbedPlace[];
  /** Files below /etc that the twin has not: secret by name, too large, or with a key of an unknown kind. */
  readonly leftOut: readonly string[];
}

/**
 * A survey without its secrets.
 *
 * @throws PlayError for a host that no twin can be made of here
 */
export function portraitOf(host: string, survey: Survey, redactor: Redactor): Scrubbed {
  refuseForeign(host, survey.system);
  const { etc, places, certificates } = scrubEtc(survey, redactor);
  const ofKeys: ScrubbedPlace[] = [];
  const found = survey.keys
    .filter(({ path }) => !/^\/etc\/ssh\/ssh_host_\w+_key$/.test(path)) // every host has its own
    .filter(({ path }) => !survey.withheld.some((kept) => path === kept || path.startsWith(`${kept}/`)))
    .map((key) => {
      const scrubbed = scrubFile(key.path, Buffer.from(key.content), redactor);
      ofKeys.push(...scrubbed.places);
      return { ...key, content: scrubbed.content.toString('utf8') };
    });
  const { keys, leftOut } = newKeys(found, certificates);
  const { passwd, group, shadow, gshadow } = survey.accounts;
  return {
    portrait: {
      release: survey.system.release,
      packages: survey.packages,
      accounts: { passwd, group, shadow, gshadow },
      etc,
      keys,
      masked: maskedInTwin(survey.services.units.keys()),
    },
    places: [...places, ...ofKeys],
    leftOut: [...survey.withheld, ...leftOut],
  };
}

const architectures: Readonly<Partial<Record<string, string>>> = { x64: 'amd64', arm64: 'arm64', ia32: 'i386' };

function refuseForeign(host: string, { release, version, architecture }: SystemFacts): void {
  if (asRelease(release) === undefined)
    throw new PlayError(
      `${host} is Debian ${release || version}, but twins can only be of ${sandboxReleases.join(', ')}`,
    );
  const own = architectures[process.arch] ?? process.arch;
  if (architecture !== own)
    throw new PlayError(`${host} is ${architecture}, but this machine is ${own}: it cannot run its twin`, {
      hint: `Rehearse it from an ${architecture} machine.`,
    });
}
