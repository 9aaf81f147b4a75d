import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { grafanaJson } from './dashboard.ts';
import { DASHBOARDS } from './dashboards.ts';

// Writes the pages that Grafana reads: node infra/grafana/src/write-dashboards.ts

for (const dashboard of DASHBOARDS) {
  writeFileSync(join(import.meta.dirname, '..', 'dashboards', `${dashboard.id}.json`), grafanaJson(dashboard));
}
