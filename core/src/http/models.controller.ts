import { Controller, Get, Inject, Req, Res } from '@nestjs/common';
import { GatewayError, matchRoute } from '@isartor/shared';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { ModelCatalogue } from '../l3-cloud/model-catalogue.ts';
import { exchangeOf } from './exchange.ts';
import { sendJson } from './send-json.ts';

/** What is reachable, in the form of OpenAI's list of models. */
@Controller()
export class ModelsController {
  constructor(@Inject(ModelCatalogue) private readonly catalogue: ModelCatalogue) {}

  @Get('v1/models')
  async list(@Res() reply: FastifyReply): Promise<void> {
    const models = await this.catalogue.models();
    sendJson(reply, 200, { object: 'list', data: [...models].map(([id, owner]) => describe(id, owner)) });
  }

  /** A local look-up: a name that is asked for never becomes a path of the provider's. */
  @Get('v1/models/*')
  async one(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const route = matchRoute('GET', exchangeOf(request).path);
    const id = route.kind === 'model' ? route.id : '';
    const owner = (await this.catalogue.models()).get(id);
    if (owner === undefined) {
      throw new GatewayError('model_not_found', `The model '${id.slice(0, 128)}' is not reachable here.`, {
        param: 'model',
      });
    }
    sendJson(reply, 200, describe(id, owner));
  }
}

function describe(id: string, owner: string) {
  return { id, object: 'model', created: 0, owned_by: owner };
}
