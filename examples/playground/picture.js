// Draws a picture: a spiral as SVG.

export default {
  fetch() {
    const points = Array.from({ length: 240 }, (_, step) => {
      const angle = step / 8;
      const radius = 4 + step / 2.6;
      return `${(100 + radius * Math.cos(angle)).toFixed(1)},${(100 + radius * Math.sin(angle)).toFixed(1)}`;
    });
    const picture = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 200 200" width="320">
  <rect width="200" height="200" fill="#14161a"/>
  <polyline points="${points.join(" ")}" fill="none" stroke="#ff8a2a" stroke-width="2"/>
</svg>`;
    return new Response(picture, { headers: { "content-type": "image/svg+xml" } });
  },
};
