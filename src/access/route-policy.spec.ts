import { AdminOnly, Public, Requires, routePolicyOf, SignedIn } from './route-policy.js';

@AdminOnly()
class Controller {
  plain() {}
  @Public()
  open() {}
  @Requires('push')
  push() {}
  @Requires('delete', 'repository')
  remove() {}
}

class Forgotten {
  plain() {}
  @SignedIn()
  mine() {}
}

describe('route policy', () => {
  it("is the handler's own, else its controller's", () => {
    const { plain, open, push, remove } = Controller.prototype;
    expect([plain, open, push, remove].map((handler) => routePolicyOf(handler, Controller))).toEqual([
      { kind: 'admin' },
      { kind: 'public' },
      { kind: 'repository', action: 'push', parameter: 'name' },
      { kind: 'repository', action: 'delete', parameter: 'repository' },
    ]);
  });

  it('is missing where nobody gave one', () => {
    expect(routePolicyOf(Forgotten.prototype.plain, Forgotten)).toBeUndefined();
    expect(routePolicyOf(Forgotten.prototype.mine, Forgotten)).toEqual({ kind: 'signed-in' });
  });
});
