/* Starts what shows the REST API: Swagger UI on /docs, ReDoc on /redoc. Both read the same description from here. */
(() => {
  const description = '/api/openapi.json';
  const swagger = document.getElementById('swagger');
  const redoc = document.getElementById('redoc');

  /* What is tried out is sent as whoever is signed in here, or with the token that was entered, which wins. */
  function prepare(request) {
    const { csrf } = swagger.dataset;
    const hasToken = Object.keys(request.headers || {}).some((name) => name.toLowerCase() === 'authorization');
    if (csrf && !hasToken) request.headers = { ...request.headers, 'X-CSRF-Token': csrf };
    return request;
  }

  /* The session's cookie is there already, and no script can set it: only the token is left to be entered. */
  function withoutCookie(api) {
    delete api.components.securitySchemes.cookie;
    for (const operations of Object.values(api.paths)) {
      for (const operation of Object.values(operations)) {
        operation.security = (operation.security || []).filter((scheme) => !('cookie' in scheme));
      }
    }
    return api;
  }

  async function showSwagger() {
    const answer = await fetch(description);
    window.SwaggerUIBundle({
      domNode: swagger,
      spec: withoutCookie(await answer.json()),
      deepLinking: true,
      docExpansion: 'list',
      filter: true,
      displayRequestDuration: true,
      defaultModelsExpandDepth: 0,
      validatorUrl: null,
      requestInterceptor: prepare,
    });
  }

  if (swagger) void showSwagger();
  if (redoc) {
    const fonts = 'system-ui, -apple-system, "Segoe UI", Roboto, "PingFang SC", "Microsoft YaHei", sans-serif';
    window.Redoc.init(
      description,
      { theme: { typography: { fontFamily: fonts, headings: { fontFamily: fonts } } }, hideDownloadButton: true },
      redoc,
    );
  }
})();
