// `node --import play/register --test`: Node's own test runner with tests in TypeScript. Newer Nodes take the types away
// themselves and only have to hear that a `.ts` file is a module, whatever the nearest package.json says; for Node 20 esbuild
// does it.
import module from 'node:module';

if (process.features.typescript && module.registerHooks) {
  module.registerHooks({
    resolve(name, context, next) {
      const found = next(name, context);
      return isTypeScript(found.url) ? { ...found, format: 'module-typescript' } : found;
    },
  });
} else {
  process.setSourceMapsEnabled(true);
  module.register('./typescript-hooks.mjs', import.meta.url);
}

function isTypeScript(url) {
  return url.startsWith('file:') && url.endsWith('.ts') && !url.includes('/node_modules/');
}
