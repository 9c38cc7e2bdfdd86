// Never comes to an end by itself: it is stopped when its fuel is used up, and the answer says in which function.

export default {
  fetch() {
    return new Response(`${spin()}`);
  },
};

function spin() {
  let turns = 0;
  for (;;) turns += step(turns);
}

function step(turn) {
  return turn % 2 === 0 ? 1 : 3;
}
