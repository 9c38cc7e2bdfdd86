export interface Item {
  id: string;
  name: string;
  cents: number;
  tags: string[];
}

export const items: Item[] = [
  { id: "assam", name: "Assam", cents: 650, tags: ["tea", "black"] },
  { id: "sencha", name: "煎茶", cents: 990, tags: ["tea", "green"] },
  { id: "kluntje", name: "Kluntje für Ostfriesentee", cents: 310, tags: ["sugar"] },
];
