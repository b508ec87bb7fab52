import { apt, command, defineRole, file, v, option, systemFiles } from 'play';
import { certificateFolder, certificateOf, keyOf } from './paths.ts';

/**
 * A certificate for each name. One signed by itself is made on the host, once, where there is none yet; a real one put
 * in its place is left alone. The key is made on the host and never leaves it.
 */
export const certificates = defineRole(import.meta, {
  vars: {
    certificate_names: option.list(
      'Names that need a certificate, one each.',
      v.pipe(v.string(), v.regex(/^[a-z0-9.-]+$/, 'must be a host name')),
    ),
    certificate_also: option.record(
      'Further names a certificate is for, by its name. One signed by itself is not made again when they change.',
      v.array(v.pipe(v.string(), v.regex(/^[a-z0-9.-]+$/, 'must be a host name'))),
      {},
    ),
    certificate_days: option.integer('How long a certificate of our own is good for.', 3650, v.minValue(1)),
  },
  defaults: { ...systemFiles, installRecommends: false },
  tasks: ({ vars }) => [
    apt({ name: 'openssl' }, { name: 'install openssl' }),
    // Closed to all but root, who starts nginx: keys in it are out of reach whatever their own mode.
    file({ path: certificateFolder, state: 'directory', mode: '0700' }, { name: 'folder for certificates' }),
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
