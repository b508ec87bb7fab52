/** The questions a resource of one's own most often has, for `probes` and `found.get`. */
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
