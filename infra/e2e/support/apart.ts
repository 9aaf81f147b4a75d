import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../../local/src/testing/free-port.ts';

/**
 * Settings of a stack that runs beside another one: ports and a state folder of its own. The default ports and the
 * repository's own state are for the tests that are about them.
 */
export async function apart(): Promise<NodeJS.ProcessEnv> {
  return {
    ISARTOR_STATE_DIR: mkdtempSync(join(tmpdir(), 'isartor-state-')),
    ISARTOR__HOST_PORT: `127.0.0.1:${await freePort()}`,
    ISARTOR__METRICS_PORT: '0',
    ISARTOR_EDGE_PORT: String(await freePort()),
  };
}
