import { hostname } from 'node:os';
import { detectResources, envDetector, resourceFromAttributes, type Resource } from '@opentelemetry/resources';
import { SERVICE_INSTANCE_ID, SERVICE_NAME, SERVICE_NAMESPACE } from '../semantic-names.ts';

/** Who sends: `OTEL_RESOURCE_ATTRIBUTES` and `OTEL_SERVICE_NAME` add to it and win. */
export function resource(): Resource {
  return resourceFromAttributes({
    [SERVICE_NAME]: 'isartor-core',
    [SERVICE_NAMESPACE]: 'isartor',
    [SERVICE_INSTANCE_ID]: hostname(),
  }).merge(detectResources({ detectors: [envDetector] }));
}
