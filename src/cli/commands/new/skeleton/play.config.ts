import { defineConfig } from 'play';

export default defineConfig({
  // `yes`, 0644 and 2.0 without quotes mean different things in YAML 1.1 and 1.2: here they are errors.
  yaml: 'strict',
});
