import { Unknowable, type Found } from '../../../contract/index.ts';
import { visibleUrl } from '../../../formats/url-text.ts';
import { listedDigest } from '../../files/checksum-list.ts';
import type { Checksum } from '../../files/checksum.ts';
import { whyOtherwise } from '../../files/download-ahead.ts';
import type { DownloadError, DownloadRequest } from '../../files/download.probe.ts';
import { debFetched, debHead } from '../deb-address.probe.ts';

/** A package file that is published somewhere. */
export interface WantedAddress {
  readonly request: DownloadRequest;
  /** What it must come to; undefined: anything will do. */
  readonly checksum: Checksum | undefined;
}

/** Which package it is, or why that cannot be told. @throws Unknowable */
export function publishedPackage(
  { request }: WantedAddress,
  found: Found,
): { readonly name: string; readonly version: string } | { readonly failure: string; readonly hint: string } {
  const there = found.get(debHead(request));
  if ('error' in there) return refused(request, there, found);
  if ('is' in there)
    return {
      failure: `${visibleUrl(request.url)} is not a Debian package`,
      hint: there.is === 'broken' ? there.why : 'Nothing came.',
    };
  const why = whyOtherwise(request.url, false, found);
  if (why !== undefined) found.assume(`${visibleUrl(request.url)} answers as it does now (${why})`);
  return there;
}

/** Where it lies once it was fetched and is what was promised. @throws Unknowable */
export function fetchedPackage(
  { request, checksum }: WantedAddress,
  found: Found,
): { readonly path: string } | { readonly failure: string; readonly hint: string } {
  const digest =
    checksum === undefined || 'hex' in checksum
      ? checksum
      : listedDigest(request, checksum.url, checksum.algorithm, found);
  const fetched = found.get(debFetched({ ...request, digest }));
  if ('error' in fetched) return refused(request, fetched, found);
  return digest === undefined || fetched.digest === digest.hex
    ? fetched
    : {
        failure: `${visibleUrl(request.url)} is not what it should be`,
        hint: `Its ${digest.algorithm} is ${fetched.digest}, not ${digest.hex}.`,
      };
}

function refused({ url }: DownloadRequest, { error, wasRefused }: DownloadError, found: Found) {
  const why = whyOtherwise(url, !wasRefused, found);
  if (why !== undefined)
    throw new Unknowable(`${visibleUrl(url)} may answer otherwise by then (${why}); now: ${error}`);
  return { failure: `${visibleUrl(url)} cannot be fetched`, hint: error };
}
