// A schema, and what is asked of it.
import { buildSchema, graphql, GraphQLError, introspectionFromSchema, parse, print, printSchema, validate } from 'graphql';

const schema = buildSchema(`
  "A bird."
  interface Named { name: String! }
  enum Habitat { WOOD HEDGE WATER }
  type Bird implements Named { name: String! grams: Int habitat(upper: Boolean = false): String friends(first: Int = 2): [Bird!]! fails: String! }
  type Feather implements Named { name: String! length: Float }
  union Thing = Bird | Feather
  input NewBird { name: String! grams: Int = 10 habitat: Habitat! }
  type Query { bird(name: String!): Bird birds(habitat: [Habitat!]): [Bird!]! things: [Thing!]! }
  type Mutation { add(bird: NewBird!): Bird! }
`);

const birds = ['wren', 'jay', 'coot'].map((name, index) => ({
  __typename: 'Bird', name, grams: 9 + index * 80, at: ['HEDGE', 'WOOD', 'WATER'][index],
  habitat({ upper }) { return upper ? this.at : this.at.toLowerCase(); },
  friends: async ({ first }) => birds.filter((bird) => bird.name !== name).slice(0, first),
  fails() { throw new GraphQLError(`${name} fails`, { extensions: { code: 'FAILS' } }); },
}));
const rootValue = {
  bird: ({ name }) => birds.find((bird) => bird.name === name),
  birds: ({ habitat }) => birds.filter((bird) => habitat === undefined || habitat.includes(bird.at)),
  things: async () => [birds[0], { __typename: 'Feather', name: 'blue', length: 4.5 }],
  add: ({ bird }) => ({ ...bird, at: bird.habitat, habitat() { return this.at; }, friends: [], fails: null }),
};

export default {
  async fetch(request) {
    const { pathname } = new URL(request.url);
    if (pathname === '/schema') return new Response(printSchema(schema));
    if (pathname === '/introspection') return Response.json(introspectionFromSchema(schema));
    const { query, variables, operationName } = await request.json();
    if (pathname === '/print') return new Response(print(parse(query)));
    if (pathname === '/validate') return Response.json(validate(schema, parse(query)));
    return Response.json(await graphql({ schema, source: query, rootValue, variableValues: variables, operationName }));
  },
};
