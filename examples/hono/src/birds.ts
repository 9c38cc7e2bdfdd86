export interface Bird {
  id: string;
  name: string;
  latin: string;
  grams: number;
  habitat: string[];
}

export const birds: Bird[] = [
  { id: "wren", name: "Wren", latin: "Troglodytes troglodytes", grams: 9, habitat: ["hedge", "wood"] },
  { id: "kingfisher", name: "Kingfisher", latin: "Alcedo atthis", grams: 40, habitat: ["river"] },
  { id: "jay", name: "Jay", latin: "Garrulus glandarius", grams: 170, habitat: ["wood"] },
  { id: "gruenspecht", name: "Grünspecht <Green Woodpecker>", latin: "Picus viridis", grams: 190, habitat: ["wood", "meadow"] },
  { id: "shirofukurou", name: "シロフクロウ 🦉", latin: "Bubo scandiacus", grams: 1800, habitat: ["tundra"] },
];

export function find(id: string): Bird | undefined {
  return birds.find((bird) => bird.id === id);
}
