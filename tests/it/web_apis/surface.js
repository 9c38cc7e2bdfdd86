// Says which of the names it is sent are there: globals, and members of interfaces.

// [LegacyUnforgeable] members are on each object, not on the prototype
const samples = { Event: () => new Event('sample') };

function valueAt(path) {
  return path.split('.').reduce((object, name) => object?.[name], globalThis);
}

function isThere(path) {
  const [, parent, name] = /^(?:(.*)\.)?([^.]+)$/.exec(path.replace('()', ''));
  const object = parent === undefined ? globalThis : valueAt(parent);
  if (object === undefined || object === null || !(name in object)) return false;
  return !path.endsWith('()') || typeof object[name] === 'function';
}

function hasMember(path, member) {
  const Interface = valueAt(path);
  if (typeof Interface !== 'function') return false;
  const plain = member.replace('static ', '').replace('()', '');
  const symbol = /^\[Symbol\.(\w+)\]$/.exec(plain);
  const key = symbol === null ? plain : Symbol[symbol[1]];
  if (member.startsWith('static ')) return key in Interface;
  return key in Interface.prototype || (path in samples && key in samples[path]());
}

export default {
  async fetch(request) {
    const { globals, interfaces } = await request.json();
    const missing = globals.filter((path) => !isThere(path));
    const named = new Set(globals.map((path) => path.replace('()', '')));
    for (const group of Object.values(interfaces)) {
      for (const [path, members] of Object.entries(group)) {
        named.add(path);
        if (!isThere(path)) missing.push(path);
        else missing.push(...members.filter((member) => !hasMember(path, member)).map((member) => `${path}: ${member}`));
      }
    }
    const others = Object.getOwnPropertyNames(globalThis).filter((name) => !named.has(name));
    return Response.json({ missing, others });
  },
};
