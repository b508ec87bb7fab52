/**
 * In files that types are the subject of: play has tsc look at playbooks, as it does for everybody. To be called before
 * the environment of a process is put together.
 */
export function withTypes(): void {
  delete process.env['PLAY_NO_TYPECHECK'];
}
