/** The `Link` of every answer of the API (RFC 8631): where it is described. */
export const serviceDescription = '</api/openapi.json>; rel="service-desc"; type="application/vnd.oai.openapi+json"';
