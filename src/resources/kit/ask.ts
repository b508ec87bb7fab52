/** The questions that resources of your own are most likely to ask, for `probes` and `found.get`. */
export {
  content,
  fact,
  group,
  largeContent,
  linkTarget,
  realPath,
  self,
  sha256,
  stat,
  unit,
  user,
} from '../../probes/index.ts';
