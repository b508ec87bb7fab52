/**
 * `deployer`: takes packages through the stages of a deployer.ini. A tool on play: it stands on `runner/`, as one in a
 * repository of its own would on `play/runner`, and reads play's own flags by `options/`.
 */
export { runDeployer } from './run.ts';
