import { canonicalJson, type JsonValue } from '@isartor/shared';
import type { Config } from './config.ts';
import type { ModelRoute } from './model-route-list-type.ts';
import { dialectOf } from './provider-config.ts';

/**
 * Hash of what decides an answer, stored with every entry: the providers' addresses, models and APIs (of a dated one its version) in their order, the
 * default model, the routes but for their weights and clocks, and the small model's backend, addresses, name, whom it may answer for who decides that it does and how sure it must be. No
 * secret is in it, and nothing of the code's version, so that a new release goes on serving the entries of the last.
 */
export function policyHash(config: Config, sha256Hex: (text: string) => string): string {
  const { llm, providers, smallModel, routes } = config;
  const [first] = providers;
  const alone =
    providers.length === 1 &&
    first?.model === llm.model &&
    first.apiVersion === undefined &&
    llm.dialect === dialectOf(llm.provider);
  const chain = alone
    ? []
    : [
        providers.map(({ url, model, dialect, apiVersion }) => [
          url,
          model,
          ...(dialect === 'openai' ? [] : [dialect]),
          ...(apiVersion === undefined ? [] : [{ apiVersion }]),
        ]),
      ];
  return sha256Hex(
    canonicalJson([
      1,
      [llm.provider, llm.url, llm.model, ...chain],
      smallModel.backend === 'none'
        ? null
        : [
            smallModel.backend,
            smallModel.backend === 'embedded' ? [smallModel.embedded.modelFile ?? ''] : smallModel.urls.toSorted(),
            smallModel.model ?? null,
            smallModel.replaces.toSorted(),
            smallModel.decide,
            smallModel.threshold,
            ...(smallModel.leastConfidence === 0 ? [] : [{ leastConfidence: smallModel.leastConfidence }]),
            ...(smallModel.routes.length === 0 ? [] : [JSON.stringify(smallModel.routes)]),
          ],
      ...(routes.length === 0 ? [] : [routes.map((route) => routeParts(route, providers))]),
    ]),
  );
}

function routeParts({ model, to, cache, skip }: ModelRoute, providers: Config['providers']): JsonValue {
  const targets = to.map((target) => {
    const provider = providers.find(({ name }) => name === target.provider);
    const dated = provider?.apiVersion === undefined ? [] : [{ apiVersion: provider.apiVersion }];
    return [provider?.url ?? '', provider?.dialect ?? '', target.model ?? null, ...dated];
  });
  return [model, targets, cache ?? null, skip.toSorted()];
}
