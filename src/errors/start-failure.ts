/**
 * Why a program could not be started, of what `spawnSync` gave. A program that ended before it had read all of its input
 * did start, and its exit code says how that went: for that Node gives an error (EPIPE), too.
 *
 * @example const failure = startFailure(spawnSync('xz', ['-dc'], { input }))
 */
export function startFailure({ error }: { readonly error?: Error }): Error | undefined {
  return error !== undefined && 'code' in error && error.code === 'EPIPE' ? undefined : error;
}
