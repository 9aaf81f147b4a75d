import type { PinnedFile } from './pinned-model.ts';

const LINE_EVERY_MS = 5_000;

/** Shows how far each file is. */
export interface Progress {
  readonly tell: (file: PinnedFile, bytes: number) => void;
  readonly stop: () => void;
}

/** A bar on a terminal, elsewhere a line now and then. */
export async function progress(output: NodeJS.WriteStream): Promise<Progress> {
  return output.isTTY ? bars(output) : lines(output);
}

/** The library is loaded here alone: an image is built without it. */
async function bars(stream: NodeJS.WriteStream): Promise<Progress> {
  const { MultiBar, Presets } = await import('cli-progress');
  const format = '{bar} {percentage} % of {name}, {megabytes} MB, {eta_formatted} left';
  const all = new MultiBar({ format, stream }, Presets.shades_classic);
  const shown = new Map<string, ReturnType<typeof all.create>>();
  return {
    tell: ({ name, bytes: total }, bytes) => {
      const payload = { name, megabytes: (total / 1e6).toFixed(1) };
      const bar = shown.get(name) ?? all.create(total, 0, payload);
      shown.set(name, bar);
      bar.update(bytes, payload);
    },
    stop: () => all.stop(),
  };
}

function lines(output: NodeJS.WriteStream): Progress {
  let next = 0;
  return {
    tell: ({ name, bytes: total }, bytes) => {
      const now = performance.now();
      if (bytes < total && now < next) return;
      next = now + LINE_EVERY_MS;
      output.write(`${name}: ${(bytes / 1e6).toFixed(1)} of ${(total / 1e6).toFixed(1)} MB\n`);
    },
    stop: () => undefined,
  };
}
