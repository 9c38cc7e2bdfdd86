// SQL that is put together, and never sent anywhere.
import { DummyDriver, Kysely, PostgresAdapter, PostgresIntrospector, PostgresQueryCompiler, sql, SqliteAdapter, SqliteIntrospector, SqliteQueryCompiler, type CompiledQuery, type Generated } from 'kysely';

interface Tables {
  bird: { id: Generated<number>; name: string; grams: number | null; habitat_id: number; seen: Date };
  habitat: { id: Generated<number>; name: string; area: number };
}

const postgres = new Kysely<Tables>({
  dialect: { createAdapter: () => new PostgresAdapter(), createDriver: () => new DummyDriver(), createIntrospector: (db) => new PostgresIntrospector(db), createQueryCompiler: () => new PostgresQueryCompiler() },
});
const sqlite = new Kysely<Tables>({
  dialect: { createAdapter: () => new SqliteAdapter(), createDriver: () => new DummyDriver(), createIntrospector: (db) => new SqliteIntrospector(db), createQueryCompiler: () => new SqliteQueryCompiler() },
});

const queries: Record<string, (db: Kysely<Tables>, text: string) => { compile(): CompiledQuery }> = {
  select: (db, text) => db.selectFrom('bird').selectAll().where('name', '=', text).orderBy('id', 'desc').limit(10).offset(5),
  join: (db) => db.selectFrom('bird as b').innerJoin('habitat as h', 'h.id', 'b.habitat_id').leftJoin('bird as other', (join) => join.onRef('other.habitat_id', '=', 'h.id').on('other.grams', '>', 5)).select(['b.name', 'h.name as habitat', sql<number>`h.area * ${2}`.as('double')]),
  or: (db, text) => db.selectFrom('bird').select('id').where((eb) => eb.or([eb('name', 'like', `%${text}%`), eb.and([eb('grams', 'is', null), eb('habitat_id', 'in', [1, 2, 3])]), eb.not(eb.exists(eb.selectFrom('habitat').select('habitat.id').whereRef('habitat.id', '=', 'bird.habitat_id')))])),
  group: (db) => db.selectFrom('bird').select(({ fn }) => ['habitat_id', fn.count<number>('id').distinct().as('n'), fn.avg('grams').as('mean')]).groupBy('habitat_id').having(({ fn }) => fn.count('id'), '>', 3),
  insert: (db, text) => db.insertInto('bird').values([{ name: text, grams: 5, habitat_id: 1, seen: new Date(0) }, { name: 'wren', grams: null, habitat_id: 2, seen: new Date(1e12) }]).onConflict((conflict) => conflict.column('name').doUpdateSet({ grams: 7 })).returning('id'),
  update: (db, text) => db.updateTable('bird').set((eb) => ({ grams: eb('grams', '+', 1), name: text })).where('id', '=', 1),
  delete: (db) => db.deleteFrom('bird').where('seen', '<', new Date(0)).returningAll(),
  with: (db) => db.with('heavy', (q) => q.selectFrom('bird').where('grams', '>', 100).select(['id', 'name'])).selectFrom('heavy').selectAll(),
  case: (db) => db.selectFrom('bird').select((eb) => eb.case().when('grams', '>', 100).then('heavy').when('grams', 'is', null).then('?').else('light').end().as('weight')),
  union: (db) => db.selectFrom('bird').select('name').union(db.selectFrom('habitat').select('name')).orderBy('name'),
  raw: (db, text) => db.selectFrom('bird').select(sql<string>`upper(${sql.ref('name')}) || ${text}`.as('x')).where(sql<boolean>`${sql.id('bird', 'id')} = any(${sql.join([1, 2])})`),
  create: (db) => db.schema.createTable('bird').ifNotExists().addColumn('id', 'serial', (column) => column.primaryKey()).addColumn('name', 'varchar(20)', (column) => column.notNull().unique()).addColumn('seen', 'timestamp', (column) => column.defaultTo(sql`now()`)).addForeignKeyConstraint('fk', ['habitat_id' as never], 'habitat', ['id']),
  index: (db) => db.schema.createIndex('by_name').on('bird').columns(['name', 'grams desc']).unique(),
};

export default {
  async fetch(request: Request): Promise<Response> {
    const { pathname, searchParams } = new URL(request.url);
    const [, dialect, name] = pathname.split('/');
    const db = dialect === 'sqlite' ? sqlite : postgres;
    const text = searchParams.get('text') ?? "Robert'); DROP TABLE birds;--";
    if (name === 'execute') return Response.json(await db.selectFrom('bird').selectAll().execute());
    const { sql: statement, parameters, query } = queries[name]!(db, text).compile();
    return Response.json({ statement, parameters, kind: query.kind });
  },
};
