import type { HostPackage } from './portrait.ts';

/** Kernels and what boots them: a twin runs on this machine's. */
const ofTheMachine =
  /^(?:linux-(?:image|headers|modules|kbuild|base)\b|grub|shim-|firmware-|(?:amd64|intel)-microcode$|initramfs-tools|dracut|systemd-boot|efibootmgr$|mokutil$|os-prober$|mdadm$|lvm2$|cryptsetup|open-vm-tools|qemu-guest-agent|cloud-(?:init|guest-utils|initramfs-growroot))/;

export interface ToInstall {
  /** As apt-get takes them: `nginx=1.22.1-9`. */
  readonly exact: readonly string[];
  /** Whose version the archive has not, but another one. */
  readonly other: readonly string[];
  /** That no archive knows. */
  readonly missing: readonly HostPackage[];
  readonly leftOut: readonly string[];
}

/**
 * What a twin needs beyond its base.
 *
 * @param wanted the host's packages
 * @param installed name -> version, of the base
 * @param archive name -> versions that can be had
 */
export function choosePackages(
  wanted: readonly HostPackage[],
  installed: ReadonlyMap<string, string>,
  archive: ReadonlyMap<string, ReadonlySet<string>>,
): ToInstall {
  const exact: string[] = [];
  const other: string[] = [];
  const missing: HostPackage[] = [];
  const leftOut: string[] = [];
  for (const one of wanted) {
    const name = nameOf(one);
    if (installed.get(name) === one.version) continue;
    const versions = archive.get(name) ?? new Set();
    if (ofTheMachine.test(one.name)) leftOut.push(one.name);
    else if (versions.has(one.version)) exact.push(`${name}=${one.version}`);
    else if (versions.size > 0) {
      // What the base has in another version stays so: apt may not even find the way back.
      if (!installed.has(name)) other.push(name);
    } else if (!installed.has(name)) missing.push(one);
  }
  return { exact, other, missing, leftOut };
}

/** As dpkg-query prints it: the architecture where it is not that of the machine. */
export const nameOf = ({ name, architecture }: HostPackage, native = nativeArchitecture()): string =>
  architecture === native || architecture === 'all' ? name : `${name}:${architecture}`;

const nativeArchitecture = (): string =>
  process.arch === 'x64' ? 'amd64' : process.arch === 'ia32' ? 'i386' : process.arch;

/** Of `apt-cache madison`: `  nginx | 1.22.1-9 | http://... Packages`. */
export function readMadison(text: string): Map<string, Set<string>> {
  const versions = new Map<string, Set<string>>();
  for (const line of text.split('\n')) {
    const [name = '', version = ''] = line.split('|').map((part) => part.trim());
    if (version !== '') versions.set(name, (versions.get(name) ?? new Set()).add(version));
  }
  return versions;
}

/** Lines of `NAME\tARCHITECTURE\tVERSION\tSTATUS`: what is installed. */
export function readInstalled(text: string): Map<string, string> {
  return new Map(
    text.split('\n').flatMap((line): [string, string][] => {
      const [name = '', architecture = '', version = '', status = ''] = line.split('\t');
      return /^.i/.test(status)
        ? [[nameOf({ name, architecture, version, isManual: false, isHeld: false }), version]]
        : [];
    }),
  );
}

export const installedFormat = '${Package}\\t${Architecture}\\t${Version}\\t${db:Status-Abbrev}\\n';
