import { copy, defineRole, secret, v, secretOf, option } from 'play';

/** Without `api_uploader` it does nothing. */
export const apiUploader = defineRole(import.meta, {
  description: "What uploads measurements to the archive, a part of the API's package.",
  vars: {
    api_uploader: v.optional(
      option.object('Where to: bucket, and the name of the access key. Absent: nothing is uploaded.', {
        bucket: v.string(),
        access_key: v.string(),
      }),
    ),
    api_collector_id: v.string(),
    api_uploader_secret_key: v.optional(option.secret('The secret half of the access key.')),
  },
  tasks: ({ vars, host }) =>
    vars.api_uploader === undefined
      ? []
      : [
          copy(
            {
              content: secret`[DEFAULT]\naccess_key = ${vars.api_uploader.access_key}\nsecret_key = ${secretOf(host, 'api_uploader_secret_key', vars.api_uploader_secret_key)}\nbucket_name = ${vars.api_uploader.bucket}\ncollector_id = ${vars.api_collector_id}\n`,
              dest: '/etc/ooni/api-uploader.conf',
              // Read by each of its runs. Closed to others: it used to be readable by all.
              owner: 'ooniapi',
              group: 'ooniapi',
              mode: '0400',
            },
            { name: 'configuration of the uploader', tags: 'conf' },
          ),
        ],
});
