import { Unknowable, type Found } from '../../contract/index.ts';
import { PlayError } from '../../errors/index.ts';
import { visibleUrl } from '../../formats/url-text.ts';
import { digestFromList } from './checksum.ts';
import type { Digest } from './digest.probe.ts';
import { whyOtherwise } from './download-ahead.ts';
import { downloadText, type DownloadRequest } from './download.probe.ts';

/**
 * The digest of a file, by a list of them that is published somewhere.
 *
 * @throws PlayError where it cannot be had; Unknowable
 */
export function listedDigest(
  request: DownloadRequest,
  list: string,
  algorithm: Digest['algorithm'],
  found: Found,
): Digest {
  const { url } = request;
  const answer = found.get(downloadText(listRequest(request, list)));
  const digest = 'error' in answer ? undefined : digestFromList(answer.text, url, algorithm);
  const why = digest === undefined ? whyOtherwise(list, 'error' in answer && !answer.wasRefused, found) : undefined;
  if (why !== undefined) throw new Unknowable(`${visibleUrl(list)} may answer otherwise by then (${why})`);
  if ('error' in answer)
    throw new PlayError(`The list of checksums ${visibleUrl(list)} cannot be fetched: ${answer.error}`);
  if (digest === undefined)
    throw new PlayError(`The list of checksums ${visibleUrl(list)} has no ${algorithm} for ${visibleUrl(url)}`, {
      hint: 'The file is looked up there by the last part of its URL.',
    });
  return digest;
}

/** What lets us in at the file's own site is shown to no other. */
export function listRequest(request: DownloadRequest, url: string): DownloadRequest {
  const isSameSite = new URL(url).origin === new URL(request.url).origin;
  return {
    ...request,
    url,
    digest: undefined,
    ...(isSameSite ? {} : { headers: [], user: undefined, isSecret: false }),
  };
}
