import { spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort, startChild } from '../child.ts';
import type { Contestant } from '../contest.ts';
import type { Bench } from '../group.ts';
import { CHAT, CREDENTIAL, untilOk } from './core.ts';

/** nginx as a bare `proxy_pass`, one worker, unbuffered; undefined where it is not installed. */
export async function startNginx(bench: Bench): Promise<Contestant | undefined> {
  if (spawnSync('nginx', ['-v']).error !== undefined) {
    bench.skip('nginx is not installed: its rows are left out');
    return undefined;
  }
  const folder = await mkdtemp(join(tmpdir(), 'isartor-bench-nginx-'));
  const port = await freePort();
  const file = join(folder, 'nginx.conf');
  await writeFile(file, configuration(folder, port, new URL(bench.upstreamUrl).host));
  const child = startChild({ name: 'nginx', command: 'nginx', args: ['-p', folder, '-c', file] });
  bench.defer(async () => {
    await child.stop();
    await rm(folder, { recursive: true, force: true });
  });
  const origin = `http://127.0.0.1:${port}`;
  await untilOk(`${origin}/healthz`);
  return { name: 'nginx', origin, path: CHAT, pid: child.pid, headers: CREDENTIAL };
}

function configuration(folder: string, port: number, upstream: string): string {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (name) => `${name}_temp_path ${join(folder, name)};`,
  );
  return `worker_processes 1;
daemon off;
pid ${join(folder, 'nginx.pid')};
error_log ${join(folder, 'error.log')} warn;
events { worker_connections 4096; }
http {
  access_log off;
  ${temporary.join('\n  ')}
  keepalive_requests 1000000;
  upstream provider { server ${upstream}; keepalive 128; keepalive_requests 1000000; }
  server {
    listen 127.0.0.1:${port};
    location / {
      proxy_pass http://provider;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_buffering off;
    }
  }
}
`;
}
