/**
 * `deployer`: takes packages through the stages of a deployer.ini. Its place is beside `cli/`, from which it takes
 * options, hosts and passwords; how it reaches hosts, installs and reports is play's own. Imports cli and all below.
 */
export { runDeployer } from './run.ts';
