import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ROOT } from '../../local/src/stack/paths.ts';

const DEADLINE_MS = 20_000;

/** An image whose program is on this machine, and so can be run without a container. */
export interface LocalImage {
  readonly named: RegExp;
  /** Its entrypoint and environment, where the container says none. */
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Its arguments as they must read here; absent: as they are. */
  readonly args?: (args: readonly string[], address: string) => readonly string[];
  /** A mounted file as it must read where all pods share one network; `address` is the pod's. */
  readonly file: (text: string, address: string) => string;
  /** Folder of programs that must know the pod's address; made below `folder`. */
  readonly programs: (folder: string, address: string) => string;
}

const IMAGES: readonly LocalImage[] = [
  {
    // The built core (`npm run build`), started as infra/docker/Dockerfile starts it.
    named: /\/isartor(:|@|$)/,
    command: [process.execPath, '--enable-source-maps', join(ROOT, 'core', 'dist', 'main.js')],
    env: { NODE_ENV: 'production', MALLOC_MMAP_THRESHOLD_: '131072', MALLOC_TRIM_THRESHOLD_: '131072' },
    file: (text) => text,
    programs: () => dirname(process.execPath),
  },
  {
    named: /^redis:8/,
    command: ['redis-server'],
    env: {},
    file: (text, address) => text.replace(/^bind .*$/m, `bind ${address}`),
    programs: redisPrograms,
  },
  {
    named: /^vllm\/vllm-openai(:|@|$)/,
    command: [process.execPath, '--conditions=isartor-source', join(import.meta.dirname, 'vllm.ts')],
    env: {},
    args: (args, address) => args.map((arg) => (arg === '0.0.0.0' ? address : arg)),
    file: (text) => text,
    programs: () => dirname(process.execPath),
  },
];

/** The image as it runs here; undefined for one that does not: its pods are only said to run. */
export function localImage(image: string): LocalImage | undefined {
  return IMAGES.find(({ named }) => named.test(image));
}

/** Redis 8, with a redis-cli whose own host is the pod. */
function redisPrograms(folder: string, address: string): string {
  const script = join(ROOT, 'infra', 'local', 'redis.sh');
  const found = execFileSync('bash', [script, '--cached'], { encoding: 'utf8', timeout: DEADLINE_MS });
  const real = dirname(found.trim());
  const own = join(folder, 'bin');
  mkdirSync(own, { recursive: true });
  const client = join(import.meta.dirname, 'redis-cli.ts');
  const text = `#!/bin/sh\nexec ${process.execPath} ${client} ${address} "$@"\n`;
  writeFileSync(join(own, 'redis-cli'), text, { mode: 0o755 });
  return `${own}:${real}`;
}
