/** Where the host's certificate of our own authority is, for those who use it. */
const folder = '/etc/ssl/ooni-internal';
export const internal = {
  folder,
  key: `${folder}/host.key`,
  request: `${folder}/host.csr`,
  certificate: `${folder}/host.crt`,
  authority: `${folder}/authority.crt`,
} as const;
