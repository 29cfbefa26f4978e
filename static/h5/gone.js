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
    title: product.title,
    initial: firstLetter(product.title),
    image: product.square_picture,
    ...(product.price === null ? { whole: "", rest: "" } : priceParts(product.price)),
  };
}

start({ suggestions });
