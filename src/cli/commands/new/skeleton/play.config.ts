import { defineConfig } from 'play';

export default defineConfig({
  // `yes`, 0644 and 2.0 without quotes are different things to YAML 1.1 and 1.2: here they are errors.
  yaml: 'strict',
});
