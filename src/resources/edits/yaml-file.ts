import { editYaml } from '../../formats/yaml-edit.ts';
import { defineResource } from '../../playbook/index.ts';
import { editQuestions, planEdit } from '../kit/text-file.ts';
import { dataOptions, prepareData, refuseData, titleOf } from './data-file.ts';

/** A value in a YAML file. */
export const yamlFile = defineResource({
  name: 'yamlFile',
  summary:
    'Sets or removes a value in a YAML file. Comments, order, indentation, quotes and all other values stay as they are.',
  options: dataOptions,
  example: `yamlFile({ path: '/etc/netdata/go.d.conf', key: 'modules.nginx', value: true })
yamlFile({ path: '/etc/app/config.yml', key: 'server', value: { host: '0.0.0.0', port: 8080 }, merge: true, mode: '0640' })
yamlFile({ path: '/etc/app/config.yml', key: 'admins', value: 'alice', append: true })`,
  validateOptions: refuseData,
  title: titleOf,
  prepare: prepareData,
  probes: ({ file }) => editQuestions(file.path),
  plan: ({ edit, file }, found) => planEdit(file, found, edit, editYaml),
});
