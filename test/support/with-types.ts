/** Imported by files that types are the subject of: play has tsc look at playbooks there, as it does for everybody. */
delete process.env['PLAY_NO_TYPECHECK'];
