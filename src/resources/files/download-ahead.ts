import type { Found } from '../../contract/index.ts';
import { visibleUrl } from '../../formats/url-text.ts';
import { fact } from '../../probes/index.ts';
import { isOwnHost } from '../kit/own-host.ts';
import { downloadAhead, type DownloadAnswer, type DownloadRequest } from './download.probe.ts';

/** Check mode: what comes of a download that is due, why that cannot be known before, or why it will fail. */
export type Foreseen =
  | { readonly came: Exclude<DownloadAnswer, { readonly error: string }>; readonly assumed: string | undefined }
  | { readonly may: string }
  | { readonly failure: string };

/**
 * Fetches what a task is to download into a scratch folder of the host, and throws it away: what is not there, or is
 * not what was promised, is found before the run. In a run, which does download it, undefined.
 */
export function foreseeDownload(request: DownloadRequest, found: Found): Foreseen | undefined {
  const { forecast } = found;
  if (forecast === undefined) return undefined;
  const answer = found.get(downloadAhead(request));
  const { digest, url } = request;
  if ('error' in answer || (digest !== undefined && answer.digest !== digest.hex)) {
    const wrong = 'error' in answer ? answer.error : `its ${digest?.algorithm} is ${answer.digest}, not ${digest?.hex}`;
    const why = whyOtherwise(url, 'error' in answer && !answer.wasRefused, found);
    return why === undefined
      ? { failure: wrong }
      : { may: `${visibleUrl(url)} may answer otherwise by then (${why}); now: ${wrong}` };
  }
  const why = forecast.changedBefore;
  return {
    came: answer,
    assumed: why !== undefined && isOwn(url, found) ? `${visibleUrl(url)} answers as it does now (${why})` : undefined,
  };
}

/**
 * Check mode: why an address may answer otherwise once what is planned before is done. `isMute`: there is no server
 * that says no.
 */
export function whyOtherwise(url: string, isMute: boolean, found: Found): string | undefined {
  const { forecast } = found;
  if (forecast?.changedBefore === undefined) return undefined;
  const leadsElsewhere = (): boolean =>
    found
      .plannedBelow('/etc')
      .some(({ path }) => ['/etc/hosts', '/etc/resolv.conf', '/etc/nsswitch.conf'].includes(path));
  // Any file may be what a server of this host gives out; but none makes one answer.
  if (isOwn(url, found) ? !isMute : leadsElsewhere()) return forecast.changedBefore;
  return isMute ? forecast.beyondFiles : undefined;
}

/** Whether the host asks itself. */
function isOwn(url: string, found: Found): boolean {
  const name = new URL(url).hostname.replace(/^\[(.*)\]$/, '$1');
  if (isOwnHost(name)) return true;
  found.need(fact('hostname'), fact('ipv4Addresses'));
  const hostname = found.get(fact('hostname'));
  return name === hostname || name.startsWith(`${hostname}.`) || found.get(fact('ipv4Addresses')).includes(name);
}
