// By path, since infra depends on the core and not the other way.
export { freePort } from '../../../infra/local/src/testing/free-port.ts';
