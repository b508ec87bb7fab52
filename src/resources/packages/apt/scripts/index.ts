/** What installation scripts make of a host: their text is followed, nothing is run. */
export { followScripts, type FollowedScripts, type UnitEffects } from './follow-packages.ts';
