/** An address as it may be shown: without name and password. */
export function visibleUrl(url: string): string {
  return url.replace(/^(https?:\/\/)[^/@]*@/, '$1');
}
