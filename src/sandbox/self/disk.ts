/**
 * The disk of a copy of this machine: overlays over its own file systems, in which what is private is hidden and what
 * would act is masked. What lies below is this machine as it is, so a file nobody changed in the copy follows the
 * machine's.
 */
import { existsSync, mkdirSync, renameSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { identityOf, hostnameOf, removeDisk, rootLayer, updateAddresses, type Disk } from '../host-files.ts';
import type { Network } from '../network.ts';
import { field, readJson, writeWhole, type Fleet, type Host } from '../state.ts';
import { copyOwnership, putFile, putLink, putWhiteouts, type Layer } from '../upper-layer.ts';
import { fileSystemsOf } from './file-systems.ts';
import { furnishCopy } from './furnish.ts';
import { hostKeyKinds, ownFiles, ownLinks } from './identity.ts';
import { inLayer, isBelow, outermost, realPath } from './paths.ts';
import { emptiedPlaces, findPrivatePlaces, remadeDirectories } from './private-places.ts';
import { packagesForCopy, refuseUncopyable } from './requirements.ts';
import { masksOfMachine } from './units.ts';

export interface CopyRequest {
  readonly fleet: Fleet;
  readonly host: Host;
  readonly network: Network;
  readonly onNotice: (text: string) => void;
  /** Absolute paths that are private besides. */
  readonly hide: readonly string[];
}

/** What was done to a copy: what somebody took back in it since then is not done again. */
interface CopyRecord {
  /** Mount points. */
  readonly copied: readonly string[];
  readonly hidden: readonly string[];
  readonly masked: readonly string[];
  /** When this machine's packages last changed. */
  readonly packages: number;
}

/** The disk, made if there is none; hides what this machine has got since it was made. For a host that is off. */
export async function readyCopy(request: CopyRequest): Promise<Disk> {
  const { host } = request;
  const record = readRecord(host);
  if (record === undefined) return makeCopy(request);
  if (record.packages !== packagesChanged()) {
    request.onNotice(
      `sandbox: packages of this machine have changed since ${host.name} was copied from it: \`play sandbox reset ${host.name}\` makes a new copy`,
    );
  }
  const layers = layersOf(host, record.copied);
  const { record: next, directories } = await conceal(layers, record, privateBesides(request));
  if (directories.length > 0) await furnishCopy(request.fleet, host, request.network, layers, { directories });
  saveRecord(host, next);
  return layers;
}

async function makeCopy(request: CopyRequest): Promise<Disk> {
  const { fleet, host, network, onNotice } = request;
  refuseUncopyable();
  await removeDisk(host);
  const { copied, leftOut } = fileSystemsOf([...emptiedPlaces(), fleet.root]);
  onNotice(
    `sandbox: copying this machine for ${host.name}, its keys, homes and jobs left out${leftOut.length > 0 ? `, and so are ${leftOut.join(', ')}` : ''}`,
  );
  const packages = packagesForCopy();
  if (packages.length > 0) onNotice(`sandbox: this machine lacks ${packages.join(', ')}: installed in the copy alone`);
  const layers = layersOf(host, copied, 'upper.part');
  for (const { lower, upper } of layers) {
    mkdirSync(upper, { recursive: true });
    copyOwnership(lower, upper); // becomes the host's `/`
  }
  const { record, directories } = await conceal(
    layers,
    { copied, hidden: [], masked: [], packages: packagesChanged() },
    privateBesides(request),
  );
  const own = ownFiles.filter(({ path, content }) => content !== '' || existsSync(path));
  for (const { path, content, mode } of [
    ...own,
    ...identityOf(fleet, host, network.prefix).map((file) => ({ ...file, path: `/${file.path}` })),
  ]) {
    const at = inLayer(layers, path);
    putFile(at.layer, at.path, content, mode);
  }
  for (const { path, target } of ownLinks) {
    const at = inLayer(layers, path);
    putLink(at.layer, at.path, target);
  }
  updateAddresses(fleet, host, network.prefix, layers[0].upper); // the proxy, before anything is installed
  await furnishCopy(fleet, host, network, layers, {
    directories,
    first: { packages, keyKinds: hostKeyKinds(), hostname: hostnameOf(host.name) },
  });
  saveRecord(host, record);
  renameSync(layers[0].upper, join(host.directory, 'upper')); // last: a disk is whole or not there
  return layersOf(host, copied);
}

/**
 * Takes from a copy that is up what only this run knows to be private. @param remove deletes it in the copy, for good
 */
export async function hideFromRunning(
  host: Host,
  hide: readonly string[],
  remove: (paths: readonly string[]) => Promise<void>,
): Promise<void> {
  const record = readRecord(host);
  if (record === undefined) return;
  const paths = hide.flatMap((path) => realPath(path) ?? []).filter((path) => !isHidden(record, path));
  if (paths.length === 0) return;
  await remove(paths);
  saveRecord(host, { ...record, hidden: [...record.hidden, ...paths] });
}

const isHidden = ({ hidden }: CopyRecord, path: string): boolean =>
  hidden.some((known) => path === known || isBelow(path, known));

/**
 * The directory all fleets are in, wherever it was moved, is too: it has other hosts' disks and keys, and the copy's
 * own.
 */
const privateBesides = ({ fleet, hide }: CopyRequest): string[] => [fleet.root, ...hide];

/** Hides and masks what was not before. @returns with it the directories to be made anew, empty */
async function conceal(
  layers: Disk,
  record: CopyRecord,
  hide: readonly string[],
): Promise<{ record: CopyRecord; directories: string[] }> {
  const places = await findPrivatePlaces(
    record.copied,
    hide.flatMap((path) => realPath(path) ?? []),
  );
  const isNew = (path: string): boolean => !isHidden(record, path);
  const emptied = places.emptied.filter(isNew);
  const gone = places.gone.filter(isNew);
  await putWhiteouts(
    outermost([...emptied, ...gone]).map((path) => {
      const at = inLayer(layers, path);
      return { ...at.layer, path: at.path };
    }),
  );
  const masked = masksOfMachine().filter((path) => !record.masked.includes(path));
  for (const path of masked) {
    const at = inLayer(layers, path);
    putLink(at.layer, at.path, '/dev/null');
  }
  return {
    record: { ...record, hidden: [...record.hidden, ...emptied, ...gone], masked: [...record.masked, ...masked] },
    directories: remadeDirectories(emptied),
  };
}

function layersOf(host: Host, copied: readonly string[], upper = 'upper'): Disk {
  const others = copied
    .filter((at) => at !== '/')
    .map((at, index): Layer => {
      const directory = join(host.directory, 'mounts', String(index));
      return { at, lower: at, upper: join(directory, 'upper'), work: join(directory, 'work') };
    });
  return [rootLayer(host, '/', upper), ...others];
}

const recordFile = (host: Host): string => join(host.directory, 'disk.json');

function readRecord(host: Host): CopyRecord | undefined {
  const saved = readJson(recordFile(host));
  const texts = (key: string): string[] => {
    const value = field(saved, key);
    return Array.isArray(value) ? value.map(String) : [];
  };
  const copied = texts('copied');
  if (copied.length === 0 || !existsSync(join(host.directory, 'upper'))) return undefined;
  return { copied, hidden: texts('hidden'), masked: texts('masked'), packages: Number(field(saved, 'packages')) };
}

function saveRecord(host: Host, record: CopyRecord): void {
  writeWhole(recordFile(host), JSON.stringify(record));
}

/** dpkg writes its list anew whenever something is installed or removed. */
const packagesChanged = (): number => statSync('/var/lib/dpkg/status').mtimeMs;
