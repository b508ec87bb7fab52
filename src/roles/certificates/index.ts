import { apt, certificate, defineRole, file, option, stat, systemFiles, v, type HostView } from 'play';

/** The folder with the sites' certificates and keys. Only root, who starts web servers, gets in. */
export const certificateFolder = '/etc/ssl/sites';
/** The file with a name's certificate, followed by its authority's. */
export const certificateOf = (name: string): string => `${certificateFolder}/${name}.crt`;
/** The file with its key. */
export const keyOf = (name: string): string => `${certificateFolder}/${name}.key`;

/** The variables that say which certificates there are, for roles that make them and roles that use them. */
export const certificateVariables = {
  certificate_names: v.optional(
    option.list(
      "Names that get a certificate, one each. Default: the host's name in the inventory.",
      option.hostName('A name in the DNS.'),
    ),
  ),
  certificate_also: option.record(
    "Further names for a certificate, by the certificate's name.",
    v.array(option.hostName('A name in the DNS.')),
    {},
  ),
};

/**
 * The certificates of a host: the name of each, and all names it is for, that one first.
 *
 * @param vars the role's, with `certificateVariables` among them
 * @example const [{ name } = { name: host.name }] = certificatesOf(vars, host);
 */
export function certificatesOf(
  vars: {
    readonly certificate_names?: readonly string[] | undefined;
    readonly certificate_also: Readonly<Record<string, readonly string[]>>;
  },
  host: HostView,
): { readonly name: string; readonly names: readonly string[] }[] {
  const names = vars.certificate_names ?? [host.name];
  return names.map((name) => ({ name, names: [name, ...(vars.certificate_also[name] ?? [])] }));
}

/** Self-signed certificates, until better ones take their place. */
export const certificates = defineRole(import.meta, {
  description:
    "A key and a self-signed certificate for each name that has none. One that replaces it, such as a public authority's (role `dehydrated`), is left alone.",
  vars: {
    ...certificateVariables,
    certificate_days: option.integer('Days a self-signed certificate is valid.', 3650, v.minValue(31)),
  },
  defaults: { ...systemFiles, installRecommends: false },
  tasks: ({ vars, host }) => [
    apt({ name: 'openssl' }),
    file({ path: certificateFolder, state: 'directory', mode: '0700' }),
    ...certificatesOf(vars, host).flatMap(({ name, names }) => {
      const present = stat({ path: certificateOf(name) }, { name: `has ${name} a certificate?` });
      return [
        present,
        certificate(
          {
            path: certificateOf(name),
            privatekeyPath: keyOf(name),
            subjectAltName: names.map((one) => `DNS:${one}`),
            validFor: vars.certificate_days,
          },
          { name: `self-signed certificate of ${name}`, when: ({ results }) => !results(present).stat.exists },
        ),
      ];
    }),
  ],
});
