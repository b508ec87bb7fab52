import { createHash } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import * as v from 'valibot';
import { PlayError } from '../../errors/index.ts';
import { readTar } from '../../formats/archive/read-tar.ts';
import { describeImage, imageConfig, isSameImage, type ContainerImage } from './container-parts.probe.ts';

export interface ImageArchive {
  readonly bytes: Buffer;
  readonly image: ContainerImage;
  /** Ids the engines may give it: of its configuration, or (docker with containerd's store) of its manifest. */
  readonly ids: readonly string[];
}

const manifest = v.array(v.object({ Config: v.string(), RepoTags: v.nullish(v.array(v.string())) }));
const index = v.object({ manifests: v.array(v.object({ digest: v.string() })) });
const description = v.object({ config: v.nullish(imageConfig) });

/**
 * Reads what `docker save` wrote, compressed or not: so what the image will be is known before the host has it.
 * @throws PlayError when it is no such archive, or does not hold the image
 */
export function readImageArchive(bytes: Buffer, file: string, name: string): ImageArchive {
  const files = new Map(readTar(unpacked(bytes, file), file).map((member) => [member.name, member.content]));
  const listed = files.get('manifest.json');
  if (!listed)
    throw new PlayError(`${file} is not an archive of images`, {
      where: file,
      hint: `Make one with: docker save ${name} | gzip > ${file}`,
    });
  const entries = read(manifest, listed, file);
  const entry = entries.find(({ RepoTags }) =>
    RepoTags?.some((tag) => isSameImage(tag, name) || isSameImage(name, tag)),
  );
  if (!entry) {
    const names = entries.flatMap(({ RepoTags }) => RepoTags ?? []);
    throw new PlayError(`${file} does not hold the image ${name}`, {
      where: file,
      hint: names.length > 0 ? `It holds ${names.join(', ')}.` : 'The images in it have no names: save them by name.',
    });
  }
  const config = files.get(entry.Config);
  if (!config) throw new PlayError(`${file} lacks ${entry.Config}, which its list names`, { where: file });
  const id = createHash('sha256').update(config).digest('hex');
  const oci = files.get('index.json');
  const manifests = oci ? read(index, oci, file).manifests.map(({ digest }) => digest.replace(/^sha256:/, '')) : [];
  return { bytes, image: describeImage(id, [name], read(description, config, file).config), ids: [id, ...manifests] };
}

function unpacked(bytes: Buffer, file: string): Buffer {
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes;
  try {
    return gunzipSync(bytes);
  } catch (cause) {
    throw new PlayError(`${file} cannot be unpacked`, { where: file, cause });
  }
}

function read<S extends v.GenericSchema>(schema: S, bytes: Buffer, file: string): v.InferOutput<S> {
  try {
    return v.parse(schema, JSON.parse(bytes.toString('utf8')));
  } catch (cause) {
    throw new PlayError(`${file} is not an archive of images: a list in it cannot be read`, { where: file, cause });
  }
}
