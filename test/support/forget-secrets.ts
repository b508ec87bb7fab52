/** Files share a process and its modules: what one of them holds to be secret is not masked in the next. */
import { forgetSecrets } from '../../src/secrets/secret.ts';

forgetSecrets();
