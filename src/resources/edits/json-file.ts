import { editJson } from '../../formats/json-edit.ts';
import { defineResource } from '../../playbook/index.ts';
import { editQuestions, planEdit } from '../kit/text-file.ts';
import { dataOptions, prepareData, refuseData, titleOf } from './data-file.ts';

/** A value in a JSON file. */
export const jsonFile = defineResource({
  name: 'jsonFile',
  summary:
    'Sets or removes a value in a JSON file, also in one with comments. Comments, order, indentation and all other values stay as they are.',
  options: dataOptions,
  example: `jsonFile({ path: '/etc/docker/daemon.json', key: 'log-opts', value: { 'max-size': '10m' }, merge: true })
jsonFile({ path: '/etc/docker/daemon.json', key: 'dns', value: '10.0.0.1', append: true })
jsonFile({ path: '/etc/app.json', key: ['hosts', 'a.example.org', 'port'], value: 8080 })`,
  validateOptions: refuseData,
  title: titleOf,
  prepare: prepareData,
  probes: ({ file }) => editQuestions(file.path),
  plan: ({ edit, file }, found) => planEdit(file, found, edit, editJson),
});
