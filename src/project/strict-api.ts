import { unknownName } from '../errors/index.ts';
import { callSite, placeOf } from '../playbook/index.ts';

/** Names that loaders and promises ask any module for. */
const asked = new Set(['__esModule', 'default', 'then', 'module.exports']);

/**
 * The API as playbooks see it where no type check stood before: a name it does not have is an error with the nearest
 * one, and not `undefined is not a function`.
 */
export function strictApi<T extends object>(api: T): T {
  const get = (target: T, name: string | symbol): unknown => {
    if (typeof name === 'string' && !(name in target) && !asked.has(name)) {
      throw unknownName('name in play', name, Object.keys(target), placeOf({ at: callSite(get)() }));
    }
    return Reflect.get(target, name);
  };
  return new Proxy(api, { get });
}
