import { Body, Controller, Delete, Get, HttpCode, Post, Query, Req, UseInterceptors } from '@nestjs/common';
import { isController, nestRoutesOf } from './nest-routes.js';

class ShipBody {}
class ShipQuery {}
class Signal {}

@Controller(['ships', 'boats'])
class ShipsController {
  @Get([':name/deck', 'all/*path'])
  @UseInterceptors(Signal)
  show(@Req() _request: object, @Query() _query: ShipQuery): void {}

  @Post()
  launch(@Body() _body: ShipBody, @Query('dry') _dry: string): void {}

  @Delete('/sunk\\:all/')
  @HttpCode(204)
  clear(): void {}

  helper(): void {}
}

describe('when one of these fails, Nest keeps its routes elsewhere than before, and nest-routes.ts has to follow', () => {
  const routes = nestRoutesOf(ShipsController);
  const of = (handler: string) => routes.filter((route) => route.handler === handler);

  test('a controller is told from other classes', () => {
    expect([ShipsController, ShipBody, {}, undefined].map(isController)).toEqual([true, false, false, false]);
  });

  test('method and every path, as OpenAPI writes it', () => {
    expect(routes.map(({ handler, method, path }) => `${handler}: ${method} ${path}`).sort()).toEqual([
      'clear: DELETE /boats/sunk:all',
      'clear: DELETE /ships/sunk:all',
      'launch: POST /boats',
      'launch: POST /ships',
      'show: GET /boats/all/{path}',
      'show: GET /boats/{name}/deck',
      'show: GET /ships/all/{path}',
      'show: GET /ships/{name}/deck',
    ]);
  });

  test('the status of an answer, stated or not', () => {
    expect(['show', 'launch', 'clear'].map((handler) => of(handler)[0]?.status)).toEqual([200, 201, 204]);
  });

  test('the class of the body and of the query, wherever they stand', () => {
    expect(of('show')[0]).toMatchObject({ body: undefined, query: ShipQuery });
    expect(of('launch')[0]).toMatchObject({ body: ShipBody });
    expect(of('clear')[0]).toMatchObject({ body: undefined, query: undefined });
  });

  test('interceptors, and the method itself', () => {
    expect(of('show')[0]?.interceptors).toEqual([Signal]);
    expect(of('launch')[0]?.interceptors).toEqual([]);
    expect(of('launch')[0]?.target).toBe(ShipsController.prototype.launch);
  });
});

test('a route that lacks its path is a clear fault, not a route fewer', () => {
  class HalfController {
    @Get('one')
    one(): void {}
  }
  expect(() => nestRoutesOf(HalfController)).toThrow(/Nest does not keep "path" of HalfController\.one .*nest-routes/);
});
