import { apt, command, defineRole, file, v } from 'play';
import { certificateFolder, certificateOf, keyOf } from './paths.ts';

/**
 * A certificate for each name. One signed by itself is made on the host, once, where there is none yet; a real one put
 * in its place is left alone. The key is made on the host and never leaves it.
 */
export const certificates = defineRole({
  name: 'certificates',
  dir: import.meta.dirname,
  vars: {
    certificate_names: v.pipe(
      v.array(v.pipe(v.string(), v.regex(/^[a-z0-9.-]+$/, 'must be a host name'))),
      v.description('Names that need a certificate, one each.'),
    ),
    certificate_also: v.optional(
      v.pipe(
        v.record(v.string(), v.array(v.pipe(v.string(), v.regex(/^[a-z0-9.-]+$/, 'must be a host name')))),
        v.description(
          'Further names a certificate is for, by its name. One signed by itself is not made again when they change.',
        ),
      ),
      {},
    ),
    certificate_days: v.optional(
      v.pipe(v.number(), v.integer(), v.minValue(1), v.description('How long a certificate of our own is good for.')),
      3650,
    ),
  },
  tasks: ({ vars }) => [
    apt({ name: 'openssl', installRecommends: false }, { name: 'install openssl' }),
    // Closed to all but root, who starts nginx: keys in it are out of reach whatever their own mode.
    file(
      { path: certificateFolder, state: 'directory', owner: 'root', group: 'root', mode: '0700' },
      { name: 'folder for certificates' },
    ),
    ...vars.certificate_names.map((name) =>
      command(
        {
          argv: [
            'openssl',
            'req',
            '-x509',
            '-sha256',
            '-nodes',
            '-newkey',
            'ec',
            '-pkeyopt',
            'ec_paramgen_curve:prime256v1',
            '-days',
            String(vars.certificate_days),
            '-subj',
            `/CN=${name}`,
            '-addext',
            `subjectAltName=${[name, ...(vars.certificate_also[name] ?? [])].map((one) => `DNS:${one}`).join(',')}`,
            // openssl gives a new key mode 0600, and writes the certificate last: what `creates` sees is whole.
            '-keyout',
            keyOf(name),
            '-out',
            certificateOf(name),
          ],
          creates: certificateOf(name),
        },
        { name: `certificate of ${name}, signed by itself` },
      ),
    ),
  ],
});
