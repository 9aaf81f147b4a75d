/** The one Node API that the Worker uses; `@types/node` would declare a whole second runtime beside workerd's. */
declare module 'node:crypto' {
  interface Hash {
    update(text: string, encoding: 'utf8'): Hash;
    digest(encoding: 'hex'): string;
  }
  export function createHash(algorithm: 'sha256'): Hash;
}
