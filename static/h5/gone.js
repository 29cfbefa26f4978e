// A page that is not there: show what the shop sells instead.

import { get } from "./api.js";
import { start } from "./frame.js";
import { priceParts } from "./money.js";
import { firstLetter } from "./session.js";

const suggestions = () => ({
  items: [],

  async init() {
    try {
      const { body } = await get("/products", { page_size: 6 });
      this.items = body.results.map(item);
    } catch {
      // The page says what it has to say without them.
    }
  },
});

function item(product) {
  return {
    id: product.id,
    link: `/p/${product.id}`,
    title: product.name ?? product.title,
    initial: firstLetter(product.name ?? product.title),
    image: product.picture ?? product.image ?? "",
    ...priceParts(product.price),
  };
}

start({ suggestions });
