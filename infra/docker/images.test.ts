import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ROOT } from '../local/src/stack/paths.ts';
import { WORKER_SECRETS, WORKER_VARIABLES } from '../local/src/stack/worker-environment.ts';

const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');
const listed = (text: string, pattern: RegExp): readonly string[] => {
  return [...text.matchAll(pattern)].map((match) => match[1] ?? '').toSorted();
};

describe('the self-hosted edge', () => {
  const capnp = read('infra/docker/edge/workerd.capnp');
  const names = [...WORKER_VARIABLES, ...WORKER_SECRETS].toSorted();

  it('runs the Worker with the date and the flags of its deployment', () => {
    const wrangler = read('edge/wrangler.jsonc');
    expect(/compatibilityDate = "(.+)"/.exec(capnp)?.[1]).toBe(/"compatibility_date": "(.+)"/.exec(wrangler)?.[1]);
    expect(/compatibilityFlags = (\[.+\])/.exec(capnp)?.[1]).toBe(
      /"compatibility_flags": (\[.+\])/.exec(wrangler)?.[1],
    );
  });

  it('hands over every setting that the Worker is given elsewhere, each under its own name', () => {
    expect(listed(capnp, /\(name = "([A-Z_0-9]+)", fromEnvironment = "\1"\)/g)).toEqual(names);
    expect(
      listed(read('infra/docker/edge/entrypoint.sh'), /\b((?:ISARTOR__|UPSTASH_)[A-Z_]+)\b(?=.*; do|\s)/g),
    ).toEqual(WORKER_SECRETS.toSorted());
  });

  it('knows every setting that the Worker reads', () => {
    const inSource = listed(read('edge/src/env.ts'), /'((?:ISARTOR__|UPSTASH_)[A-Z_0-9]+)'/g);
    expect(inSource.length).toBeGreaterThan(10);
    expect(inSource.filter((name) => !names.includes(name))).toEqual([]);
  });
});

describe('the core’s image', () => {
  const dockerfile = read('infra/docker/Dockerfile');

  it('has every package that it runs on, those of one workspace alone too', () => {
    const { packages } = JSON.parse(read('package-lock.json')) as { packages: Record<string, { dev?: boolean }> };
    const folders = Object.entries(packages).flatMap(([path, { dev }]) => {
      const folder = /^((?:core\/|shared\/)?node_modules)\//.exec(path)?.[1];
      return folder === undefined || dev === true ? [] : [folder];
    });
    const copied = listed(dockerfile, /^COPY --from=dependencies \/app\/(\S*node_modules) \1$/gm);
    expect(folders).toContain('node_modules');
    expect([...new Set(folders)].filter((folder) => !copied.includes(folder))).toEqual([]);
  });

  it('installs without scripts, one of which would fetch CUDA, and keeps the native libraries for Linux', () => {
    const installs = listed(dockerfile, /(npm ci .*)/g);
    expect(installs).toHaveLength(2);
    expect(installs.filter((line) => !line.includes('--ignore-scripts'))).toEqual([]);
    for (const dropped of listed(dockerfile, /\brm -rf (.*) \\/g)) expect(dropped).not.toMatch(/linux/);
    for (const arch of ['x64', 'arm64']) {
      expect(existsSync(join(ROOT, `node_modules/onnxruntime-node/bin/napi-v6/linux/${arch}`))).toBe(true);
      expect(existsSync(join(ROOT, `node_modules/usearch/prebuilds/linux-${arch}`))).toBe(true);
    }
  });

  it('has what the built core reads beside itself', () => {
    expect(dockerfile).toMatch(/^COPY --from=build \/app\/core\/models core\/models$/m);
  });

  it('gives memory back as the start script does', () => {
    const start = listed(read('core/package.json'), /(MALLOC_\w+=\d+)/g);
    expect(start.length).toBe(2);
    expect(listed(dockerfile, /(MALLOC_\w+=\d+)/g)).toEqual(start);
  });

  it.each(['infra/docker/Dockerfile', 'infra/docker/edge.Dockerfile'])('%s: no stage that runs is root', (file) => {
    const text = read(file);
    const running = text.split(/^FROM /m).filter((stage) => /^CMD /m.test(stage));
    expect(running.length).toBeGreaterThan(0);
    for (const stage of running) {
      expect(stage).toMatch(/^USER 1000:1000$/m);
      expect(stage).toMatch(/^HEALTHCHECK /m);
      expect(stage).toMatch(/org\.opencontainers\.image\.licenses="Apache-2\.0"/);
    }
  });
});
