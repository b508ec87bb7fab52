import { definePlaybook } from 'play';
import { __identifier__ } from '../roles/__name__/index.ts';

/** The role alone, for its test. */
export default definePlaybook({ hosts: 'all', become: true, roles: [__identifier__()] });
