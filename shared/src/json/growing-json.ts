/** JSON that is being put together from the pieces of a stream; private to who does it, so it may be changed. */
export type GrowingJson = string | number | boolean | null | GrowingJson[] | GrowingObject;
export interface GrowingObject {
  [name: string]: GrowingJson;
}

/** Whether a value is an object: neither an array nor null. */
export function isGrowingObject(value: unknown): value is GrowingObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** An own member, undefined where there is none; `constructor` and the like are not inherited. */
export function own(object: GrowingObject, name: string): GrowingJson | undefined {
  return Object.hasOwn(object, name) ? object[name] : undefined;
}

/** Sets a member; one called `__proto__` stays a member and changes no prototype. */
export function put(object: GrowingObject, name: string, value: GrowingJson): void {
  if (name === '__proto__') {
    Object.defineProperty(object, name, { value, writable: true, enumerable: true, configurable: true });
  } else {
    object[name] = value;
  }
}

/** A JSON text that is an object, else undefined. */
export function parseGrowing(text: string): GrowingObject | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isGrowingObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
